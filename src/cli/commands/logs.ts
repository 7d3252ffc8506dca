import { setTimeout as sleep } from 'node:timers/promises';
import { requireRun, requireRunNow } from '../../jobs/index.js';
import { isFinalStatus, runPaths } from '../../logger/index.js';
import { readChunks } from '../../reader/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { oneRunWord } from './one-run.js';
import { storeOf } from './store-option.js';

const pollMilliseconds = 200;
const engineMilliseconds = 5000;

/** `mlx logs ID`: log.stdout to stdout and log.stderr to stderr, byte for byte; with `--follow` until the run has ended. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const id = oneRunWord(parsed, 'logs');
  const store = await storeOf(parsed, io);
  const { directory } = requireRun(store, id, io.cwd);
  const both = parsed.has('stdout') === parsed.has('stderr');
  const copies = [
    ...(both || parsed.has('stdout') ? [{ path: runPaths.stdout(directory), to: io.stdout, offset: 0 }] : []),
    ...(both || parsed.has('stderr') ? [{ path: runPaths.stderr(directory), to: io.stderr, offset: 0 }] : []),
  ];
  let askedAt = 0;
  // Its own records tell most; an engine is asked now and then.
  const statusNow = async () => {
    const ask = Date.now() - askedAt > engineMilliseconds;
    if (ask) askedAt = Date.now();
    return (ask ? await requireRunNow(store, id, io.cwd) : requireRun(store, id, io.cwd)).status;
  };
  for (;;) {
    // The end is looked up first, so that what was written before it is copied after it.
    const { status } = await statusNow();
    const ended = isFinalStatus(status) || status === 'LOST';
    for (const copy of copies) copy.offset = await copyFrom(copy.path, copy.offset, copy.to);
    if (ended || !parsed.has('follow')) return 0;
    await sleep(pollMilliseconds);
  }
}

/** Copies what a file holds from an offset on; gives the offset after it. */
async function copyFrom(path: string, offset: number, to: NodeJS.WriteStream): Promise<number> {
  let at = offset;
  for (const chunk of readChunks(path, offset)) {
    at += chunk.length;
    await new Promise((resolve) => to.write(chunk, resolve));
  }
  return at;
}

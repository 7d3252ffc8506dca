import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '../../../core/text.js';
import { fail } from '../../../failures/index.js';
import { LogFollower, offsetOfTail, readChunks } from '../../../results/index.js';
import { EngineAsker, requireRun, requireRunNow, selectRuns } from '../../../runs/index.js';
import { isOver, type Run, readRun, runPaths, storePaths } from '../../../store/index.js';
import type { Io, ParsedArgs } from '../../grammar/command.js';
import { storeOf } from '../../options/store-option.js';

const pollMilliseconds = 200;
const engineMilliseconds = 5000;

/**
 * `mlx logs RUNS`: of one run log.stdout to stdout and log.stderr to stderr, byte for byte; of several their lines, each with its run in
 * front. With `--follow` until they have ended, with `--tail N` from their last lines on.
 */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const [word] = parsed.positionals;
  if (word === undefined) return fail({ reason: 'missing-argument', argument: 'RUNS', command: 'logs' });
  const store = await storeOf(parsed, io);
  if (parsed.positionals.length === 1 && /^\d+$/.test(word)) return logsOfOne(store, word, parsed, io);
  const selected = await selectRuns(store, parsed.positionals, io.cwd);
  const [only, second] = selected;
  if (only && !second) return logsOfOne(store, String(only.id), parsed, io);
  return logsOfMany(
    store,
    selected.map(({ id }) => id),
    parsed,
    io,
  );
}

const wholeRun = (run: Run | undefined) => (run?.kind === 'run' ? run : undefined);

async function logsOfOne(store: string, id: string, parsed: ParsedArgs, io: Io): Promise<number> {
  const { directory } = requireRun(store, id, io.cwd);
  const { stdout, stderr } = streamsOf(parsed);
  const tail = parsed.number('tail');
  const copyOf = (path: string, to: NodeJS.WriteStream) => ({
    path,
    to,
    offset: tail === undefined ? 0 : offsetOfTail(path, tail),
  });
  const copies = [
    ...(stdout ? [copyOf(runPaths.stdout(directory), io.stdout)] : []),
    ...(stderr ? [copyOf(runPaths.stderr(directory), io.stderr)] : []),
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
    const ended = isOver((await statusNow()).status);
    for (const copy of copies) copy.offset = await copyFrom(copy.path, copy.offset, copy.to);
    if (ended || !parsed.has('follow')) return 0;
    await sleep(pollMilliseconds);
  }
}

function streamsOf(parsed: ParsedArgs): { readonly stdout: boolean; readonly stderr: boolean } {
  const both = parsed.has('stdout') === parsed.has('stderr');
  return { stdout: both || parsed.has('stdout'), stderr: both || parsed.has('stderr') };
}

/** Lines of several runs as they come, `[5] ` in front of each. */
async function logsOfMany(store: string, ids: readonly number[], parsed: ParsedArgs, io: Io): Promise<number> {
  const streams = streamsOf(parsed);
  const lines = parsed.number('tail') ?? 'all';
  const open = new Map(ids.map((id) => [id, new LogFollower(storePaths.run(store, id), lines)]));
  const width = String(Math.max(0, ...ids)).length;
  let askedAt = 0;
  let view = new EngineAsker(store);
  while (open.size > 0) {
    if (Date.now() - askedAt > engineMilliseconds) {
      askedAt = Date.now();
      view = new EngineAsker(store);
      await view.ask([...open.keys()].flatMap((id) => wholeRun(readRun(store, id)) ?? []));
    }
    const now = new Map([...open.keys()].map((id) => [id, wholeRun(readRun(store, id, view.answers))?.status.status]));
    for (const [id, follower] of open) {
      const ended = isOver(now.get(id) ?? 'LOST');
      const { stdout, stderr } = follower.read(ended || !parsed.has('follow'));
      const write = (lines: readonly string[], to: NodeJS.WriteStream) => {
        for (const line of lines) to.write(`[${String(id).padStart(width)}] ${printable(line)}\n`);
      };
      if (streams.stdout) write(stdout, io.stdout);
      if (streams.stderr) write(stderr, io.stderr);
      if (ended || !parsed.has('follow')) open.delete(id);
    }
    if (open.size > 0) await sleep(pollMilliseconds);
  }
  return 0;
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

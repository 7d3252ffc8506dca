import { statSync } from 'node:fs';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { ParsedArgs } from '../../../arguments/index.js';
import { ifPresent } from '../../../core/errno.js';
import { printable } from '../../../core/text.js';
import { fail } from '../../../failures/index.js';
import { LogFollower, type LogLine, offsetOfTail, readChunks } from '../../../results/index.js';
import { requireRun, requireRunNow, selectRuns } from '../../../runs/index.js';
import { isOver, type Run, readRun, runPaths, storePaths } from '../../../store/index.js';
import { EngineAsker } from '../../../tracking/index.js';
import type { Io } from '../../grammar/command.js';
import { storeOf } from '../../selecting/store.js';
import type { LogsOptions } from './spec.js';

const pollMilliseconds = 200;
const engineMilliseconds = 5000;

/**
 * `mlx logs RUNS`: prints log.stdout of one run to stdout and log.stderr to stderr, byte for byte. Of several
 * runs it prints lines, each after its run's id. `--follow` goes on until the runs have ended; `--tail N`
 * starts with the last N lines.
 */
export async function run({ positionals, options }: ParsedArgs<LogsOptions>, io: Io): Promise<number> {
  const [word] = positionals;
  if (word === undefined) return fail({ reason: 'missing-argument', argument: 'RUNS', command: 'logs' });
  const store = await storeOf(options, io.cwd);
  if (positionals.length === 1 && /^\d+$/.test(word)) return logsOfOne(store, word, options, io);
  const selected = await selectRuns(store, positionals, io.cwd);
  const [only, second] = selected;
  if (only && !second) return logsOfOne(store, String(only.id), options, io);
  return logsOfMany(
    store,
    selected.map(({ id }) => id),
    options,
    io,
  );
}

const wholeRun = (run: Run | undefined) => (run?.kind === 'run' ? run : undefined);

async function logsOfOne(store: string, id: string, options: LogsOptions, io: Io): Promise<number> {
  const { directory } = requireRun(store, id, io.cwd);
  const { stdout, stderr } = streamsOf(options);
  const tail = options.tail;
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
  // The run's own records are enough most of the time; the engine is asked every few seconds.
  const statusNow = async () => {
    const ask = Date.now() - askedAt > engineMilliseconds;
    if (ask) askedAt = Date.now();
    return (ask ? await requireRunNow(store, id, io.cwd) : requireRun(store, id, io.cwd)).status;
  };
  for (;;) {
    // The status is read first, so that everything that a run wrote before its end is copied.
    const ended = isOver((await statusNow()).status);
    for (const copy of copies) copy.offset = await copyFrom(copy.path, copy.offset, copy.to);
    if (ended || !options.follow) return 0;
    await sleep(pollMilliseconds);
  }
}

function streamsOf(options: LogsOptions): { readonly stdout: boolean; readonly stderr: boolean } {
  const both = options.stdout === options.stderr;
  return { stdout: both || options.stdout, stderr: both || options.stderr };
}

/** Prints the lines of several runs as they come, each after `[5] `. */
async function logsOfMany(store: string, ids: readonly number[], options: LogsOptions, io: Io): Promise<number> {
  const streams = streamsOf(options);
  const lines = options.tail ?? 'all';
  const open = new Map(ids.map((id) => [id, new LogFollower(storePaths.run(store, id), lines)]));
  if (!options.follow) for (const follower of open.values()) follower.close();
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
    let isBehind = false;
    for (const [id, follower] of open) {
      const ended = isOver(now.get(id) ?? 'LOST');
      const mark = `[${String(id).padStart(width)}] `;
      const { stdout, stderr, more } = follower.read(ended || !options.follow);
      if (streams.stdout) await writeLines(io.stdout, stdout, mark);
      if (streams.stderr) await writeLines(io.stderr, stderr, mark);
      if (more) isBehind = true;
      else if (ended || !options.follow) open.delete(id);
    }
    await (isBehind ? turn() : open.size > 0 && sleep(pollMilliseconds));
  }
  return 0;
}

/** Prints lines, each after a mark. Resolves once they are written. */
async function writeLines(to: NodeJS.WriteStream, lines: readonly LogLine[], mark: string): Promise<void> {
  if (lines.length === 0) return;
  await write(to, lines.map(({ text }) => `${mark}${printable(text)}\n`).join(''));
}

/** Writes to a stream. Resolves when it is written, or can't be. */
const write = (to: NodeJS.WriteStream, data: string | Uint8Array) =>
  new Promise<void>((resolve) => to.write(data, () => resolve()));

/** Copies what a file has now from an offset on. Resolves to the offset of its end. */
async function copyFrom(path: string, offset: number, to: NodeJS.WriteStream): Promise<number> {
  let at = offset;
  for (const chunk of readChunks(path, offset, ifPresent(() => statSync(path))?.size)) {
    at += chunk.length;
    await write(to, chunk);
    await turn();
  }
  return at;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageDirectory } from '../../core/package-directory.js';
import { displayPath } from '../../core/paths.js';
import { printableLine } from '../../core/text.js';
import { type EngineTarget, type HereTarget, recordLaunch } from '../../launch/index.js';
import { type DetachedProcess, startDetached } from '../../local/index.js';
import { handOverLaunch, readLaunchOwner, readLaunchPoints, storePaths } from '../../store/index.js';
import type { Io } from '../grammar/command.js';
import { type FollowOptions, outputOf } from '../options/output.js';
import { type LaunchShape, planText } from '../output/plan-text.js';
import { coveredLine } from '../output/run-reporter.js';
import { goOnCommand, storeWords } from './go-on.js';

/** Seconds to wait for the first sign of a process in the background. */
const firstSign = 10;

/**
 * Puts a plan's launch on record and has a process in a session of its own carry it out. Prints how to follow
 * it once that has made a run. Resolves to the exit code.
 */
export async function detachPlan(
  shape: LaunchShape<HereTarget | EngineTarget>,
  options: FollowOptions & { readonly wait?: boolean },
  io: Io,
): Promise<number> {
  const { plan, target } = shape;
  const output = outputOf(options);
  if (output === 'text') io.stderr.write(`${planText(shape, io.cwd)}\n`);
  const origin = { argv: io.argv, version: io.version, environment: io.env };
  const { launch, covered } = await recordLaunch(plan, origin, target);
  if (covered > 0 && output === 'text') io.stderr.write(`${coveredLine({ type: 'covered', points: covered })}\n`);
  if (launch === undefined) return 0;
  const store = plan.settings.logger.parent_log_dir;
  const words = [
    'resume',
    `@${launch}`,
    '--store',
    store,
    ...followWords(options),
    ...(options.wait ? ['--wait'] : []),
  ];
  const log = join(storePaths.launch(store, launch), 'output.log');
  const started = await startDetached(mlxWords(words), { cwd: io.cwd, env: io.env, output: log });
  handOverLaunch(store, launch, started.process);
  const owner = readLaunchOwner(store, launch).number;
  started.begin();
  const isGoing = () => readLaunchOwner(store, launch).number > owner && readLaunchPoints(store, launch).size > 0;
  const again = await goOnCommand(launch, store, io);
  if (!(await showsItself(started, isGoing))) return reportFailure(started, log, `${again} goes on with it\n`, io);
  const where = await storeWords(store, io);
  report(
    {
      data: { event: 'detached', launch, pid: started.process.pid, output: log },
      text: `launch @${launch} goes on in the background, as process ${started.process.pid}
  mlx watch @last${where}   follows it
  mlx stop @last${where}    ends it
  ${printableLine(displayPath(log, io.cwd))}   has what it prints
`,
    },
    output,
    io,
  );
  return 0;
}

/**
 * Has a process in a session of its own do the work of `mlx execute` with these words. Resolves to the exit
 * code.
 */
export async function detachExecute(
  store: string,
  words: readonly string[],
  options: FollowOptions,
  io: Io,
): Promise<number> {
  const log = join(storePaths.internal(store), 'execute.log');
  const whole = ['execute', '--store', store, ...words, ...followWords(options)];
  const started = await startDetached(mlxWords(whole), { cwd: io.cwd, env: io.env, output: log });
  started.begin();
  const { pid } = started.process;
  const where = await storeWords(store, io);
  report(
    {
      data: { event: 'detached', pid, output: log },
      text: `mlx execute goes on in the background, as process ${pid}
  mlx watch${where}   follows its runs
  kill ${pid}   ends it, and them
  ${printableLine(displayPath(log, io.cwd))}   has what it prints
`,
    },
    outputOf(options),
    io,
  );
  return 0;
}

const mlxWords = (words: readonly string[]) => [
  process.execPath,
  join(packageDirectory(), 'dist', 'cli', 'mlx.cjs'),
  ...words,
];

/** The options of following, as they were given. */
function followWords({ quiet, json, stream, notify }: FollowOptions): string[] {
  return [
    ...(quiet ? ['--quiet'] : []),
    ...(json ? ['--json'] : []),
    ...(stream ? ['--stream'] : []),
    ...(notify === undefined ? [] : [`--notify=${notify}`]),
  ];
}

/** Waits until a process in the background shows that it does its work. */
async function showsItself({ exitCode }: DetachedProcess, isGoing: () => boolean): Promise<boolean> {
  for (const end = Date.now() + firstSign * 1000; Date.now() < end; await sleep(20)) {
    if (isGoing()) return true;
    if (exitCode() !== undefined) return isGoing();
  }
  return exitCode() === undefined;
}

/** Shows what a process in the background that ended at once has printed. Returns its exit code. */
function reportFailure({ exitCode }: DetachedProcess, log: string, last: string, io: Io): number {
  io.stderr.write(readFileSync(log, 'utf8') + last);
  return exitCode() ?? 1;
}

function report(
  { data, text }: { readonly data: object; readonly text: string },
  output: ReturnType<typeof outputOf>,
  io: Io,
): void {
  if (output === 'json') io.stdout.write(`${JSON.stringify(data)}\n`);
  else if (output === 'text') io.stderr.write(text);
}

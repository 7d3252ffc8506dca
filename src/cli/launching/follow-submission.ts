import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCommand } from '../../core/find-command.js';
import { displayPath } from '../../core/paths.js';
import { jsonText, printable, printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import { type EngineLimits, readLimits } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import {
  checkLimits,
  type EngineTarget,
  type Launch,
  type LaunchEvent,
  startEngine,
  verifyRequest,
} from '../../launch/index.js';
import { badNodes, stopRuns, watchRuns } from '../../runs/index.js';
import { readRun, runPaths } from '../../store/index.js';
import type { Io } from '../grammar/command.js';
import { type FollowOptions, followChoices, type Output, outputOf } from '../options/output.js';
import { badNodeText } from '../output/bad-node-text.js';
import { canAsk, confirm } from '../output/confirm.js';
import { type LaunchShape, planText } from '../output/plan-text.js';
import { coveredLine, eventData, submittedLine, waitingLine } from '../output/run-reporter.js';
import { type FollowStyle, followLaunch } from './follow-launch.js';
import { goOnCommand, namingStore, storeWords } from './go-on.js';
import { listenForSignals } from './signals.js';

/** The options of the commands that submit runs. */
export type SubmissionOptions = FollowOptions & {
  readonly verbose?: boolean;
  readonly wait?: boolean;
  readonly detach?: boolean;
};

/**
 * Submits a plan's runs; with `--wait` or `--notify` follows them to their ends. Resolves to the exit code.
 */
export async function submitPlan(
  shape: LaunchShape<EngineTarget>,
  options: SubmissionOptions,
  io: Io,
  lineFor?: (limits: EngineLimits) => SubmissionView['line'],
): Promise<number> {
  const { plan, target } = shape;
  const output = outputOf(options);
  requireCommands(target, io);
  const limits = await readLimits(target.engine, target.cluster);
  checkLimits(target, limits);
  await verifyRequest(target, plan.settings);
  shape.onChecked?.();
  if (options.detach) {
    const { detachPlan } = await import('./detach.js');
    return detachPlan({ ...shape, limits }, options, io);
  }
  const line = lineFor?.(limits);
  if (output === 'text' && !line) io.stderr.write(`${planText({ ...shape, limits }, io.cwd)}\n`);
  const origin = { argv: io.argv, version: io.version, environment: io.env };
  const launch = startEngine(plan, { target, limits }, origin);
  const { ids, code } = await followSubmission(
    launch,
    plan.count,
    { output, verbose: options.verbose ?? false, line },
    io,
  );
  const store = plan.settings.logger.parent_log_dir;
  if (code !== 0 || ids.length === 0 || !(options.wait || options.notify !== undefined)) return code;
  return followRuns(store, ids, followChoices(options), io);
}

/**
 * Checks that the engine's command is on PATH, before anything is written. `again` is the command to type
 * where it is. Throws `engine-missing`.
 */
export function requireCommands({ engine, engineName }: EngineTarget, io: Io, again?: string): void {
  const { command } = engine.detect;
  if (!isAbsolute(engineName) && findCommand(command, io.cwd, io.env['PATH'] ?? '') === undefined) {
    fail({ reason: 'engine-missing', engine: engine.title, command, again });
  }
}

/** Returns what can be done with runs that were submitted to a store. */
async function nextSteps(store: string, io: Io): Promise<string> {
  const words = await storeWords(store, io);
  return `mlx list @last${words} shows them, mlx watch @last${words} follows them`;
}

/** How a submission is shown. */
export interface SubmissionView {
  readonly output: Output;
  readonly verbose: boolean;
  /** The text after the count of submitted runs. */
  readonly next?: string;
  /** Returns the line about submitted runs. With it, the count is printed only if runs are missing. */
  readonly line?: ((event: Extract<LaunchEvent, { type: 'submitted' }>) => string) | undefined;
}

/** Shows a submission while it goes on. Resolves to the submitted runs and the exit code. */
export async function followSubmission(
  launch: Launch,
  total: number,
  { output, verbose, line, next }: SubmissionView,
  io: Io,
): Promise<{ readonly ids: readonly number[]; readonly launch: string; readonly code: number }> {
  const ids: number[] = [];
  let jobs = 0;
  let unmet = 0;
  let id = '';
  let store = '';
  let expected = total;
  let atLimit = false;
  const signals = listenForSignals(() => launch.stop('interrupted'));
  const show = async (event: LaunchEvent) => {
    if (event.type === 'launched') {
      id = event.launch;
      store = event.store;
    }
    if (event.type === 'counted') expected = event.total;
    if (event.type === 'submitted') {
      // Runs of the local queue are reported many at a time.
      jobs += event.engine === 'local' ? event.runs.length : 1;
      ids.push(...event.runs.map((run) => run.id));
    }
    if (output === 'json') io.stdout.write(`${jsonText(eventData(event))}\n`);
    else if (event.type === 'submitted' && output === 'text') {
      if (verbose)
        for (const { directory } of event.runs)
          io.stdout.write(`${printable(readFileSync(runPaths.script(directory), 'utf8'))}\n`);
      io.stdout.write(`${line ? line(event) : submittedLine(event, io.cwd)}\n`);
    } else if (event.type === 'ended') {
      unmet++;
      io.stderr.write(`failed   ${event.run.id}  ${printableLine(event.status.reason ?? '')}\n`);
    } else if (event.type === 'covered') io.stderr.write(`${coveredLine(event)}\n`);
    else if (event.type === 'waiting') {
      io.stderr.write(`${waitingLine(event)}\n`);
      if (event.total !== undefined && !atLimit) io.stderr.write(limitNote(event, await goOnCommand(id, store, io)));
      atLimit ||= event.total !== undefined;
    } else if (event.type === 'refused') {
      const [first, last] = [event.runs[0]?.id, event.runs.at(-1)?.id];
      io.stderr.write(`refused  ${first === last ? first : `${first}…${last}`}  ${printableLine(event.words)}\n`);
    }
  };
  try {
    for await (const event of launch.events) await show(event);
  } catch (error) {
    throw await namingStore(error, id, store, io);
  } finally {
    signals.forget();
  }
  const missing = expected - ids.length - unmet;
  const isCut = signals.first !== undefined && missing > 0;
  if (isCut || (output === 'text' && (!line || missing > 0 || unmet > 0))) {
    const what = `${plural(ids.length, 'run')} submitted as ${plural(jobs, 'job')}`;
    const failed = unmet > 0 ? `, ${unmet} not, since what they wait for has failed` : '';
    const told = `${what}${failed}; ${next ?? (await nextSteps(store, io))}`;
    io.stderr.write(`${isCut ? 'interrupted: ' : ''}${expected === 0 ? 'nothing is left to submit' : told}\n`);
  }
  // Whatever is shown, who interrupts a submission is told how it goes on.
  if (missing > 0 && id !== '') {
    io.stderr.write(`${plural(missing, 'run')} not submitted: ${await goOnCommand(id, store, io)} submits the rest\n`);
  }
  return { ids, launch: id, code: signals.first ? 130 : missing > 0 ? 3 : unmet > 0 ? 1 : 0 };
}

/** Returns the note, printed once, about what can be done while a limit keeps runs out. */
function limitNote({ submitted = 0, total = 0 }: Extract<LaunchEvent, { type: 'waiting' }>, goOn: string): string {
  const stays = `--max-queued ${submitted || 'N'} would stay until all are in`;
  return `note     ${submitted} of ${plural(total, 'run')} submitted; Ctrl-C leaves the rest to ${goOn}; ${stays}\n`;
}

/**
 * Follows runs to their ends, and those that `launches` make meanwhile. Ctrl-C leaves them running. Resolves
 * to the exit code.
 */
export async function followRuns(
  store: string,
  ids: readonly number[],
  { output, notify, launches = [] }: Pick<FollowStyle, 'output' | 'notify'> & { readonly launches?: readonly string[] },
  io: Io,
): Promise<number> {
  const head = output === 'text' ? `following ${plural(ids.length, 'run')}; Ctrl-C leaves them alone\n` : '';
  const view = { head, total: ids.length, parallel: ids.length, detaches: true, store };
  const code = await followLaunch(watchRuns(store, ids, launches), view, io, { stream: false, output, notify });
  if (code !== 0 && output === 'text')
    for (const line of await nodeHints(store, ids, io))
      io.stderr.write(`${line}
`);
  if (code === 130 && output === 'text') await detach(store, ids, io);
  return code;
}

/** Returns lines about nodes that most failures of these runs come from. */
async function nodeHints(store: string, ids: readonly number[], io: Io): Promise<string[]> {
  const runs = ids.flatMap((id) => {
    const run = readRun(store, id);
    return run?.kind === 'run' ? [run] : [];
  });
  const found = await badNodes(store, runs);
  const where = await storeWords(store, io);
  return found.map((one) => badNodeText(one, where));
}

/** Seconds in which a second Ctrl-C counts. */
const secondThought = 2;

/** Prints how to follow the runs again. A second Ctrl-C asks whether to stop them. */
async function detach(store: string, ids: readonly number[], io: Io): Promise<void> {
  const where = await storeWords(store, io);
  io.stderr.write(
    `the runs go on in ${displayPath(store, io.cwd)}: mlx watch${where} follows them again, mlx stop${where} ends them\n`,
  );
  if (!canAsk(io)) return;
  io.stderr.write('Ctrl-C again stops them\n');
  const again = new AbortController();
  const signals = listenForSignals(() => again.abort());
  await sleep(secondThought * 1000, undefined, { signal: again.signal }).catch(() => undefined);
  signals.forget();
  if (!again.signal.aborted || !(await confirm(`stop ${plural(ids.length, 'run')}?`, io))) return;
  const { stopped, failed } = await stopRuns(store, ids, 'stopped by Ctrl-C');
  io.stderr.write(`told ${plural(stopped.length, 'run')} to end; mlx resume${where} starts them again\n`);
  for (const { ids: left, why } of failed)
    io.stderr.write(`mlx: can't stop ${left.join(' ')}: ${printableLine(why)}\n`);
}

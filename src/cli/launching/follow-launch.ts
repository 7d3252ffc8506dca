import { constants } from 'node:os';
import { humanDuration } from '../../core/clock.js';
import { displayPath } from '../../core/paths.js';
import { printableLine } from '../../core/text.js';
import { type HereTarget, type Launch, type LaunchedRun, startHere } from '../../launch/index.js';
import type { Io, ParsedArgs } from '../grammar/command.js';
import { refuseTogether } from '../grammar/parse-args.js';
import { LaunchSummary } from '../output/launch-summary.js';
import { type LaunchShape, planText } from '../output/plan-text.js';
import {
  jsonReporter,
  LaunchTally,
  notStartedText,
  plainReporter,
  quietReporter,
  type RunReporter,
} from '../output/run-reporter.js';
import { type Paint, painter } from '../output/style.js';
import { keepMemoryFlat } from '../process/flat-memory.js';
import { listenForSignals } from '../process/signals.js';

/** How a launch is shown. */
export interface FollowOptions {
  /** Whether the output of runs is shown; a function, of which; `plain`, without saying whose it is; `never`, not of a single one either. */
  readonly stream: boolean | 'plain' | 'never' | ((run: LaunchedRun) => boolean);
  readonly output: Output;
  /** A command that is told when all is over. */
  readonly notify?: string | undefined;
}

export type Output = 'text' | 'quiet' | 'json';

/** The options `--stream`, `--quiet`, `--json` and `--notify` of the commands that start runs. */
export function followOptions(parsed: ParsedArgs): FollowOptions {
  return { stream: parsed.has('stream'), output: outputOf(parsed), notify: parsed.text('notify') };
}

/** What `--quiet` and `--json` ask for. */
export function outputOf(parsed: ParsedArgs): Output {
  refuseTogether(parsed, 'quiet', 'json');
  return parsed.has('json') ? 'json' : parsed.has('quiet') ? 'quiet' : 'text';
}

/** Carries a plan out on this machine and follows it to the end. Returns the exit code. */
export function carryOutPlan(
  shape: LaunchShape<HereTarget>,
  io: Io,
  options: FollowOptions & { readonly environment?: Io['env'] },
): Promise<number> {
  const { plan, target } = shape;
  const { environment = io.env } = options;
  const { parallel } = target;
  const launch = startHere(plan, target, { argv: io.argv, version: io.version, environment });
  return followLaunch(launch, { total: plan.count, parallel, head: planText(shape, io.cwd) }, io, options);
}

/** What is said of a launch before and while it goes on. */
export interface LaunchView {
  readonly head: string;
  /** How many runs it is going to start or follow. */
  readonly total: number;
  readonly parallel: number;
  /** Whether the runs go on when it is interrupted. */
  readonly detaches?: boolean;
  /** Where the runs are; otherwise the launch tells. */
  readonly store?: string;
}

/** Follows a launch to its end, which the user may bring about; gives the exit code. */
export async function followLaunch(launch: Launch, view: LaunchView, io: Io, options: FollowOptions): Promise<number> {
  const onEvent = keepMemoryFlat();
  const paint = painter(io.stderr, io.env);
  if (options.output === 'text') io.stderr.write(view.head);
  const tally = new LaunchTally(view.total);
  const summary = new LaunchSummary(tally.failures, view.store);
  const reporter = await chooseReporter(view, io, options, paint, tally);
  const begin = Date.now();
  const signals = listenForSignals((signal) => {
    const reason = `interrupted by ${signal}`;
    launch.stop(reason, signal);
    if (view.detaches) return;
    reporter.event({ type: 'stopping', reason });
  });
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const event of launch.events) {
      onEvent();
      tally.add(event);
      summary.add(event);
      reporter.event(event);
    }
  } catch (error) {
    failure = { error };
  }
  reporter.close();
  signals.forget();
  const detached = view.detaches && signals.first !== undefined;
  const closing = closingLine(tally, (Date.now() - begin) / 1000, displayPath(summary.store, io.cwd));
  if (options.output === 'text' && !detached) {
    const { text, note } = summary.render(painter(io.stdout, io.env), io.stdout);
    io.stdout.write(text);
    io.stderr.write(note + closing);
  }
  if (options.notify !== undefined && !detached) {
    const { notify } = await import('../process/notify.js');
    await notify(options.notify, closing, io);
  }
  if (failure) throw failure.error;
  if (signals.first) return 128 + constants.signals[signals.first];
  return tally.bad === 0 && tally.ended === tally.total ? 0 : 1;
}

async function chooseReporter(
  { total, parallel, detaches }: LaunchView,
  io: Io,
  options: FollowOptions,
  paint: Paint,
  tally: LaunchTally,
): Promise<RunReporter> {
  const toStderr = (text: string) => void io.stderr.write(text);
  const toStdout = (text: string) => void io.stdout.write(text);
  const oneAtATime = Math.min(parallel, total) === 1 && !detaches;
  const stream = options.stream !== 'never' && (options.stream !== false || (oneAtATime && options.output === 'text'));
  if (options.output === 'text' && !stream && io.stderr.isTTY && io.env['TERM'] !== 'dumb' && !io.env['CI']) {
    const { liveReporter } = await import('../output/live-reporter.js');
    return liveReporter(io.stderr, paint, tally, parallel);
  }
  const reporter =
    options.output === 'json'
      ? jsonReporter(toStdout, tally.failures)
      : options.output === 'quiet'
        ? quietReporter(toStderr, paint, tally.failures)
        : plainReporter(toStderr, paint, tally.failures);
  if (!stream) return reporter;
  const { streamReporter } = await import('../output/stream-reporter.js');
  return streamReporter(
    reporter,
    { out: options.output === 'json' ? toStderr : toStdout, err: toStderr },
    typeof options.stream === 'function' ? options.stream : undefined,
    options.stream === 'plain',
  );
}

function closingLine(tally: LaunchTally, seconds: number, store: string): string {
  const parts = [tally.words(), notStartedText(tally.total - tally.started), `in ${humanDuration(seconds)}`];
  return `${parts.filter((part) => part !== '').join(', ')}; mlx show ID tells more, ${printableLine(store)}/ID holds all\n`;
}

import { constants } from 'node:os';
import { humanDuration } from '../../core/clock.js';
import { displayPath } from '../../core/paths.js';
import { printableLine } from '../../core/text.js';
import { type HereTarget, type Launch, type LaunchedRun, startHere } from '../../launch/index.js';
import { stopReasonOf } from '../../store/index.js';
import type { Io } from '../grammar/command.js';
import type { Output } from '../options/output.js';
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
import { painter } from '../output/style.js';
import { keepMemoryFlat } from './flat-memory.js';
import { goOnCommand, namesCommand, namingStore } from './go-on.js';
import { listenForSignals } from './signals.js';

/** How a launch is shown. */
export interface FollowStyle {
  /**
   * Whose output is shown: every run's, no run's, or that of the runs for which a function returns true.
   * `plain` shows it without the run's id; `never` hides it even if one run goes at a time.
   */
  readonly stream: boolean | 'plain' | 'never' | ((run: LaunchedRun) => boolean);
  readonly output: Output;
  /** The command to start once all runs have ended. */
  readonly notify?: string | undefined;
}

/** Starts a plan's runs on this machine and follows them to the end. Resolves to the exit code. */
export function carryOutPlan(
  shape: LaunchShape<HereTarget>,
  io: Io,
  options: FollowStyle & { readonly environment?: Io['env'] },
): Promise<number> {
  const { plan, target } = shape;
  const { parallel } = target;
  const { environment = io.env } = options;
  const launch = startHere(plan, target, { argv: io.argv, version: io.version, environment });
  return followLaunch(launch, { total: plan.count, parallel, head: planText(shape, io.cwd) }, io, options);
}

/** A launch as it is shown before and while it runs. */
export interface LaunchView {
  /** The text before the first event. */
  readonly head: string;
  /** The number of runs that it will start or follow. */
  readonly total: number;
  readonly parallel: number;
  /** True if the runs go on when mlx is interrupted. */
  readonly detaches?: boolean;
  /** The store of the runs; by default the one that the launch names in its first event. */
  readonly store?: string;
  /** The launch of the runs; by default the one that it names in its first event. */
  readonly launch?: string;
}

/** Follows a launch until it ends or the user stops it. Resolves to the exit code. */
export async function followLaunch(launch: Launch, view: LaunchView, io: Io, style: FollowStyle): Promise<number> {
  const onEvent = keepMemoryFlat();
  if (style.output === 'text') io.stderr.write(view.head);
  const tally = new LaunchTally(view.total);
  const summary = new LaunchSummary(tally.failures, view.store);
  const reporter = await chooseReporter(view, io, style, tally);
  const begin = Date.now();
  let id = view.launch;
  const signals = listenForSignals((signal) => {
    const hangUp = signal === 'SIGHUP' ? ', which a closed terminal sends' : '';
    const purpose = id ? stopReasonOf(summary.store, id) : undefined;
    const reason = purpose ?? `interrupted by ${signal}${hangUp}`;
    launch.stop(reason, signal);
    if (view.detaches) return;
    reporter.event({ type: 'stopping', reason });
  });
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const event of launch.events) {
      onEvent();
      if (event.type === 'launched') id = event.launch;
      tally.add(event);
      summary.add(event);
      reporter.event(event);
    }
  } catch (error) {
    failure = { error };
  }
  try {
    await reporter.close();
  } catch (error) {
    failure ??= { error };
  }
  signals.forget();
  // Who was too late for a launch that another process carries out has nothing to report.
  if (failure && id === undefined && !view.detaches) throw failure.error;
  const detached = view.detaches && signals.first !== undefined;
  const closing = closingLine(tally, (Date.now() - begin) / 1000, displayPath(summary.store, io.cwd));
  if (style.output === 'text' && !detached && tally.total > 0) {
    const { text, note } = summary.render(painter(io.stdout, io.env), io.stdout);
    io.stdout.write(text);
    io.stderr.write(note + closing);
  }
  if (style.notify !== undefined && !detached) {
    const { notify } = await import('./notify.js');
    await notify(style.notify, closing, io);
  }
  // What is left of the local queue, its own command says.
  const isLeft =
    signals.first !== undefined || (id !== '' && tally.hasLeft) || (failure && !namesCommand(failure.error));
  if (isLeft && !view.detaches && id !== undefined) {
    io.stderr.write(`${await goOnCommand(id, summary.store, io)} goes on with what is left\n`);
  }
  if (failure) throw await namingStore(failure.error, id ?? '', summary.store, io);
  if (signals.first) return 128 + constants.signals[signals.first];
  return tally.bad === 0 && tally.ended === tally.total ? 0 : 1;
}

/** Returns the reporter that fits the output, the terminal and the number of runs at once. */
async function chooseReporter(
  { total, parallel, detaches }: LaunchView,
  io: Io,
  style: FollowStyle,
  tally: LaunchTally,
): Promise<RunReporter> {
  const paint = painter(io.stderr, io.env);
  const toStderr = (text: string) => void io.stderr.write(text);
  const toStdout = (text: string) => void io.stdout.write(text);
  const oneAtATime = Math.min(parallel, total) === 1 && !detaches;
  const stream = style.stream !== 'never' && (style.stream !== false || (oneAtATime && style.output === 'text'));
  const isLive = io.stderr.isTTY && io.env['TERM'] !== 'dumb' && !io.env['CI'];
  if (style.output === 'text' && !stream && isLive) {
    const { liveReporter } = await import('../output/live-reporter.js');
    return liveReporter(io.stderr, paint, tally, parallel);
  }
  const reporter =
    style.output === 'json'
      ? jsonReporter(toStdout, tally.failures)
      : style.output === 'quiet'
        ? quietReporter(toStderr, paint, tally.failures)
        : plainReporter(toStderr, paint, tally.failures);
  if (!stream) return reporter;
  const { streamReporter } = await import('../output/stream-reporter.js');
  return streamReporter(
    reporter,
    {
      out: style.output === 'json' ? io.stderr : io.stdout,
      err: io.stderr,
      terminal: isLive ? io.stderr : undefined,
    },
    typeof style.stream === 'function' ? style.stream : undefined,
    style.stream === 'plain',
  );
}

function closingLine(tally: LaunchTally, seconds: number, store: string): string {
  const parts = [tally.words(), notStartedText(tally.total - tally.started), `in ${humanDuration(seconds)}`];
  return `${parts.filter((part) => part !== '').join(', ')}; mlx show ID tells more, ${printableLine(store)}/ID holds all\n`;
}

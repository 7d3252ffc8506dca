import { humanDuration, localIso } from '../../core/clock.js';
import { displayPath } from '../../core/paths.js';
import { jsonText, printable, printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import type { LaunchEvent, LaunchedRun } from '../../launch/index.js';
import { readLogTail } from '../../results/index.js';
import { LaunchFailures } from './failures.js';
import { type Paint, statusStyle } from './style.js';
import { shownCommand } from './submitted-text.js';
import { timeText } from './time-text.js';

/** Shows a launch while it runs. */
export interface RunReporter {
  event(event: LaunchEvent): void;
  /** Removes the live view; lines about events stay. Resolves once all is written; rejects if it failed. */
  close(): Promise<void> | void;
}

type Ended = Extract<LaunchEvent, { type: 'ended' }>;

const linesOfAnError = 8;

/**
 * Returns the line about a run that ended. For the first of several that failed alike, its error or the end
 * of its output follows.
 */
export function endedLines(event: Ended, paint: Paint, failures: LaunchFailures): string[] {
  const { run, status, seconds } = event;
  const failure = failures.of(event);
  const first = failure?.group.first ?? run.id;
  const word = paint(statusStyle(status.status), status.status.toLowerCase().padEnd(8));
  const parts = [
    `${word} ${run.id}`,
    pointText(run),
    seconds === undefined ? '' : paint('dim', humanDuration(seconds)),
    first === run.id ? printableLine(status.reason ?? '') : printableLine(failure?.text ?? ''),
    first === run.id ? '' : paint('dim', `like run ${first}, ${failure?.group.count} so far`),
  ];
  const line = parts.filter((part) => part !== '').join('  ');
  if (status.status === 'COMPLETE' || status.status === 'STOPPED' || first !== run.id) return [line];
  const tail = (failure?.error?.lines ?? readLogTail(run.directory, linesOfAnError)).map(printable);
  return [line, ...tail.filter((text) => text.trim() !== '').map((text) => paint('dim', `  │ ${text}`))];
}

export function pointText({ label }: LaunchedRun): string {
  return printableLine(shownCommand(label));
}

/** Returns a reporter of one plain line per event: for pipes, CI and logs. */
export function plainReporter(write: (text: string) => void, paint: Paint, failures: LaunchFailures): RunReporter {
  return {
    event(event) {
      for (const line of plainLines(event, paint, failures)) write(`${line}\n`);
    },
    close() {},
  };
}

function plainLines(event: LaunchEvent, paint: Paint, failures: LaunchFailures): string[] {
  switch (event.type) {
    case 'launched':
      return [];
    case 'starting':
      return [`starting ${event.run.id}  ${pointText(event.run)}`.trimEnd()];
    case 'ended':
      return endedLines(event, paint, failures);
    case 'stopping':
      return [stoppingLine(event.reason)];
    case 'waiting':
      return [waitingLine(event)];
    case 'answering':
      return [answeringLine(event)];
    // `followSubmission` prints these.
    case 'submitted':
    case 'refused':
      return [];
    case 'counted':
      return [];
    case 'covered':
      return [coveredLine(event)];
    case 'again':
      return [againLine(event)];
    case 'passed':
      return [`passed   ${event.run.id}  another process has started it`];
  }
}

/** Returns the line about a run that will start again as its next attempt. */
export function againLine({ run, attempt, status }: Extract<LaunchEvent, { type: 'again' }>): string {
  const why = [status.status.toLowerCase(), status.reason].filter(Boolean).join(': ');
  return `again    ${run.id}  goes on as attempt ${attempt}  ${printableLine(why)}`;
}

/** Returns the line about points that another launch has begun just before. */
export function coveredLine({ points }: Extract<LaunchEvent, { type: 'covered' }>): string {
  return `note     ${plural(points, 'point')} left out, since another launch has begun ${points === 1 ? 'it' : 'them'} just now`;
}

export function stoppingLine(reason: string): string {
  return `stopping: ${reason}`;
}

/** Returns the line about a launch that waits for its engine. */
export function waitingLine(event: Extract<LaunchEvent, { type: 'waiting' }>): string {
  const { engine, words, seconds, since } = event;
  if (since !== undefined) return `silent   ${silenceText({ engine, words, since })}`;
  return `waiting  ${printableLine(engine)}: ${printableLine(words)}; looking again in ${Math.ceil(seconds)}s`;
}

/** Returns since when an engine does not answer, so that nobody knows more of its runs than then. */
export function silenceText(silence: {
  readonly engine: string;
  readonly words: string;
  readonly since: number;
}): string {
  const { engine, words, since } = silence;
  // The time stands where no narrow screen cuts it off.
  return `nothing is known since ${timeText(since)}: ${printableLine(engine)} does not answer (${printableLine(words)})`;
}

const answeringLine = ({ engine }: Extract<LaunchEvent, { type: 'answering' }>) =>
  `silent   ${printableLine(engine)} answers again`;

/** Returns the line about submitted runs: `logs/5 → slurm 684995`. */
export function submittedLine(
  { runs, engine, jobId, found }: Extract<LaunchEvent, { type: 'submitted' }>,
  cwd: string,
): string {
  const [first] = runs;
  const last = runs.at(-1);
  if (!first || !last) return '';
  const path = printableLine(displayPath(first.directory, cwd));
  const many = runs.length > 1 ? `…${last.id} (${plural(runs.length, 'run')})` : '';
  return `${path}${many} → ${printableLine(engine)} ${printableLine(jobId)}${found ? ' (was submitted already)' : ''}`;
}

/** Returns a reporter of failed runs, and of engines that do not answer, only: for `--quiet`. */
export function quietReporter(write: (text: string) => void, paint: Paint, failures: LaunchFailures): RunReporter {
  return {
    event(event) {
      if (event.type === 'waiting' && event.since !== undefined) write(`${waitingLine(event)}\n`);
      if (event.type === 'answering') write(`${answeringLine(event)}\n`);
      if (event.type !== 'ended' || event.status.status === 'COMPLETE') return;
      for (const line of endedLines(event, paint, failures)) write(`${line}\n`);
    },
    close() {},
  };
}

/** Returns a reporter of one JSON object per event and line; docs/store.md has the schema. */
export function jsonReporter(write: (text: string) => void, failures: LaunchFailures): RunReporter {
  return {
    event(event) {
      write(`${jsonText(eventData(event, failures))}\n`);
    },
    close() {},
  };
}

/** Returns an event as JSON; docs/store.md has the schema. */
export function eventData(event: LaunchEvent, failures?: LaunchFailures): object {
  if (event.type === 'launched') return { event: 'launched', launch: event.launch, store: event.store };
  if (event.type === 'stopping') return { event: 'stopping', reason: event.reason };
  if (event.type === 'waiting') {
    const { engine, words, seconds, since } = event;
    const silence = since === undefined ? {} : { since: localIso(new Date(since * 1000)) };
    return { event: 'waiting', engine, reason: words, seconds, ...silence };
  }
  if (event.type === 'answering') return { event: 'answering', engine: event.engine };
  if (event.type === 'submitted' || event.type === 'refused') {
    const runs = event.runs.map(({ id }) => id);
    return event.type === 'submitted'
      ? { event: 'submitted', runs, engine: event.engine, job_id: event.jobId }
      : { event: 'refused', runs, engine: event.engine, reason: event.words };
  }
  if (event.type === 'covered') return { event: 'covered', points: event.points };
  if (event.type === 'counted') return { event: 'counted', runs: event.total };
  const { id, directory, point, overrides } = event.run;
  const run = { run: id, directory, point, overrides };
  if (event.type === 'starting' || event.type === 'passed') return { event: event.type, ...run };
  if (event.type === 'again') {
    const { attempt, status } = event;
    return { event: 'again', ...run, attempt, status: status.status, reason: status.reason ?? null };
  }
  const { status, exitCode, seconds } = event;
  const error = failures?.of(event)?.error;
  return {
    event: 'ended',
    ...run,
    status: status.status,
    reason: status.reason ?? null,
    error: error?.text ?? null,
    error_place: error?.place ?? null,
    exit_code: exitCode ?? null,
    seconds: seconds ?? null,
  };
}

/** The counts of a launch so far. It needs no more memory for a million runs than for one. */
export class LaunchTally {
  readonly counts = new Map<string, number>();
  readonly failures = new LaunchFailures();
  started = 0;
  ended = 0;
  #seconds = 0;

  constructor(public total: number) {}

  add(event: LaunchEvent): void {
    this.failures.add(event);
    if (event.type === 'counted') this.total = event.total;
    if (event.type === 'starting' || (event.type === 'ended' && event.unstarted)) this.started++;
    if (event.type === 'passed' || event.type === 'again') this.started--;
    if (event.type !== 'ended') return;
    this.ended++;
    this.#seconds += event.seconds ?? 0;
    this.counts.set(event.status.status, (this.counts.get(event.status.status) ?? 0) + 1);
  }

  /** Whether runs did not start, or were stopped with their launch. */
  get hasLeft(): boolean {
    return this.ended < this.total || this.counts.has('STOPPED') || this.counts.has('LOST');
  }

  get bad(): number {
    return this.ended - (this.counts.get('COMPLETE') ?? 0);
  }

  /**
   * Returns the seconds until all runs have ended, from the mean of those that have; undefined before the
   * first.
   */
  secondsLeft(parallel: number, elapsed: number): number | undefined {
    if (this.ended === 0) return undefined;
    const mean = Math.max(this.#seconds / this.ended, (elapsed * Math.min(parallel, this.started)) / this.started / 2);
    return (mean * (this.total - this.ended)) / Math.min(parallel, Math.max(1, this.total - this.ended));
  }

  /** Returns `3 complete, 1 failed`; with `bad`, without the complete ones. */
  words(which: 'all' | 'bad' = 'all'): string {
    const counts = [...this.counts].filter(([status]) => which === 'all' || status !== 'COMPLETE');
    return counts.map(([status, count]) => `${count} ${status.toLowerCase()}`).join(', ');
  }
}

/** Returns `2 runs were not started`, or ''. */
export function notStartedText(count: number): string {
  return count === 0 ? '' : `${plural(count, 'run')} ${count === 1 ? 'was' : 'were'} not started`;
}

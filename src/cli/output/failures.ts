import { printableLine } from '../../core/text.js';
import type { LaunchEvent } from '../../launch/index.js';
import { type BriefError, type ProgramError, readProgramError, shownReason } from '../../results/index.js';
import type { RunStatus } from '../../store/index.js';

type Ended = Extract<LaunchEvent, { type: 'ended' }>;

/** Returns an error with its position: `ValueError: bad seed 9  (train.py:12)`. */
export function errorLine({ text, place }: Pick<BriefError, 'text' | 'place'>): string {
  return printableLine(place === undefined ? text : `${text}  (${place})`);
}

/** Returns the error of a failed run: its program's own, or a reason that says more. */
export function failureText({ reason }: Pick<RunStatus, 'reason'>, error: BriefError | undefined): string | undefined {
  return shownReason(reason, error?.text);
}

/** Returns the same text for runs that failed alike. */
export function failureKind(
  { status, reason }: { readonly status: string; readonly reason?: string | undefined },
  error: BriefError | undefined,
): string {
  return `${status.toLowerCase()}: ${shownReason(reason, error?.kind) ?? ''}`;
}

/** Returns a status with an error: `failed: ValueError: bad seed 9`. */
export function failureLine(status: string, text: string | undefined): string {
  return printableLine(text === undefined ? status.toLowerCase() : `${status.toLowerCase()}: ${text}`);
}

/** Runs of a launch that failed alike. */
interface FailureGroup {
  /** The line of the first of them. */
  readonly line: string;
  readonly first: number;
  count: number;
  /** The ids of the first few. */
  readonly ids: number[];
}

/** How one run failed. */
interface LaunchFailure {
  readonly error: ProgramError | undefined;
  readonly text: string | undefined;
  readonly group: FailureGroup;
}

const idsPerGroup = 5;
/** A program whose every error is different must not fill the memory. */
const mostGroups = 1000;

/** The errors of a launch, by kind. Each run's logs are read once, when the run has ended. */
export class LaunchFailures {
  readonly #groups = new Map<string, FailureGroup>();
  /** By event, since a reporter may be behind the events. */
  readonly #failures = new WeakMap<Ended, LaunchFailure>();

  add(event: LaunchEvent): void {
    const failure = event.type === 'ended' ? this.#failureOf(event) : undefined;
    if (event.type === 'ended' && failure) this.#failures.set(event, failure);
  }

  /** Returns how the run of this event failed. The event must have been added. */
  of(event: Ended): LaunchFailure | undefined {
    return this.#failures.get(event);
  }

  /** The groups of runs that failed alike, the largest first. */
  get groups(): FailureGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count);
  }

  #failureOf({ run, status }: Ended): LaunchFailure | undefined {
    if (status.status === 'COMPLETE') return undefined;
    const error = readProgramError({ directory: run.directory, overrides: run.overrides, status });
    const text = failureText(status, error);
    const key = failureKind(status, error);
    const line = failureLine(status.status, text);
    const group = this.#groups.get(key) ?? { line, first: run.id, count: 0, ids: [] };
    group.count++;
    if (group.ids.length < idsPerGroup) group.ids.push(run.id);
    if (this.#groups.has(key) || this.#groups.size < mostGroups) this.#groups.set(key, group);
    return { error, text, group };
  }
}

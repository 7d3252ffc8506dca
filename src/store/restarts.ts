import { type Attempt, readAttempt } from './attempts.js';
import type { CompleteRun } from './read-run.js';
import { hasStarted } from './status.js';

/** How often a run has started again by itself. */
export interface Restarts {
  /** After its time limit. */
  readonly continued: number;
  /** After it failed by itself, as `--retries` allows. */
  readonly retried: number;
  /** For other reasons: a preemption, the end of its node. */
  readonly requeued: number;
}

/**
 * How often a run has started again by itself, in this submission and in those that mlx made before it.
 * `mlx_count_restarts` of the supervisor counts the same.
 */
export function restartsOf({ directory, job, attempt }: Pick<CompleteRun, 'directory' | 'job' | 'attempt'>): Restarts {
  const { continued = 0, retried = 0, requeued = 0 } = job ?? {};
  const before = { continued, retried, requeued };
  if (!job || !attempt || !hasStarted(job, attempt)) return before;
  const earlier = Array.from({ length: attempt.number - job.firstAttempt }, (_, i) =>
    readAttempt(directory, job.firstAttempt + i),
  ).filter(({ claim }) => !claim?.byHand);
  const overTime = earlier.filter(({ end }) => end?.overTime).length;
  const tried = earlier.filter(({ end }) => end && !end.overTime && end.retry !== undefined).length;
  return {
    continued: continued + overTime,
    retried: retried + tried,
    requeued: requeued + earlier.length - overTime - tried,
  };
}

/**
 * Exit codes of a wrong input, which stays wrong: 2 is what shells and argument parsers use, 64 to 66 and 78
 * are those of sysexits.h, and 126 and 127 mean that there is no such program (bash(1)).
 */
const wrongInput: ReadonlySet<number> = new Set([2, 64, 65, 66, 78, 126, 127]);

/**
 * Why an attempt left no end, in the words of `engines` for what took its supervisor too. What an engine does
 * not explain may have been somebody's doing, and is not tried again.
 */
const engineCauses: readonly (readonly ['node' | 'oom', RegExp])[] = [
  ['node', /^(its node|node \S+) (failed|did not boot|was restarted)/],
  ['oom', /^out of memory/],
];

/** Signals by which a run is told to end. */
const endSignals = new Set(['TERM', 'INT', 'QUIT', 'HUP', 'XCPU']);

/** What decides whether a run that has ended starts again by itself. */
export type EndedRun = Pick<CompleteRun, 'directory' | 'job' | 'attempt' | 'status'> &
  Partial<Pick<CompleteRun, 'engine'>>;

/** True if a run has failed by itself, of a kind that is tried again. */
function failedToRetry({ attempt, job, engine, status }: EndedRun): boolean {
  if (status.status !== 'FAILED' || !attempt || !job || attempt.claim?.byHand) return false;
  if (job.verdict?.attempt === attempt.number) return false;
  const causes = job.retryOn?.split(',') ?? [];
  const asksFor = (cause: string) => causes.length === 0 || causes.includes(cause);
  const { end } = attempt;
  if (!end) {
    const [cause] =
      engineCauses.find(([, words]) => engine?.state === 'FAILED' && words.test(engine.reason ?? '')) ?? [];
    return cause !== undefined && asksFor(cause);
  }
  if (end.unmet !== undefined || end.overTime || end.exitCode === 0 || wasToldToEnd(attempt)) return false;
  if (causes.length === 0) return !wrongInput.has(end.exitCode);
  return (
    causes.includes(String(end.exitCode)) || (causes.includes('oom') && (end.outOfMemory || end.signal === 'KILL'))
  );
}

const wasToldToEnd = ({ received, end }: Attempt) =>
  received.some((signal) => endSignals.has(signal) || signal === end?.signal);

/**
 * Returns the restarts of a run that has failed by itself, counted with the next one, if `--retries` allows
 * it; else undefined. `mlx_find_retry` of the supervisor decides the same.
 */
export function retryOf(run: EndedRun): Restarts | undefined {
  const retries = run.job?.retries ?? 0;
  if (retries === 0 || !failedToRetry(run)) return undefined;
  const restarts = restartsOf(run);
  return restarts.retried < retries ? { ...restarts, retried: restarts.retried + 1 } : undefined;
}

import type { BatchEngine, OwnSubmission } from '../engines/index.js';
import type { TimeLimit } from '../local/index.js';
import type { Resources } from '../resources/index.js';
import type { Dependencies, QueueEntry } from '../store/index.js';

/**
 * Where the runs of a launch go. It is made once from the options, and carried from the plan to the record
 * and back: `here/`, `engine/` and `queue/` have the same verbs (options, start, work, resume, again,
 * record), one for each kind.
 */
export type Target = HereTarget | EngineTarget | QueueTarget;

/** A limit that the launch keeps in the store, see `writeMaxFailures`. */
interface FailureLimit {
  /** After how many runs that ended badly no further run starts; undefined to start all. */
  readonly maxFailures?: number | undefined;
}

/** The runs are processes of this machine, started by the process that launches them. */
export interface HereTarget extends RunLimits {
  readonly kind: 'here';
}

/** The runs are jobs of a batch engine. */
export interface EngineTarget extends Waiting, FailureLimit {
  readonly kind: 'engine';
  /** The engine's short name, or the absolute path of a user's own. */
  readonly engineName: string;
  readonly engine: BatchEngine;
  readonly resources: Resources;
  /** Options in the engine's own words. */
  readonly options: readonly string[];
  readonly array: 'auto' | 'always' | 'never';
  /** How many tasks of an array may run at once. */
  readonly maxRunning: number | undefined;
  /** How many runs one job runs, one after the other. */
  readonly pack: number;
  /** How many jobs of the launch may be in the engine at once. */
  readonly maxQueued: number | undefined;
  readonly onSubmitError: 'stop' | 'continue';
  /** The user's own submission command; undefined if mlx submits. */
  readonly submit?: OwnSubmission | undefined;
  /** The cluster of the engine that the jobs enter; undefined is the default one. */
  readonly cluster?: string | undefined;
  /** The engine's queue that the jobs enter, if it is known. */
  readonly queueName?: string | undefined;
}

/** The runs wait in the store's local queue for `mlx execute`. */
export interface QueueTarget extends Waiting, FailureLimit, RetryPolicy, Omit<QueueEntry, 'held'> {
  readonly kind: 'queue';
  /** The name that the user gave the runs; undefined without one. */
  readonly name: string | undefined;
}

/** How runs are carried out on this machine. */
export interface RunLimits extends FailureLimit, RetryPolicy {
  /** How many runs at once. */
  readonly parallel: number;
  readonly walltime: TimeLimit | undefined;
  /** Whether `--fail-fast` was said, which is `maxFailures: 1`. */
  readonly failFast: boolean;
  /** Seconds between asking a run to end and killing it. */
  readonly grace: number;
  /** How many GPUs of this machine each run has to itself. */
  readonly gpusPerRun?: number | undefined;
  /** How many CPUs each run is pinned to. */
  readonly cpusPerRun?: number | undefined;
  /** The most memory that each run may use, in bytes. */
  readonly memPerRun?: number | undefined;
  readonly signalTo?: 'program' | undefined;
  /** Whether a run continues as its next attempt after its time limit; a number is the most times. */
  readonly continues?: boolean | number | undefined;
}

/** When a run that failed by itself is tried again. */
export type RetryPolicy = Partial<Pick<Resources, 'retries' | 'retryOn'>>;

/** Returns when the runs of a target are tried again. */
export function retryPolicyOf(target: Target): RetryPolicy {
  const { retries, retryOn } = target.kind === 'engine' ? target.resources : target;
  return { retries, retryOn };
}

/** Returns when a run is tried again that now asks for something else than its record has. */
export const retryPolicyIn = (changed: RetryPolicy, recorded: RetryPolicy | undefined): RetryPolicy => ({
  retries: changed.retries ?? recorded?.retries,
  retryOn: changed.retryOn ?? recorded?.retryOn,
});

/** Returns after how many failures no further run of a target starts; undefined without a limit. */
export const failureLimitOf = (target: FailureLimit & { readonly failFast?: boolean }): number | undefined =>
  target.maxFailures ?? (target.failFast ? 1 : undefined);

/** What the runs of a launch wait for: earlier runs, and one another. */
export interface Waiting {
  readonly after: Dependencies;
  /** Whether each run waits until the previous one has ended. */
  readonly chain: boolean;
}

/** The engine as runs and launches record it: `here`, `local` (the queue), or the name of a batch engine. */
export function engineNameOf(target: Target): string {
  switch (target.kind) {
    case 'here':
      return 'here';
    case 'queue':
      return 'local';
    case 'engine':
      return target.engineName;
  }
}

/** What the runs wait for; undefined for runs of this machine, which do not wait. */
export function waitingIn(target: Target): Waiting | undefined {
  return target.kind === 'here' ? undefined : { after: target.after, chain: target.chain };
}

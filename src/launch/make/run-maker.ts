import { writeFileAtomic } from '../../core/atomic-file.js';
import { elementIndexes, type JobScript } from '../../script/index.js';
import {
  type ArrayTask,
  continueRun,
  countArrays,
  createRun,
  type Dependencies,
  enqueue,
  IdClaimer,
  type LaunchDirectory,
  lastAttemptNumber,
  newId,
  readLaunchPoints,
  storePaths,
  type Turn,
} from '../../store/index.js';
import { type PlainOverride, sourceToken } from '../../sweep/index.js';
import type { LaunchedRun } from '../events.js';
import type { RunSpec } from '../plan/plan.js';
import type { LaunchContext } from './launch-context.js';
import { runContents } from './run-files.js';

/** A run whose directory exists, and its next attempt. */
export interface MadeRun {
  readonly run: LaunchedRun;
  readonly attempt: number;
}

/** The submission that a run is part of, by its token, and its task in it. */
export interface RunPart {
  readonly token?: string;
  readonly task?: ArrayTask | undefined;
  /** What the submission waits for. */
  readonly after?: Dependencies | undefined;
  /** Its turn, if the launch limits how many of its jobs run at once. */
  readonly turn?: Turn | undefined;
}

/** Makes the runs of a launch. */
export class RunMaker {
  readonly #claimer: IdClaimer;
  #arrays: number | undefined;
  #last: { readonly point: number; readonly id: number } | undefined;

  constructor(
    readonly context: LaunchContext,
    readonly record: LaunchDirectory,
  ) {
    this.#claimer = new IdClaimer(context.store);
  }

  /** Makes the directory of a run. */
  make(spec: RunSpec, part: RunPart = {}): MadeRun {
    const forced = this.context.plan.settings.logger.forced_log_id;
    const id = forced >= 0 ? forced : this.#claimer.claim();
    return this.#fill(id, spec, part, forced >= 0 ? continueRun : createRun);
  }

  /** Completes the directory of a run whose id was claimed already. */
  complete(id: number, spec: RunSpec, part: RunPart): MadeRun {
    return this.#fill(id, spec, part, continueRun);
  }

  #fill(id: number, spec: RunSpec, { token = newId(), ...part }: RunPart, write: typeof createRun): MadeRun {
    const directory = storePaths.run(this.context.store, id);
    // First, so that every run that can start is in the queue.
    const isQueued = this.context.target.kind === 'queue';
    if (isQueued) enqueue(this.context.store, id);
    // The directory of a forced id may hold earlier attempts.
    const attempt = (write === createRun ? 0 : lastAttemptNumber(directory)) + 1;
    const contents = runContents(this.context, spec, { task: undefined, ...part, id, token, firstAttempt: attempt });
    write(directory, contents);
    const { job } = this.context.plan;
    if (job && isOneRun(job)) writeBeside(job, contents.script, contents.scriptMode);
    // A worker may have dequeued it while it still was a run that had ended.
    if (isQueued && write === continueRun) enqueue(this.context.store, id);
    this.record.addPoint(spec.point.index, id);
    this.#last = { point: spec.point.index, id };
    const run = launchedRun(this.context.store, id, token, spec);
    return { run, attempt };
  }

  /** Returns the id of the previous point's run. */
  runBefore(point: number): number | undefined {
    if (this.#last?.point === point - 1) return this.#last.id;
    return readLaunchPoints(this.context.store, this.context.launch).get(point - 1);
  }

  /** Returns the number of the launch's next array. */
  nextArray(): number {
    this.#arrays ??= countArrays(this.context.store, this.context.launch);
    return this.#arrays++;
  }

  close(done: boolean): void {
    this.#claimer.writeHint();
    try {
      if (done) this.record.markDone();
    } catch {
      // The next `resume` finds nothing to do and says so.
    }
    this.record.close();
  }
}

/** Whether a job is one run, so that the run's script is the job's. */
const isOneRun = ({ array }: JobScript) => array?.element === undefined || elementIndexes(array).length === 1;

/** Writes a job's script beside its log. */
export function writeBeside(job: JobScript, text: string, mode: number): void {
  writeFileAtomic(`${job.stem}.sh`, text, { mode });
}

/** Returns a run as events name it. */
export function launchedRun(store: string, id: number, token: string, { point }: RunSpec): LaunchedRun {
  const { index, overrides } = point;
  return {
    id,
    directory: storePaths.run(store, id),
    token,
    point: index,
    overrides: overrides.map(sourceToken),
    label: labelOf(overrides),
  };
}

function labelOf(overrides: readonly PlainOverride[]): string {
  const swept = overrides.filter(({ swept: varies }) => varies);
  return (swept.length > 0 ? swept : overrides).map(sourceToken).join(' ');
}

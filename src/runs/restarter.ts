import memoize from 'lodash/memoize.js';
import { readLimits } from '../engines/index.js';
import {
  againEngine,
  changesOf,
  type EngineTarget,
  goesOn,
  type LaunchEvent,
  type RecordedLaunch,
  readableLaunch,
  resubmissions,
} from '../launch/index.js';
import { type CompleteRun, noteOutcome } from '../store/index.js';

/** Seconds within which an engine that restarts a job by itself has done so. */
const engineTakes = 45;

/**
 * Restarts watched runs that ended at their time limit, or preempted, if their launch asked for it and their
 * engine does not do it.
 */
export class Restarter {
  /** By run: when it was first seen ended, in seconds since 1970. */
  readonly #since = new Map<number, number>();
  readonly #launch;

  constructor(readonly store: string) {
    // A launch that can't be read can't be submitted again; `mlx resume` says why.
    this.#launch = memoize((launch: string) => readableLaunch(store, launch));
  }

  /**
   * Whether an ended run has `ended` for good, may be restarted by its engine (`later`), or must be submitted
   * `now`.
   */
  async decide(run: CompleteRun): Promise<'ended' | 'later' | 'now'> {
    const recorded = await this.#recorded(run);
    if (!recorded || !goesOn(run, resourcesOf(run, recorded.target))) {
      noteOutcome(run, recorded === undefined);
      return 'ended';
    }
    // A job that did not ask its engine to start it again has no time left for another attempt.
    if (run.status.status === 'FAILED' && run.attempt?.end && !run.attempt.end.again) return 'now';
    const now = Date.now() / 1000;
    const since = this.#since.get(run.id) ?? now;
    this.#since.set(run.id, since);
    return now - since < (recorded.target.engine.restart ? engineTakes : 0) ? 'later' : 'now';
  }

  /**
   * Submits a run again, as its next attempt. `signal` ends a wait for the engine. Throws what submitting
   * throws.
   */
  async *submit(run: CompleteRun, signal?: AbortSignal): AsyncGenerator<LaunchEvent> {
    const recorded = await this.#recorded(run);
    const restarts = recorded && goesOn(run, resourcesOf(run, recorded.target));
    if (!recorded || !restarts) return;
    this.#since.delete(run.id);
    const limits = await readLimits(recorded.target.engine, recorded.target.cluster);
    for (const one of resubmissions(run.job?.launch ?? '', [run], recorded, { asked: {}, limits })) {
      const launch = againEngine(this.store, { ...one, restarts }, limits);
      signal?.addEventListener('abort', () => launch.stop('interrupted'), { once: true });
      for await (const event of launch.events) {
        if (event.type === 'submitted') {
          const [again] = event.runs;
          if (again) yield { type: 'again', run: again, attempt: (run.attempt?.number ?? 0) + 1, status: run.status };
        } else if (event.type !== 'launched') yield event;
      }
    }
  }

  async #recorded({ job }: CompleteRun): Promise<RecordedLaunch<EngineTarget> | undefined> {
    const recorded = job && (await this.#launch(job.launch));
    return recorded?.target.kind === 'engine' ? { ...recorded, target: recorded.target } : undefined;
  }
}

/** What a run asks for now: as its launch did, and as it was changed to since. */
function resourcesOf({ job }: CompleteRun, { resources }: EngineTarget): EngineTarget['resources'] {
  return { ...resources, ...changesOf(job?.changed) };
}

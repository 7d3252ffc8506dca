import uniqBy from 'lodash/uniqBy.js';
import { readLimits } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import {
  hasStarted,
  isFinalStatus,
  type JobRef,
  jobRefOf,
  noteOutcome,
  type Run,
  type Submitting,
} from '../../store/index.js';
import type { EngineAsker } from '../../tracking/index.js';
import { type Launch, stoppable } from '../events.js';
import { makerOf } from '../make/begin.js';
import { changesOf } from '../make/next-submission.js';
import type { RunMaker } from '../make/run-maker.js';
import { takeOver } from '../make/take-over.js';
import { planRuns, type RunSpec } from '../plan/plan.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import { goesOn } from '../restarts.js';
import { isStoppedOnPurpose, missingCounts, type ResumeScope } from '../resume-scope.js';
import type { EngineTarget } from '../target.js';
import { submitAgain } from './again.js';
import { type KnownRun, knownRuns } from './known-runs.js';
import { adoptLost } from './lost-submissions.js';
import { submittingAlone } from './one-at-a-time.js';
import { openJobs } from './turns.js';
import { type Part, Submitter, waitsOf } from './work.js';

/**
 * What is left to do for a point of a launch of jobs: make its directory (`create`), complete the directory,
 * `submit` its job or find the job that was submitted, submit it `again` because it was interrupted or lost;
 * or nothing, because it is under way in the engine, was stopped on purpose (`stopped`) or is done.
 */
type RemainingJob = 'create' | 'complete' | 'submit' | 'again' | 'under-way' | 'stopped' | 'done';

/** How many points of a launch of jobs have what left to do. */
export interface JobSurvey {
  readonly launch: string;
  readonly store: string;
  readonly counts: Readonly<Record<RemainingJob, number>>;
  /** How many of the runs that are done are not COMPLETE. */
  readonly bad: number;
}

/** Counts what a launch of jobs has left to do. `view` asks its engine, and saves at most its answers. */
export async function surveyEngine(
  store: string,
  launch: string,
  recorded: RecordedLaunch<EngineTarget>,
  { scope, view }: { readonly scope: ResumeScope; readonly view: EngineAsker },
): Promise<JobSurvey> {
  const runs = await knownRuns(store, launch, recorded, view);
  const { create, stopped } = missingCounts(recorded.plan.count - runs.size, { store, launch, scope });
  const counts = { create, complete: 0, submit: 0, again: 0, 'under-way': 0, stopped, done: 0 };
  let bad = 0;
  for (const { run } of runs.values()) {
    const remaining = remainingOf(run, { launch, target: recorded.target, scope });
    counts[remaining]++;
    if (remaining === 'done' && run?.kind === 'run' && run.status.status !== 'COMPLETE') bad++;
  }
  return { launch, store, counts, bad };
}

/** The launch of a record, and which of its runs are submitted again. */
interface Surveyed {
  readonly launch: string;
  readonly target: EngineTarget;
  readonly scope: ResumeScope;
}

function remainingOf(run: Run | undefined, { launch, target: { resources }, scope }: Surveyed): RemainingJob {
  if (run?.kind === 'damaged') fail({ reason: 'broken-record', path: run.path, problem: run.problem });
  if (run?.kind !== 'run') return 'complete';
  if (!run.job || run.job.launch !== launch) return 'done';
  const { status } = run.status;
  if (isStoppedOnPurpose(run) && !scope.stopped) return 'stopped';
  if (run.jobId === undefined) {
    // A job that was refused failed without having started, and may be accepted now.
    if (!hasStarted(run.job, run.attempt)) return 'submit';
    if (status === 'LOST' || status === 'STOPPED') return 'again';
    return isFinalStatus(status) ? 'done' : 'under-way';
  }
  if (status === 'STOPPED' || status === 'LOST' || status === 'PREEMPTED') return 'again';
  if (goesOn(run, { ...resources, ...changesOf(run.job.changed) })) return 'again';
  return isFinalStatus(status) ? 'done' : 'under-way';
}

/**
 * Finishes a launch of jobs: adopts jobs that arrived without a record, and submits what is missing, each
 * exactly once. Throws `launch-alive` if another process takes the launch over, `engine-trouble` if the
 * engine does not answer.
 */
export function resumeEngine(
  store: string,
  launch: string,
  recorded: RecordedLaunch<EngineTarget>,
  { force, scope }: { readonly force: boolean; readonly scope: ResumeScope },
): Launch {
  const { plan, target } = recorded;
  const surveyed = { launch, target, scope };
  return stoppable(async function* (signal) {
    const maker = makerOf(store, launch, recorded, takeOver(store, launch, force));
    let alone: Submitting | undefined;
    let done = false;
    try {
      alone = target.maxRunning === undefined ? undefined : await submittingAlone(store, launch);
      yield { type: 'launched', launch, store };
      const waits = await waitsOf(store, target);
      const submitter = new Submitter({
        maker,
        target,
        limits: await readLimits(target.engine, target.cluster),
        signal,
        waits,
      });
      const specs = new Map([...planRuns(plan)].map((spec) => [spec.point.index, spec]));
      // Only now is it certain that no other process makes runs of this launch.
      const look = async () => {
        const known = await knownRuns(store, launch, recorded);
        submitter.queueBehind(openJobs(store, launch, known.values()));
        return known;
      };
      yield* adoptLost(submitter, look, specs);
      if (signal.aborted) return;
      const known = await look();
      submitter.count(jobsUnderWay(known, surveyed));
      const parts = remainingParts(maker, known, specs, surveyed);
      for await (const event of submitter.submit(parts, parts.length)) {
        alone?.refresh();
        yield event;
      }
      done = submitter.allSubmitted;
    } finally {
      alone?.release();
      maker.close(done);
    }
  });
}

/** The launch's jobs that are in the engine. */
function jobsUnderWay(known: ReadonlyMap<number, KnownRun>, surveyed: Surveyed): JobRef[] {
  const jobs = [...known.values()].flatMap(({ run }) =>
    run?.kind === 'run' && remainingOf(run, surveyed) === 'under-way' ? (jobRefOf(run) ?? []) : [],
  );
  return uniqBy(jobs, 'id');
}

/** The runs to submit, in order. */
function remainingParts(
  maker: RunMaker,
  known: ReadonlyMap<number, KnownRun>,
  specs: ReadonlyMap<number, RunSpec>,
  surveyed: Surveyed,
): Part[] {
  const { store } = maker.context;
  const { target, scope } = surveyed;
  return [...specs].flatMap(([point, spec]): Part[] => {
    const one = known.get(point);
    if (!one) return scope.missing ? [{ point, prepare: (part) => maker.make(spec, part).run }] : [];
    const remaining = remainingOf(one.run, surveyed);
    if (remaining === 'complete') return [{ point, prepare: (part) => maker.complete(one.id, spec, part).run }];
    if (remaining === 'done' && one.run?.kind === 'run') noteOutcome(one.run, false);
    if ((remaining !== 'submit' && remaining !== 'again') || one.run?.kind !== 'run') return [];
    const restarts = goesOn(one.run, { ...target.resources, ...changesOf(one.run.job?.changed) });
    return [submitAgain(store, one.run, spec, { restarts })];
  });
}

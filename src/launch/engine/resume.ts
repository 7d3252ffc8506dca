import { readLimits } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import { hasStarted, isFinalStatus, type Run, readRun, withAnswer } from '../../store/index.js';
import { askEngines } from '../../tracking/index.js';
import { type Launch, stoppable } from '../events.js';
import { makerOf } from '../make/begin.js';
import { changesOf } from '../make/next-submission.js';
import type { RunMaker } from '../make/run-maker.js';
import { runsOf, takeOver } from '../make/take-over.js';
import { planRuns, type RunSpec } from '../plan/plan.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import { goesOn } from '../restarts.js';
import type { EngineTarget } from '../target.js';
import { submitAgain } from './again.js';
import { adoptLost, type KnownRun } from './lost-submissions.js';
import { type Part, Submitter, waitsOf } from './work.js';

/**
 * What is left to do for a point of a launch of jobs: make its directory (`create`), complete the directory,
 * `submit` its job or find the job that was submitted, submit it `again` because it was stopped or lost; or
 * nothing, because it is under way in the engine or done.
 */
type RemainingJob = 'create' | 'complete' | 'submit' | 'again' | 'under-way' | 'done';

/** How many points of a launch of jobs have what left to do. */
export interface JobSurvey {
  readonly launch: string;
  readonly store: string;
  readonly counts: Readonly<Record<RemainingJob, number>>;
  /** How many of the runs that are done are not COMPLETE. */
  readonly bad: number;
}

/** Counts what a launch of jobs has left to do. Asks its engine, and writes only which jobs have ended. */
export async function surveyEngine(
  store: string,
  launch: string,
  recorded: RecordedLaunch<EngineTarget>,
): Promise<JobSurvey> {
  const runs = await knownRuns(store, launch, recorded);
  const counts = { create: recorded.plan.count - runs.size, complete: 0, submit: 0, again: 0, 'under-way': 0, done: 0 };
  let bad = 0;
  for (const { run } of runs.values()) {
    const remaining = remainingOf(run, launch, recorded.target);
    counts[remaining]++;
    if (remaining === 'done' && run?.kind === 'run' && run.status.status !== 'COMPLETE') bad++;
  }
  return { launch, store, counts, bad };
}

/** Returns the runs that a launch has made, by point, as their engine says they are now. */
async function knownRuns(
  store: string,
  launch: string,
  recorded: RecordedLaunch<EngineTarget>,
): Promise<Map<number, KnownRun>> {
  const known = [...runsOf(store, launch, recorded)].map(([point, id]) => ({ point, id, run: readRun(store, id) }));
  const complete = known.flatMap(({ run }) => (run?.kind === 'run' ? [run] : []));
  const { answers, troubles } = await askEngines(store, complete);
  const [trouble] = troubles;
  // A job that the engine says nothing about may be running, and must not be submitted again.
  if (trouble) fail({ reason: 'engine-trouble', engine: recorded.target.engine.title, words: trouble.words });
  return new Map(
    known.map(({ point, id, run }) => [
      point,
      { id, run: run?.kind === 'run' ? withAnswer(run, answers.get(id)) : run },
    ]),
  );
}

function remainingOf(run: Run | undefined, launch: string, { resources }: EngineTarget): RemainingJob {
  if (run?.kind === 'damaged') fail({ reason: 'broken-record', path: run.path, problem: run.problem });
  if (run?.kind !== 'run') return 'complete';
  if (!run.job || run.job.launch !== launch) return 'done';
  const { status } = run.status;
  if (run.jobId === undefined) {
    // A job that was refused failed without having started, and may be accepted now.
    if (!hasStarted(run.job, run.attempt)) return 'submit';
    if (status === 'LOST') return 'again';
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
  force: boolean,
): Launch {
  const { plan, target } = recorded;
  return stoppable(async function* (signal) {
    const maker = makerOf(store, launch, recorded, takeOver(store, launch, force));
    let done = false;
    try {
      yield { type: 'launched', launch, store };
      const waits = await waitsOf(store, target);
      const submitter = new Submitter({ maker, target, limits: await readLimits(target.engine), signal, waits });
      const specs = new Map([...planRuns(plan)].map((spec) => [spec.point.index, spec]));
      // Only now is it certain that no other process makes runs of this launch.
      const look = () => knownRuns(store, launch, recorded);
      yield* adoptLost(submitter, look, specs);
      if (signal.aborted) return;
      const known = await look();
      submitter.count(jobsUnderWay(known, launch, target));
      const parts = remainingParts(maker, known, specs, target);
      yield* submitter.submit(parts, parts.length);
      done = submitter.allSubmitted;
    } finally {
      maker.close(done);
    }
  });
}

/** The ids of the launch's jobs that are in the engine. */
function jobsUnderWay(known: ReadonlyMap<number, KnownRun>, launch: string, target: EngineTarget): string[] {
  return [...known.values()].flatMap(({ run }) =>
    run?.kind === 'run' && run.jobId !== undefined && remainingOf(run, launch, target) === 'under-way'
      ? [run.jobId]
      : [],
  );
}

/** The runs to submit, in order. */
function remainingParts(
  maker: RunMaker,
  known: ReadonlyMap<number, KnownRun>,
  specs: ReadonlyMap<number, RunSpec>,
  target: EngineTarget,
): Part[] {
  const { launch, store } = maker.context;
  return [...specs].flatMap(([point, spec]): Part[] => {
    const one = known.get(point);
    if (!one) return [{ point, prepare: (part) => maker.make(spec, part).run }];
    const remaining = remainingOf(one.run, launch, target);
    if (remaining === 'complete') return [{ point, prepare: (part) => maker.complete(one.id, spec, part).run }];
    if ((remaining !== 'submit' && remaining !== 'again') || one.run?.kind !== 'run') return [];
    const restarts = goesOn(one.run, { ...target.resources, ...changesOf(one.run.job?.changed) });
    return [submitAgain(store, one.run, spec, { restarts })];
  });
}

import groupBy from 'lodash/groupBy.js';
import isEmpty from 'lodash/isEmpty.js';
import { writeFileAtomic } from '../core/atomic-file.js';
import { thisProcess } from '../core/process.js';
import type { EngineLimits, Resources } from '../engines/index.js';
import { fail } from '../failures/index.js';
import {
  type CompleteRun,
  enqueue,
  type JobRecord,
  LaunchDirectory,
  lastAttemptNumber,
  newId,
  type QueueEntry,
  runPaths,
  storePaths,
  writeJob,
} from '../store/index.js';
import { checkJobs, checkLimits, type JobPlan } from './engine/job-plan.js';
import { type Part, Submitter, stoppable, waitsOf } from './engine/start.js';
import type { Launch } from './here/work.js';
import { runContents } from './make/run-files.js';
import { launchedRun, makerOf, type RunMaker } from './make/run-maker.js';
import { planRuns, type RunSpec } from './plan/plan.js';
import type { RecordedLaunch } from './record/launch-record.js';
import type { Restarts } from './restarts.js';

/** Runs of one launch that are to be submitted again, and what they are to ask for then. */
export interface Resubmission {
  readonly launch: string;
  readonly runs: readonly CompleteRun[];
  readonly recorded: RecordedLaunch & { readonly jobs: JobPlan };
  /** What that is otherwise than at their launch. */
  readonly changed: Partial<Resources>;
  /** How often they have gone on by themselves, where nobody asked for this submission. */
  readonly restarts?: Restarts | undefined;
}

/**
 * Sorts runs of a launch by what they ask for now: as their launch, as they were changed to since, and as `asked` says. Throws what checking
 * that for the engine throws.
 */
export function resubmissions(
  launch: string,
  runs: readonly CompleteRun[],
  recorded: Resubmission['recorded'],
  asked: Partial<Resources>,
  limits: EngineLimits,
): Resubmission[] {
  const changedText = ({ job }: CompleteRun) => JSON.stringify({ ...changesOf(job?.changed), ...asked });
  return Object.entries(groupBy(runs, changedText)).map(([text, alike]) => {
    const changed = changesOf(text);
    const jobs = { ...recorded.jobs, resources: { ...recorded.jobs.resources, ...changed } };
    checkJobs(jobs);
    checkLimits(jobs, limits);
    return { launch, runs: alike, recorded: { ...recorded, jobs }, changed };
  });
}

export const changesOf = (changed: string | undefined): Partial<Resources> => JSON.parse(changed ?? '{}');

/**
 * Submits runs of a launch again in their own directories, each as its next attempt, by its own script, which is written anew where they ask
 * for something else. Throws `foreign-run` for one that mlx has not made. That they do not go on is for who calls to see to.
 */
export function resubmitRuns(store: string, resubmission: Resubmission, limits: EngineLimits): Launch {
  const { launch, runs, recorded, changed, restarts } = resubmission;
  const wanted = new Map(runs.map((run) => [run.job?.point, run]));
  const specs = [...planRuns(recorded.plan)].filter(({ point }) => wanted.has(point.index));
  const known = new Set(specs.map(({ point }) => point.index));
  for (const { id, job } of runs) if (!job || !known.has(job.point)) fail({ reason: 'foreign-run', id });
  const alone: Partial<JobPlan> = runs.length === 1 ? { array: 'never', pack: 1 } : {};
  const jobs: JobPlan = { ...recorded.jobs, ...alone, maxQueued: undefined };
  return stoppable(async function* (signal) {
    const waits = await waitsOf(store, jobs);
    const record = new LaunchDirectory(launch, storePaths.launch(store, launch));
    const maker = makerOf(store, launch, { ...recorded, jobs }, record);
    try {
      yield { type: 'launched', launch, store };
      const parts = specs.flatMap((spec) => {
        const run = wanted.get(spec.point.index);
        return run ? [submitAgain(store, run, spec, { maker, changed }, restarts)] : [];
      });
      yield* new Submitter(maker, jobs, limits, signal, waits).submit(parts, parts.length);
    } finally {
      maker.close(false);
    }
  });
}

/** Who writes a run's script anew, and what it asks for then otherwise than at its launch. */
interface Changes {
  readonly maker: RunMaker;
  readonly changed: Partial<Resources>;
}

/** A run that exists, under a new submission: its next attempt. Its script stays as it is, save where it is to ask for something else. */
export function submitAgain(
  store: string,
  { id, job }: CompleteRun,
  spec: RunSpec,
  changes?: Changes,
  restarts?: Restarts,
): Part {
  return {
    point: spec.point.index,
    prepare({ token, task, after }) {
      const directory = storePaths.run(store, id);
      const firstAttempt = lastAttemptNumber(directory) + 1;
      const place = { id, token, firstAttempt, task, after };
      const changed = changes && !isEmpty(changes.changed) ? JSON.stringify(changes.changed) : job?.changed;
      if (changes && changed !== job?.changed) {
        const { script } = runContents(changes.maker.context, spec, place);
        writeFileAtomic(runPaths.script(directory), script, { mode: 0o777 });
      }
      if (job) writeJob(directory, { ...anew(job, { token, firstAttempt }), ...restarts, task, after, changed });
      return launchedRun(store, id, token, spec);
    },
  };
}

/** Puts runs of the local queue into it again, each for its next attempt. */
export function requeue(
  store: string,
  runs: readonly CompleteRun[],
  changed: Partial<QueueEntry>,
  continued = 0,
): void {
  for (const { id, directory, job } of runs) {
    if (!job?.queued) continue;
    const queued = { ...job.queued, ...changed, held: false };
    // Before, lest it be left out if this process is killed; and after, for what works on the queue may have seen the end of before.
    enqueue(store, id);
    const again = anew(job, { token: newId(), firstAttempt: lastAttemptNumber(directory) + 1 });
    writeJob(directory, { ...again, queued, continued });
    enqueue(store, id);
  }
}

/** What is known of a run when it is submitted again: nothing of what its submission before has come to. */
function anew(job: JobRecord, { token, firstAttempt }: Pick<JobRecord, 'token' | 'firstAttempt'>): JobRecord {
  const forgotten = { jobId: undefined, verdict: undefined, continued: undefined, requeued: undefined };
  return { ...job, ...forgotten, token, firstAttempt, launcher: thisProcess() };
}

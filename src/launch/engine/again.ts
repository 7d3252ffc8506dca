import groupBy from 'lodash/groupBy.js';
import isEmpty from 'lodash/isEmpty.js';
import { writeFileAtomic } from '../../core/atomic-file.js';
import type { EngineLimits } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import type { Resources } from '../../resources/index.js';
import {
  type CompleteRun,
  LaunchDirectory,
  lastAttemptNumber,
  type Restarts,
  runPaths,
  storePaths,
  writeJob,
} from '../../store/index.js';
import { type Launch, stoppable } from '../events.js';
import { makerOf } from '../make/begin.js';
import { changesOf, nextSubmission } from '../make/next-submission.js';
import { runContents } from '../make/run-files.js';
import { launchedRun, type RunMaker } from '../make/run-maker.js';
import { planRuns, type RunSpec } from '../plan/plan.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import type { EngineTarget } from '../target.js';
import { retryPolicyIn } from '../target.js';
import { checkJobs, checkLimits } from './check.js';
import { type KnownRun, knownRuns } from './known-runs.js';
import { submittingAlone } from './one-at-a-time.js';
import { openJobs } from './turns.js';
import { type Part, Submitter, waitsOf } from './work.js';

/** Runs of one launch to submit again, and what they ask for now. */
export interface Resubmission {
  readonly launch: string;
  readonly runs: readonly CompleteRun[];
  readonly recorded: RecordedLaunch<EngineTarget>;
  /** What they ask for differently from their launch. */
  readonly changed: Partial<Resources>;
  /** How often they have started again by themselves; undefined if a person asked for this submission. */
  readonly restarts?: Restarts | undefined;
}

/**
 * Groups runs of a launch by what they ask for now: as at their launch, as they were changed since, and as
 * `asked` says. Throws what checking that for the engine throws.
 */
export function resubmissions(
  launch: string,
  runs: readonly CompleteRun[],
  recorded: RecordedLaunch<EngineTarget>,
  { asked, limits }: { readonly asked: Partial<Resources>; readonly limits: EngineLimits },
): Resubmission[] {
  const changedText = ({ job }: CompleteRun) => JSON.stringify({ ...changesOf(job?.changed), ...asked });
  return Object.entries(groupBy(runs, changedText)).map(([text, alike]) => {
    const changed = changesOf(text);
    const { target } = recorded;
    const now = { ...target, resources: { ...target.resources, ...changed } };
    checkJobs(now);
    checkLimits(now, limits);
    return { launch, runs: alike, recorded: { ...recorded, target: now }, changed };
  });
}

/**
 * Submits runs of a launch again in their own directories, each as its next attempt, by its own script, which
 * is rewritten if the run asks for something else. The caller makes sure that they are not running. Throws
 * `foreign-run` for a run that mlx has not made.
 */
export function againEngine(store: string, resubmission: Resubmission, limits: EngineLimits): Launch {
  const { launch, runs, recorded, changed, restarts } = resubmission;
  const wanted = new Map(runs.map((run) => [run.job?.point, run]));
  const specs = [...planRuns(recorded.plan)].filter(({ point }) => wanted.has(point.index));
  const known = new Set(specs.map(({ point }) => point.index));
  for (const { id, job } of runs) if (!job || !known.has(job.point)) fail({ reason: 'foreign-run', id });
  const single: Partial<EngineTarget> = runs.length === 1 ? { array: 'never', pack: 1 } : {};
  const target: EngineTarget = { ...recorded.target, ...single, maxQueued: undefined };
  return stoppable(async function* (signal) {
    const waits = await waitsOf(store, target);
    const alone = target.maxRunning === undefined ? undefined : await submittingAlone(store, launch);
    try {
      const record = new LaunchDirectory(launch, storePaths.launch(store, launch));
      const maker = makerOf(store, launch, { ...recorded, target }, record);
      try {
        yield { type: 'launched', launch, store };
        const parts = specs.flatMap((spec) => {
          const run = wanted.get(spec.point.index);
          return run ? [submitAgain(store, run, spec, { restarts, changes: { maker, changed } })] : [];
        });
        const submitter = new Submitter({ maker, target, limits, signal, waits });
        if (alone) {
          const known = await knownRuns(store, launch, recorded);
          for (const run of runs) refuseTaken(run, known);
          submitter.queueBehind(openJobs(store, launch, known.values()));
        }
        for await (const event of submitter.submit(parts, parts.length)) {
          alone?.refresh();
          yield event;
        }
      } finally {
        maker.close(false);
      }
    } finally {
      alone?.release();
    }
  });
}

/** Throws `run-alive` if another process was faster to submit the run again. */
function refuseTaken({ id, job }: CompleteRun, known: ReadonlyMap<number, KnownRun>): void {
  const now = job && known.get(job.point)?.run;
  if (now?.kind === 'run' && now.job?.token !== job?.token) fail({ reason: 'run-alive', id });
}

/** What is different about a run that is submitted again. */
interface Difference {
  readonly restarts: Restarts | undefined;
  /**
   * Who rewrites the run's script, and what it asks for differently from its launch; undefined to keep the
   * script.
   */
  readonly changes?: { readonly maker: RunMaker; readonly changed: Partial<Resources> };
}

/**
 * An existing run under a new submission: its next attempt. Its script stays unless it asks for something
 * else.
 */
export function submitAgain(
  store: string,
  { id, job }: CompleteRun,
  spec: RunSpec,
  { restarts, changes }: Difference,
): Part {
  return {
    point: spec.point.index,
    prepare({ token, task, after, turn }) {
      const directory = storePaths.run(store, id);
      const firstAttempt = lastAttemptNumber(directory) + 1;
      const part = { id, token, firstAttempt, task, after, turn };
      const changed = changes && !isEmpty(changes.changed) ? JSON.stringify(changes.changed) : job?.changed;
      if (changes && changed !== job?.changed) {
        const { script, scriptMode } = runContents(changes.maker.context, spec, part);
        writeFileAtomic(runPaths.script(directory), script, { mode: scriptMode });
      }
      const next = job && nextSubmission(job, { token, firstAttempt });
      // What somebody submits again, or has begun, starts whatever other runs have come to.
      const despiteFailures = changes !== undefined || restarts !== undefined;
      const policy = retryPolicyIn(changesOf(changed), next);
      if (next) writeJob(directory, { ...next, ...restarts, ...policy, task, after, turn, changed, despiteFailures });
      return launchedRun(store, id, token, spec);
    },
  };
}

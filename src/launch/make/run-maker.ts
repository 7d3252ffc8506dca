import { dirname } from 'node:path';
import { writeFileAtomic } from '../../core/atomic-file.js';
import { errnoCode } from '../../core/errno.js';
import { makeDirectories } from '../../core/files.js';
import { fail } from '../../failures/index.js';
import { elementIndexes, type JobScript } from '../../script/index.js';
import {
  type ArrayTask,
  claimJobLog,
  continueRun,
  countArrays,
  createLaunch,
  createRun,
  type Dependencies,
  enqueue,
  IdClaimer,
  isOver,
  type LaunchDirectory,
  lastAttemptNumber,
  newId,
  nextIdHint,
  openStore,
  readLaunchPoints,
  readRun,
  storePaths,
} from '../../store/index.js';
import { type PlainOverride, sourceToken } from '../../sweep/index.js';
import { configValue, formatYamlRecord } from '../../values/index.js';
import type { JobPlan } from '../engine/job-plan.js';
import type { LaunchedRun, RunLimits } from '../here/work.js';
import type { Plan, RunSpec } from '../plan/plan.js';
import type { QueuePlan } from '../queue/queue-plan.js';
import { launchFiles, launchRecordText, type RecordedLaunch } from '../record/launch-record.js';
import { type LaunchContext, launchContext, launchEnvironment, runContents, settingsText } from './run-files.js';
import { installedRuntime } from './runtime.js';

/** Where a launch comes from. */
export interface LaunchOrigin {
  /** The words that were typed, for the record. */
  readonly argv: readonly string[];
  readonly version: string;
  /** The environment to take the launch's variables from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A launch that has begun: its record is there, none of its runs is. */
export interface BegunLaunch {
  readonly launch: string;
  readonly store: string;
  readonly maker: RunMaker;
  /** Ends the record, once it is known whether everything was done. */
  finish(done: boolean): Promise<void>;
}

/** Begins a launch: opens the store and writes the launch's record. Throws `store-unusable` or `run-alive`. */
export function beginLaunch(
  plan: Plan,
  origin: LaunchOrigin,
  limits: RunLimits,
  jobs: JobPlan | undefined,
  queue?: QueuePlan,
): BegunLaunch {
  const store = plan.settings.logger.parent_log_dir;
  if (plan.job) makeLogDirectory(plan.job);
  openStore(store);
  refuseForcedIdAlive(plan, store);
  const runtime = installedRuntime(store);
  // What hands out GPUs says which.
  const hasGpus = [limits.gpusPerRun, queue?.gpus, jobs?.resources.gpus].some((count) => (count ?? 0) > 0);
  const environment = launchEnvironment(plan, origin.environment, runtime).filter(
    ([name]) => !(hasGpus && name === 'CUDA_VISIBLE_DEVICES'),
  );
  const launch = newId();
  const facts = { ...origin, limits, jobs, queue, environment, launch, firstId: nextIdHint(store) };
  const record = createLaunch(store, launch, {
    ...launchFiles(plan),
    'mlx.yaml': settingsText(plan),
    'launch.yaml': launchRecordText(plan, facts),
  });
  if (plan.job) claimJobLog(store, plan.job.stem, launch);
  const maker = new RunMaker(launchContext(plan, { launch, store, runtime, environment, jobs, queue }), record);
  const code = recordCode(record, plan.cwd);
  return {
    launch,
    store,
    maker,
    async finish(done) {
      await code;
      maker.close(done);
    },
  };
}

function makeLogDirectory({ log }: JobScript): void {
  try {
    makeDirectories(dirname(log));
  } catch (error) {
    fail({ reason: 'log-unusable', path: log, code: errnoCode(error) ?? String(error) });
  }
}

/** What makes the runs that are missing in a launch of before. */
export function makerOf(
  store: string,
  launch: string,
  { plan, environment, jobs, queue }: RecordedLaunch,
  record: LaunchDirectory,
): RunMaker {
  const runtime = installedRuntime(store);
  return new RunMaker(launchContext(plan, { launch, store, runtime, environment, jobs, queue }), record);
}

/** A run whose directory is there, and the attempt that is to come. */
export interface MadeRun {
  readonly run: LaunchedRun;
  readonly attempt: number;
}

/** What a run is part of: the submission with this token, as this task. */
export interface RunPart {
  readonly token?: string;
  readonly task?: ArrayTask | undefined;
  /** What this submission waits for. */
  readonly after?: Dependencies | undefined;
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

  /** Makes whole the directory of a run that was claimed already. */
  complete(id: number, spec: RunSpec, part: RunPart): MadeRun {
    return this.#fill(id, spec, part, continueRun);
  }

  #fill(id: number, spec: RunSpec, { token = newId(), task, after }: RunPart, write: typeof createRun): MadeRun {
    const directory = storePaths.run(this.context.store, id);
    // First, so that what can be started is in the queue.
    if (this.context.queue) enqueue(this.context.store, id);
    // The directory of a forced id may hold earlier attempts.
    const attempt = (write === createRun ? 0 : lastAttemptNumber(directory)) + 1;
    const contents = runContents(this.context, spec, { id, token, firstAttempt: attempt, task, after });
    write(directory, contents);
    const { job } = this.context.plan;
    if (job && isOneRun(job)) writeBeside(job, contents.script);
    // What works on the queue may have taken it out, as long as it was a run that had ended.
    if (this.context.queue && write === continueRun) enqueue(this.context.store, id);
    this.record.addPoint(spec.point.index, id);
    this.#last = { point: spec.point.index, id };
    const run = launchedRun(this.context.store, id, token, spec);
    return { run, attempt };
  }

  /** The run of the point before. */
  runBefore(point: number): number | undefined {
    if (this.#last?.point === point - 1) return this.#last.id;
    return readLaunchPoints(this.context.store, this.context.launch).get(point - 1);
  }

  /** The number of the launch's next array. */
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

/** Whether a job is one run, whose script is the job's. */
const isOneRun = ({ array }: JobScript) => array?.element === undefined || elementIndexes(array).length === 1;

/** Writes a job's script beside its log. */
export function writeBeside(job: JobScript, text: string): void {
  writeFileAtomic(`${job.stem}.sh`, text, { mode: 0o755 });
}

/** A run as events name it. */
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

/** Notes beside the launch which code it ran; while its runs already start, since git may take its time. */
async function recordCode(record: LaunchDirectory, directory: string): Promise<void> {
  const { describeCode } = await import('../../code/index.js');
  const text = formatYamlRecord(configValue(await describeCode(directory)));
  try {
    record.addFile('code.yaml', text);
  } catch {
    // A store that can't be written to is told by the runs, which need it more.
  }
}

function refuseForcedIdAlive(plan: Plan, store: string): void {
  const id = plan.settings.logger.forced_log_id;
  const run = id >= 0 ? readRun(store, id) : undefined;
  if (run?.kind === 'run' && !isOver(run.status.status)) {
    fail({ reason: 'run-alive', id });
  }
}

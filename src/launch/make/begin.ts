import { dirname } from 'node:path';
import { errnoCode } from '../../core/errno.js';
import { makeDirectories } from '../../core/files.js';
import { fail } from '../../failures/index.js';
import type { JobScript } from '../../script/index.js';
import {
  claimJobLog,
  createLaunch,
  isOver,
  type LaunchDirectory,
  lockBeginning,
  maxFailuresFile,
  newId,
  nextIdHint,
  openStore,
  readRun,
} from '../../store/index.js';
import { configValue, formatYamlRecord } from '../../values/index.js';
import type { Plan } from '../plan/plan.js';
import { withoutNewLaunches } from '../plan/skip-existing.js';
import { launchFiles, launchRecordText, type RecordedLaunch } from '../record/launch-record.js';
import { failureLimitOf, type Target } from '../target.js';
import { fileModes, launchEnvironment } from './environment.js';
import { launchContext, settingsText } from './launch-context.js';
import { RunMaker } from './run-maker.js';
import { installedRuntime } from './runtime.js';

/** Where a launch comes from. */
export interface LaunchOrigin {
  /** The words that were typed, for the record. */
  readonly argv: readonly string[];
  readonly version: string;
  /** The environment that the launch's variables are taken from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A launch that has begun: its record exists, but no run yet. */
export interface BegunLaunch {
  readonly plan: Plan;
  readonly launch: string;
  readonly store: string;
  readonly maker: RunMaker;
  /** Closes the record; `done` says whether everything was done. */
  finish(done: boolean): Promise<void>;
}

/**
 * Begins a launch: opens the store and writes the launch's record. Throws `store-unusable` or `run-alive`.
 */
export function beginLaunch(plan: Plan, origin: LaunchOrigin, target: Target): BegunLaunch {
  const store = plan.settings.logger.parent_log_dir;
  if (plan.job) makeLogDirectory(plan.job);
  openStore(store, { groupWritable: plan.settings.logger.group_writable });
  refuseForcedIdAlive(plan, store);
  const runtime = installedRuntime(store);
  // Whoever hands out GPUs says which ones.
  const hasGpus = (gpusOf(target) ?? 0) > 0;
  const environment = launchEnvironment(plan, origin.environment, runtime).filter(
    ([name]) => !(hasGpus && name === 'CUDA_VISIBLE_DEVICES'),
  );
  const launch = newId();
  const most = failureLimitOf(target);
  const facts = { ...origin, target, environment, launch, firstId: nextIdHint(store) };
  const files = {
    ...launchFiles(plan),
    'mlx.yaml': settingsText(plan),
    ...(most !== undefined && { [maxFailuresFile]: `${most}\n` }),
    'launch.yaml': launchRecordText(plan, facts),
  };
  const record = createLaunch(store, launch, files, fileModes(plan, store).record);
  if (plan.job) claimJobLog(store, plan.job.stem, launch);
  const maker = new RunMaker(launchContext(plan, { target, launch, store, runtime, environment }), record);
  const code = recordCode(record, plan.cwd);
  return {
    plan,
    launch,
    store,
    maker,
    async finish(done) {
      await code;
      maker.close(done);
    },
  };
}

/**
 * `beginLaunch` for a plan that may leave out what exists already. Of two such launches at once the second
 * leaves out what the first has taken. `covered` is then how many points that were, and `begun` is undefined
 * if none is left.
 */
export async function beginWithoutOthers(
  plan: Plan,
  origin: LaunchOrigin,
  target: Target,
): Promise<{ readonly begun: BegunLaunch | undefined; readonly covered: number }> {
  if (!plan.skipping) return { begun: beginLaunch(plan, origin, target), covered: 0 };
  const store = plan.settings.logger.parent_log_dir;
  openStore(store, { groupWritable: plan.settings.logger.group_writable });
  const release = await lockBeginning(store);
  try {
    const left = await withoutNewLaunches(plan);
    const begun = left.count === 0 ? undefined : beginLaunch(left, origin, target);
    return { begun, covered: plan.count - left.count };
  } finally {
    release();
  }
}

/**
 * Puts a launch on record for another process, which makes its runs: `handOverLaunch` and then the same as
 * for a launch that was interrupted. Undefined if nothing is left to make.
 */
export async function recordLaunch(
  plan: Plan,
  origin: LaunchOrigin,
  target: Target,
): Promise<{ readonly launch: string | undefined; readonly covered: number }> {
  const { begun, covered } = await beginWithoutOthers(plan, origin, target);
  await begun?.finish(false);
  return { launch: begun?.launch, covered };
}

function makeLogDirectory({ log }: JobScript): void {
  try {
    makeDirectories(dirname(log));
  } catch (error) {
    fail({ reason: 'log-unusable', path: log, code: errnoCode(error) ?? String(error) });
  }
}

/** Returns a maker for the missing runs of an earlier launch. */
export function makerOf(
  store: string,
  launch: string,
  { plan, target, environment }: RecordedLaunch,
  record: LaunchDirectory,
): RunMaker {
  const runtime = installedRuntime(store);
  return new RunMaker(launchContext(plan, { target, launch, store, runtime, environment }), record);
}

/** How many GPUs each run of a target gets, if any. */
function gpusOf(target: Target): number | undefined {
  switch (target.kind) {
    case 'here':
      return target.gpusPerRun;
    case 'queue':
      return target.gpus;
    case 'engine':
      return target.resources.gpus;
  }
}

/** Records which code the launch runs. Its runs start meanwhile, because git can be slow. */
async function recordCode(record: LaunchDirectory, directory: string): Promise<void> {
  const { describeCode } = await import('../../code/index.js');
  const text = formatYamlRecord(configValue(await describeCode(directory)));
  try {
    record.addFile('code.yaml', text);
  } catch {
    // If the store can't be written to, its runs report that.
  }
}

function refuseForcedIdAlive(plan: Plan, store: string): void {
  const id = plan.settings.logger.forced_log_id;
  const run = id >= 0 ? readRun(store, id) : undefined;
  if (run?.kind === 'run' && !isOver(run.status.status)) {
    fail({ reason: 'run-alive', id });
  }
}

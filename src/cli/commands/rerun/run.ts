import { availableParallelism } from 'node:os';
import omit from 'lodash/omit.js';
import type { ParsedArgs } from '../../../arguments/index.js';
import { refuseTogether } from '../../../arguments/index.js';
import { engineNamed } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import {
  againEngine,
  againHere,
  asHere,
  changesOf,
  type EngineTarget,
  planRerun,
  type RecordedLaunch,
  readLaunch,
} from '../../../launch/index.js';
import { requireRunNow } from '../../../runs/index.js';
import { type CompleteRun, isOver } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { showDryRun } from '../../launching/dry-run.js';
import { carryOutPlan, followLaunch } from '../../launching/follow-launch.js';
import { recordedInCopy, restoreCopyOf } from '../../launching/restore-copy.js';
import { warnOfChanges } from '../../launching/warn-of-changes.js';
import { type FollowChoices, followChoices, outputOf } from '../../options/output.js';
import { storeOf } from '../../selecting/store.js';
import type { RerunOptions } from './spec.js';

/**
 * `mlx rerun ID`: runs the same command, config and environment again, as a new run, or with `--in-place` as
 * a new attempt.
 */
export async function run({ positionals, options }: ParsedArgs<RerunOptions>, io: Io): Promise<number> {
  const follow = followChoices(options);
  refuseTogether(options, 'here', 'scheduler');
  const [id, ...overrides] = positionals;
  if (id === undefined) return fail({ reason: 'missing-argument', argument: 'ID', command: 'rerun' });
  const engine = options.scheduler;
  const store = await storeOf(options, io.cwd);
  const found = await requireRunNow(store, id, io.cwd);
  const { job } = found;
  if (!job) return fail({ reason: 'foreign-run', id: found.id });
  if (options.readOnly && !options.versioned) fail({ reason: 'needs-versioned', option: '--read-only' });
  refuseTogether(options, 'versioned', 'inPlace');
  const recorded = await recordedFor(options, io, store, found);
  const { target } = recorded;
  const toHere = options.here || engineNamed(engine ?? '') === 'here' || target.kind !== 'engine';
  // The resources come from the run's launch; a run that ran here has none for an engine.
  if (toHere && engine !== undefined && engineNamed(engine) !== 'here')
    fail({ reason: 'rerun-elsewhere', id: found.id });
  if (!toHere) return toEngine(options, io, { store, found, recorded: { ...recorded, target }, overrides });
  return options.inPlace
    ? again(options, io, { store, found, recorded, overrides, follow })
    : anew(options, io, { store, found, recorded, overrides, follow });
}

/**
 * Returns the record of a run's launch, after its code was restored, and warns about what has changed since.
 */
async function recordedFor(options: RerunOptions, io: Io, store: string, found: CompleteRun): Promise<RecordedLaunch> {
  const launch = found.job?.launch ?? '';
  const recorded = await readLaunch(store, launch);
  const dry = options.dryRun;
  if (options.versioned && !dry) {
    return recordedInCopy({ store, run: found, recorded }, { readOnly: options.readOnly }, io);
  }
  if (!dry) await restoreCopyOf(recorded.plan, io);
  await warnOfChanges(store, launch, recorded, io);
  return recorded;
}

/** A run that will run again. */
interface Rerun {
  readonly store: string;
  readonly found: CompleteRun;
  readonly recorded: RecordedLaunch;
  readonly overrides: readonly string[];
  readonly follow: FollowChoices;
}

/** Submits the run again, to the engine of its launch, with the same resources. */
async function toEngine(
  options: RerunOptions,
  io: Io,
  {
    store,
    found,
    recorded,
    overrides,
  }: Omit<Rerun, 'follow' | 'recorded'> & { recorded: RecordedLaunch<EngineTarget> },
): Promise<number> {
  const { followSubmission, requireCommands, submitPlan } = await import('../../launching/follow-submission.js');
  const env = { ...io.env, ...Object.fromEntries(recorded.environment) };
  if (!options.inPlace) {
    const plan = planRerun(found, recorded, overrides);
    const shape = { plan, parallel: 1, notes: [`like run ${found.id}`], target: recorded.target };
    if (options.dryRun) return showDryRun(shape, { ...io, env }, options.json);
    return submitPlan(shape, options, { ...io, env });
  }
  const [override] = overrides;
  if (override !== undefined) fail({ reason: 'in-place-overrides', id: found.id, override });
  refuseTogether(options, 'inPlace', 'dryRun');
  if (!isOver(found.status.status)) fail({ reason: 'run-alive', id: found.id });
  requireCommands(recorded.target, io);
  const output = outputOf(options);
  const launch = againEngine(store, { launch: found.job?.launch ?? '', runs: [found], recorded, changed: {} }, {});
  return (await followSubmission(launch, 1, { output, verbose: false }, io)).code;
}

/** Starts the next attempt of the run here. */
function again(options: RerunOptions, io: Io, { store, found, recorded, overrides, follow }: Rerun): Promise<number> {
  const [override] = overrides;
  if (override !== undefined) fail({ reason: 'in-place-overrides', id: found.id, override });
  refuseTogether(options, 'inPlace', 'dryRun');
  const head = `run ${found.id} again in its own directory, as attempt ${(found.attempt?.number ?? 0) + 1}\n`;
  const target = { ...asHere(recorded), failFast: false, maxFailures: undefined, parallel: 1 };
  const launch = againHere(store, [found], target, changesOf(found.job?.changed));
  return followLaunch(launch, { head, total: 1, parallel: 1 }, io, follow);
}

/** Starts a new run like the run here. */
async function anew(options: RerunOptions, io: Io, { found, recorded, overrides, follow }: Rerun): Promise<number> {
  const plan = planRerun(found, recorded, overrides);
  const parallel = options.parallel ?? availableParallelism();
  const limits = omit(asHere(recorded), 'gpusPerRun');
  const target = {
    ...limits,
    parallel,
    failFast: options.failFast,
    maxFailures: undefined,
    grace: plan.settings.grace,
  };
  const shape = { plan, parallel, notes: [`like run ${found.id}`], target };
  const environment = Object.fromEntries(recorded.environment);
  if (options.dryRun) return showDryRun(shape, { ...io, env: environment }, options.json);
  return carryOutPlan(shape, io, { ...follow, environment });
}

import { availableParallelism } from 'node:os';
import omit from 'lodash/omit.js';
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
import type { Io, ParsedArgs } from '../../grammar/command.js';
import { refuseTogether } from '../../grammar/parse-args.js';
import { showDryRun } from '../../launching/dry-run.js';
import {
  carryOutPlan,
  type FollowOptions,
  followLaunch,
  followOptions,
  outputOf,
} from '../../launching/follow-launch.js';
import { recordedInCopy, restoreCopyOf } from '../../launching/restore-copy.js';
import { warnOfChanges } from '../../launching/warn-of-changes.js';
import { storeOf } from '../../options/store-option.js';

/** `mlx rerun ID`: the same command, config and environment again, as a new run or with `--in-place` as a new attempt. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const follow = followOptions(parsed);
  refuseTogether(parsed, 'here', 'scheduler');
  const [id, ...overrides] = parsed.positionals;
  if (id === undefined) return fail({ reason: 'missing-argument', argument: 'ID', command: 'rerun' });
  const engine = parsed.text('scheduler');
  const store = await storeOf(parsed, io);
  const found = await requireRunNow(store, id, io.cwd);
  const { job } = found;
  if (!job) return fail({ reason: 'foreign-run', id: found.id });
  if (parsed.has('read-only') && !parsed.has('versioned')) fail({ reason: 'needs-versioned', option: '--read-only' });
  refuseTogether(parsed, 'versioned', 'in-place');
  const recorded = await recordedFor(parsed, io, store, found);
  const { target } = recorded;
  const toHere = parsed.has('here') || engineNamed(engine ?? '') === 'here' || target.kind !== 'engine';
  // What a run asks an engine for its launch tells; one that ran here has asked for nothing.
  if (toHere && engine !== undefined && engineNamed(engine) !== 'here')
    fail({ reason: 'rerun-elsewhere', id: found.id });
  if (!toHere) return toEngine(parsed, io, { store, found, recorded: { ...recorded, target }, overrides });
  return parsed.has('in-place')
    ? again(parsed, io, { store, found, recorded, overrides, follow })
    : anew(parsed, io, { store, found, recorded, overrides, follow });
}

/** The launch of a run as it is to be done again, its code where it has to be. */
async function recordedFor(parsed: ParsedArgs, io: Io, store: string, found: CompleteRun): Promise<RecordedLaunch> {
  const launch = found.job?.launch ?? '';
  const recorded = await readLaunch(store, launch);
  const dry = parsed.has('dry-run');
  if (parsed.has('versioned') && !dry) {
    return recordedInCopy(store, found, recorded, { readOnly: parsed.has('read-only') }, io);
  }
  if (!dry) await restoreCopyOf(recorded.plan, io);
  await warnOfChanges(store, launch, recorded, io);
  return recorded;
}

interface Rerun {
  readonly store: string;
  readonly found: CompleteRun;
  readonly recorded: RecordedLaunch;
  readonly overrides: readonly string[];
  readonly follow: FollowOptions;
}

/** To the engine that the run's launch was submitted to, with the same resources. */
async function toEngine(
  parsed: ParsedArgs,
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
  if (!parsed.has('in-place')) {
    const plan = planRerun(found, recorded, overrides);
    const shape = { plan, parallel: 1, notes: [`like run ${found.id}`], target: recorded.target };
    if (parsed.has('dry-run')) return showDryRun(shape, { ...io, env }, parsed.has('json'));
    return submitPlan(shape, parsed, { ...io, env });
  }
  const [override] = overrides;
  if (override !== undefined) fail({ reason: 'in-place-overrides', id: found.id, override });
  refuseTogether(parsed, 'in-place', 'dry-run');
  if (!isOver(found.status.status)) fail({ reason: 'run-alive', id: found.id });
  requireCommands(recorded.target, io);
  const output = outputOf(parsed);
  const launch = againEngine(store, { launch: found.job?.launch ?? '', runs: [found], recorded, changed: {} }, {});
  return (await followSubmission(launch, 1, { output, verbose: parsed.has('verbose') }, io)).code;
}

function again(parsed: ParsedArgs, io: Io, { store, found, recorded, overrides, follow }: Rerun): Promise<number> {
  const [override] = overrides;
  if (override !== undefined) fail({ reason: 'in-place-overrides', id: found.id, override });
  refuseTogether(parsed, 'in-place', 'dry-run');
  const head = `run ${found.id} again in its own directory, as attempt ${(found.attempt?.number ?? 0) + 1}\n`;
  const target = { ...asHere(recorded), failFast: false, parallel: 1 };
  const launch = againHere(store, [found], target, changesOf(found.job?.changed));
  return followLaunch(launch, { head, total: 1, parallel: 1 }, io, follow);
}

async function anew(parsed: ParsedArgs, io: Io, { found, recorded, overrides, follow }: Rerun): Promise<number> {
  const plan = planRerun(found, recorded, overrides);
  const parallel = parsed.number('parallel') ?? availableParallelism();
  const target = {
    ...omit(asHere(recorded), 'gpusPerRun'),
    parallel,
    failFast: parsed.has('fail-fast'),
    grace: plan.settings.grace,
  };
  const shape = { plan, parallel, notes: [`like run ${found.id}`], target };
  const environment = Object.fromEntries(recorded.environment);
  if (parsed.has('dry-run')) return showDryRun(shape, { ...io, env: environment }, parsed.has('json'));
  return carryOutPlan(shape, io, { ...follow, environment });
}

import { availableParallelism } from 'node:os';
import { fail } from '../../core/failure.js';
import { requireRunNow } from '../../jobs/index.js';
import { planRerun, type RecordedLaunch, readLaunch, rerunInPlace } from '../../launcher/index.js';
import type { CompleteRun } from '../../logger/index.js';
import { engineNamed } from '../../scheduler/engines.js';
import type { Io, ParsedArgs } from '../command.js';
import { refuseTogether } from '../parse-args.js';
import { showDryRun } from './run-dry.js';
import { carryOutPlan, type FollowOptions, followLaunch, followOptions } from './run-here.js';
import { storeOf } from './store-option.js';
import { warnOfChanges } from './warn-of-changes.js';

/** `mlx rerun ID`: the same command, config and environment again, as a new run or with `--in-place` as a new attempt. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const follow = followOptions(parsed);
  refuseTogether(parsed, 'here', 'scheduler');
  const [id, ...overrides] = parsed.positionals;
  if (id === undefined) return fail({ reason: 'missing-argument', argument: 'ID', command: 'rerun' });
  const engine = parsed.text('scheduler');
  if (engine !== undefined && engineNamed(engine) !== 'here') fail({ reason: 'engine-unavailable', name: engine });
  const store = await storeOf(parsed, io);
  const found = await requireRunNow(store, id, io.cwd);
  const { job } = found;
  if (!job) return fail({ reason: 'foreign-run', id: found.id });
  const recorded = await readLaunch(store, job.launch);
  await warnOfChanges(store, job.launch, recorded, io);
  return parsed.has('in-place')
    ? again(parsed, io, { store, found, recorded, overrides, follow })
    : anew(parsed, io, { store, found, recorded, overrides, follow });
}

interface Rerun {
  readonly store: string;
  readonly found: CompleteRun;
  readonly recorded: RecordedLaunch;
  readonly overrides: readonly string[];
  readonly follow: FollowOptions;
}

function again(parsed: ParsedArgs, io: Io, { store, found, recorded, overrides, follow }: Rerun): Promise<number> {
  const [override] = overrides;
  if (override !== undefined) fail({ reason: 'in-place-overrides', id: found.id, override });
  refuseTogether(parsed, 'in-place', 'dry-run');
  const head = `run ${found.id} again in its own directory, as attempt ${(found.attempt?.number ?? 0) + 1}\n`;
  const launch = rerunInPlace(store, found, { ...recorded.limits, failFast: false, parallel: 1 });
  return followLaunch(launch, { head, total: 1, parallel: 1 }, io, follow);
}

async function anew(parsed: ParsedArgs, io: Io, { found, recorded, overrides, follow }: Rerun): Promise<number> {
  const plan = planRerun(found, recorded, overrides);
  const shape = {
    plan,
    parallel: parsed.number('parallel') ?? availableParallelism(),
    notes: [`like run ${found.id}`],
  };
  const environment = Object.fromEntries(recorded.environment);
  if (parsed.has('dry-run')) return showDryRun(shape, { ...io, env: environment }, parsed.has('json'));
  const { walltime } = recorded.limits;
  return carryOutPlan(shape, io, {
    ...follow,
    walltime,
    failFast: parsed.has('fail-fast'),
    environment,
  });
}

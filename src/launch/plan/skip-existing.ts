import { readFileSync } from 'node:fs';
import isEqual from 'lodash/isEqual.js';
import { isClosedRecord } from '../../core/flat-record.js';
import { isAlive } from '../../core/process.js';
import {
  type CompleteRun,
  listLaunches,
  readLaunchOwner,
  readLaunchPoints,
  readRun,
  runPaths,
} from '../../store/index.js';
import { EngineAsker } from '../../tracking/index.js';
import { formatYamlRecord, parseYaml } from '../../values/index.js';
import { changesOf } from '../make/next-submission.js';
import { type RecordedLaunch, readableLaunch } from '../record/launch-record.js';
import { continuing, goesOn } from '../restarts.js';
import { type LaunchRequest, type Plan, planLaunch, planRuns, programsOf } from './plan.js';

/**
 * Which points are left out of a launch: none; those that have a run which is COMPLETE, waits or runs; or
 * only those that have a COMPLETE one.
 */
export type SkipExisting = boolean | 'complete';

/** A plan without the points that exist already. */
export interface PlanWithoutExisting {
  readonly plan: Plan;
  /** How many points were left out. */
  readonly existing: number;
  /** Of these, the runs that wait or run; undefined for a run that its launch is yet to make. */
  readonly underWay: readonly (number | undefined)[];
}

/**
 * Plans a launch, with `skipExisting` without the points that exist: `--skip-existing`. Asks engines about
 * runs of the same command. Throws what `planLaunch` throws.
 */
export async function planWithoutExisting(
  request: LaunchRequest,
  skipExisting: SkipExisting,
): Promise<PlanWithoutExisting> {
  if (!skipExisting) return { plan: planLaunch(request), existing: 0, underWay: [] };
  const seen = new Set<string>();
  // The limit on the number of runs is for the points that are left.
  const { settings } = request;
  const whole = planLaunch({ ...request, settings: { ...settings, max_runs: Number.MAX_SAFE_INTEGER } });
  const { points, underWay } = await existingRuns(whole, skipExisting, seen);
  const plan = planLaunch(without(request, points));
  return { plan: { ...plan, skipping: { mode: skipExisting, seen } }, existing: points.size, underWay };
}

/**
 * Returns the plan without the points that launches have taken which were recorded after it was made. The
 * caller keeps others from beginning meanwhile, see `lockBeginning`.
 */
export async function withoutNewLaunches(plan: Plan): Promise<Plan> {
  const { skipping } = plan;
  if (!skipping) return plan;
  const { points } = await existingRuns(plan, skipping.mode, skipping.seen);
  if (points.size === 0) return plan;
  const commands = plan.commands.map((command) => ({ ...command, points: command.points.request }));
  return planLaunch(without({ ...plan, commands }, points));
}

/** The same request without some more points. */
function without(request: LaunchRequest, points: ReadonlySet<number>): LaunchRequest {
  const commands = request.commands.map((command) => {
    const skipped = new Set([...(command.points.skipped ?? []), ...points]);
    return { ...command, points: { ...command.points, skipped } };
  });
  return { ...request, commands };
}

/** Returns the numbers of a plan's points that exist already, see `existingRuns`. */
export async function existingPoints(plan: Plan, mode: SkipExisting = true): Promise<ReadonlySet<number>> {
  return (await existingRuns(plan, mode, new Set())).points;
}

/**
 * Returns the numbers of a plan's points that have a run already: a run of the same command in the same
 * working directory, with the same arguments style and the same config. Each run stands for one point, so
 * that of a point that is asked for three times and was run once, two are left. Launches that were `seen` are
 * left out, and the others are added to it.
 */
async function existingRuns(
  plan: Plan,
  mode: SkipExisting,
  seen: Set<string>,
): Promise<{ readonly points: Set<number>; readonly underWay: (number | undefined)[] }> {
  const found = await foundConfigs(plan, mode, seen);
  const points = new Set<number>();
  const underWay: (number | undefined)[] = [];
  if (found.size === 0) return { points, underWay };
  for (const { point, config } of planRuns(plan)) {
    const run = found.get(formatYamlRecord(config))?.shift();
    if (!run) continue;
    points.add(point.index);
    if (!run.complete) underWay.push(run.id);
  }
  return { points, underWay };
}

/** A run that stands for a point; one that its launch is yet to make has no id. */
interface FoundRun {
  readonly complete: boolean;
  readonly id: number | undefined;
}

/** The runs of the plan's command by their configs, the complete ones first. */
async function foundConfigs(plan: Plan, mode: SkipExisting, seen: Set<string>): Promise<Map<string, FoundRun[]>> {
  const store = plan.settings.logger.parent_log_dir;
  const configs = new Map<string, FoundRun[]>();
  const add = (text: string, run: FoundRun) => {
    const runs = configs.get(text);
    if (runs) runs.push(run);
    else configs.set(text, [run]);
  };
  const open: { readonly run: CompleteRun; readonly recorded: RecordedLaunch }[] = [];
  const toMake: string[] = [];
  for (const { launch, done } of listLaunches(store)) {
    if (seen.has(launch)) continue;
    seen.add(launch);
    const recorded = await readableLaunch(store, launch);
    if (!recorded || !isSameCommand(plan, recorded)) continue;
    // Looked at before its points: a run that is made meanwhile is then counted once.
    const isMaking = !done && isAlive(readLaunchOwner(store, launch).process) !== false;
    const made = readLaunchPoints(store, launch);
    for (const id of made.values()) {
      const run = readRun(store, id);
      if (run?.kind !== 'run') continue;
      if (run.status.status === 'COMPLETE') add(configText(runPaths.config(run.directory)), { complete: true, id });
      else open.push({ run, recorded });
    }
    if (!isMaking) continue;
    for (const { point, config } of planRuns(recorded.plan)) {
      if (!made.has(point.index)) toMake.push(formatYamlRecord(config));
    }
  }
  if (mode === 'complete') return configs;
  // A plan is made before anything has been checked, and for dry runs, too.
  const asked = await new EngineAsker(store, { saves: false }).ask(open.map(({ run }) => run));
  for (const [i, { run, recorded }] of open.entries()) {
    const now = asked[i] ?? run;
    const complete = now.status.status === 'COMPLETE';
    if (complete || isUnderWay(now, recorded))
      add(configText(runPaths.config(run.directory)), { complete, id: run.id });
  }
  for (const text of toMake) add(text, { complete: false, id: undefined });
  return configs;
}

/** Whether a run waits, runs, or starts again by itself. */
function isUnderWay(run: CompleteRun, { target }: RecordedLaunch): boolean {
  if (['STARTING', 'QUEUED', 'HELD', 'RUNNING'].includes(run.status.status)) return true;
  const changes = changesOf(run.job?.changed);
  switch (target.kind) {
    case 'here':
      return false;
    case 'queue':
      return goesOn(run, continuing(run.job?.queued?.continues)) !== undefined;
    case 'engine':
      return goesOn(run, { ...target.resources, ...changes }) !== undefined;
  }
}

/** Returns a config as mlx writes it, even if the program has rewritten the file, as MLXP does. */
function configText(path: string): string {
  const text = readFileSync(path, 'utf8');
  return isClosedRecord(text) ? text : formatYamlRecord(parseYaml({ name: path, text }).value);
}

function isSameCommand(plan: Plan, recorded: RecordedLaunch): boolean {
  const identityOf = ({ commands, cwd }: Plan) => [
    cwd,
    commands.map((command) => [programsOf(command).map(({ argv }) => argv), command.args]),
  ];
  return isEqual(identityOf(plan), identityOf(recorded.plan));
}

import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EngineTarget,
  type HereTarget,
  type Launch,
  type LaunchEvent,
  type Plan,
  planLaunch,
  planTarget,
  pointsOf,
  type QueueTarget,
  type Target,
} from '../../src/launch/index.js';
import { beginLaunch } from '../../src/launch/make/begin.js';
import type { MadeRun } from '../../src/launch/make/run-maker.js';
import { supervisorIn } from '../../src/launch/make/runtime.js';
import { planRuns } from '../../src/launch/plan/plan.js';
import { defaultSettings, type Settings } from '../../src/settings/index.js';
import { type CompleteRun, type JobRecord, noDependencies, readJob, readRun, writeJob } from '../../src/store/index.js';
import { parseOverride } from '../../src/sweep/index.js';
import { removeAfterTest, type WhenFinished } from './rig.js';

/** A directory for a store, whose path holds what breaks careless quoting; removed at the test's end. */
export function storeDirectory(whenFinished?: WhenFinished): string {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'mlx-launch-')));
  removeAfterTest(parent, whenFinished);
  const directory = join(parent, "it's a; project");
  mkdirSync(directory);
  return directory;
}

/** The default settings, with the store in a directory. */
const settingsIn = (directory: string): Settings => ({
  ...defaultSettings,
  logger: { ...defaultSettings.logger, parent_log_dir: join(directory, 'logs') },
});

/** A plan of `sh -c SCRIPT` at the points of some overrides. The script has the values of its point as variables. */
export function shPlan(directory: string, script: string, words: readonly string[] = []): Plan {
  const sh = '/bin/sh';
  const argv = ['sh', '-c', `for word; do eval "$word"; done; ${script}`, 'sh'];
  return planLaunch({
    cwd: directory,
    commands: [
      {
        program: { argv, file: sh, executable: sh, directory: undefined },
        points: pointsOf(words.map((word) => parseOverride(word))),
        config: { kind: 'overrides-only' },
        args: { style: 'overrides', preset: undefined },
        written: undefined,
      },
    ],
    settings: settingsIn(directory),
    script: undefined,
    code: undefined,
  });
}

/** A target on this machine: one run at a time and no limits, except for what is said. */
export const hereTarget = (more: Partial<HereTarget> = {}): HereTarget => ({
  kind: 'here',
  parallel: 1,
  walltime: undefined,
  failFast: false,
  grace: 10,
  ...more,
});

/** A target in Slurm that asks for nothing, except for what is said. */
export async function slurmTarget(more: Partial<EngineTarget> = {}): Promise<EngineTarget> {
  const waiting = () => ({ after: noDependencies, chain: false });
  const { target } = await planTarget({}, { chosen: 'slurm', settings: defaultSettings, waiting });
  if (target.kind !== 'engine') throw new Error('no engine');
  return { ...target, ...more };
}

/** A target in the local queue: one slot, and nothing else is asked for, except for what is said. */
export const queueTarget = (more: Partial<QueueTarget> = {}): QueueTarget => ({
  kind: 'queue',
  name: undefined,
  priority: 0,
  slots: 1,
  gpus: 0,
  limit: undefined,
  shown: true,
  after: noDependencies,
  chain: false,
  ...more,
});

/** Where the launches of tests come from. */
export const testOrigin = { argv: ['mlx', 'run'], version: '0', environment: {} };

/** The runs of a launch that nobody has started. */
export interface MadeLaunch {
  readonly launch: string;
  readonly store: string;
  readonly supervisor: string;
  readonly made: readonly MadeRun[];
}

/** Makes the runs of a plan and starts none of them. */
export async function makeRuns(plan: Plan, target: Target = hereTarget()): Promise<MadeLaunch> {
  const { launch, store, maker, finish } = beginLaunch(plan, testOrigin, target);
  const made = [...planRuns(plan)].map((spec) => maker.make(spec));
  await finish(false);
  return { launch, store, supervisor: supervisorIn(maker.context.runtime), made };
}

/** All events of a launch. `seen` is called with each as it comes. */
export async function eventsOf(launch: Launch, seen: (event: LaunchEvent) => void = () => {}): Promise<LaunchEvent[]> {
  const events: LaunchEvent[] = [];
  for await (const event of launch.events) {
    events.push(event);
    seen(event);
  }
  return events;
}

/** An event in a few words: `ended 1 FAILED`. */
export function inWords(event: LaunchEvent): string {
  switch (event.type) {
    case 'starting':
    case 'passed':
      return `${event.type} ${event.run.id}`;
    case 'ended':
      return `ended ${event.run.id} ${event.status.status}`;
    case 'again':
      return `again ${event.run.id} attempt ${event.attempt} after ${event.status.status}`;
    case 'stopping':
      return `stopping: ${event.reason}`;
    case 'counted':
      return `counted ${event.total}`;
    default:
      return event.type;
  }
}

/** Removes what is recorded of GPUs whose names begin so. */
export function forgetGpus(prefix: string): void {
  const directory = join(tmpdir(), 'mlx-gpus');
  for (const name of readdirSync(directory)) {
    if (name.startsWith(encodeURIComponent(prefix))) rmSync(join(directory, name), { force: true });
  }
}

/** A run of a store as it is now. */
export function runAt(store: string, id: number): CompleteRun {
  const run = readRun(store, id);
  if (run?.kind !== 'run') throw new Error(`run ${id} is ${run?.kind ?? 'missing'}`);
  return run;
}

/** Changes what a run's job record says. */
export function changeJob(store: string, id: number, change: Partial<JobRecord>): void {
  const { directory } = runAt(store, id);
  const job = readJob(directory);
  if (!job) throw new Error(`run ${id} has no job record`);
  writeJob(directory, { ...job, ...change });
}

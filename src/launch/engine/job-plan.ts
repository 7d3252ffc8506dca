import { basename } from 'node:path';
import sortBy from 'lodash/sortBy.js';
import { clockDuration, dayClockDuration } from '../../core/clock.js';
import { nearest } from '../../core/suggest.js';
import {
  type BatchEngine,
  type EngineLimits,
  type EngineQueueLimits,
  type JobRequest,
  memoryText,
  type OwnSubmission,
  type ResourceName,
  type Resources,
  signalOf,
  unsupported,
} from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import type { RawResources, Settings } from '../../settings/index.js';
import { dependencyIds, runPaths } from '../../store/index.js';

import type { Waiting } from '../dependencies.js';

/** How the runs of a launch become jobs of an engine. */
export interface JobPlan extends Waiting {
  /** The engine's short name, or the absolute path of a user's own. */
  readonly engineName: string;
  readonly engine: BatchEngine;
  readonly resources: Resources;
  /** Options in the engine's own words. */
  readonly options: readonly string[];
  readonly array: 'auto' | 'always' | 'never';
  /** How many tasks of an array may run at once. */
  readonly maxRunning: number | undefined;
  /** How many runs one job runs, one after the other. */
  readonly pack: number;
  /** How many jobs of the launch may be in the engine at once. */
  readonly maxQueued: number | undefined;
  readonly onSubmitError: 'stop' | 'continue';
  /** How its user has jobs submitted; undefined where mlx does so. */
  readonly submit?: OwnSubmission | undefined;
  /** The engine's queue that they come into, as far as that is known. */
  readonly queueName?: string | undefined;
}

/** From so many jobs on, `auto` makes an array of them. */
const arrayFrom = 33;

/** How many jobs a launch of so many runs has, and whether they are tasks of arrays. */
export function jobShape(jobs: JobPlan, runs: number): { readonly count: number; readonly arrays: boolean } {
  const count = Math.ceil(runs / jobs.pack);
  const arrays = count > 1 && !jobs.chain && (jobs.array === 'always' || (jobs.array === 'auto' && count >= arrayFrom));
  // An array can't be fed in piece by piece.
  return { count, arrays: arrays && jobs.maxQueued === undefined };
}

/** The resources and native options of a profile. Throws `unknown-profile`. */
export function profileOf({ scheduler }: Settings, name: string): { resources: RawResources; options: string[] } {
  const profiles = Object.entries(scheduler.profiles);
  const found = profiles.find(([known]) => known === name)?.[1];
  const known = profiles.map(([one]) => one);
  if (!found) return fail({ reason: 'unknown-profile', name, near: nearest(name, known), known });
  const { option_cmd: options = [], ...resources } = found;
  return { resources, options: [...options] };
}

/**
 * Checks all of what jobs ask for before anything is written: `checkNativeOptions`, and that the engine can express it. Throws
 * `resource-unsupported` besides.
 */
export function checkJobs(jobs: JobPlan): void {
  checkNativeOptions(jobs);
  checkSignals(jobs);
  const sample = runRequest(jobs, { directory: '/logs/1', id: 1, token: 'token' }, '/bin/bash', '/logs');
  const array = jobs.maxRunning === undefined ? undefined : { count: 2, maxRunning: jobs.maxRunning };
  jobs.engine.directives({ ...sample, array });
}

/** Throws `needs-time` or `bad-resource` where what is counted back from the time limit can't be, `resource-unsupported` for one program alone. */
function checkSignals({ engine, resources }: JobPlan): void {
  checkTimes(resources, !engine.warns);
  if (resources.signalTo === 'program' && engine.signalsGroup) {
    unsupported(engine.title, 'signalTo', 'it signals all processes of a job itself');
  }
}

/** Checks that a signal comes before its limit, which has to be known where mlx counts. Throws `needs-time` or `bad-resource`. */
export function checkTimes(resources: Partial<Resources>, needsLimit: boolean): void {
  if (resources.continueOnTimeout && resources.time === undefined) {
    fail({ reason: 'needs-time', option: '--continue-on-timeout' });
  }
  const warning = signalOf(resources);
  if (!warning) return;
  const { time, signal = '' } = resources;
  if (time === undefined) {
    if (needsLimit) fail({ reason: 'needs-time', option: '--signal' });
  } else if (warning.seconds >= time) {
    const expected = `a signal less than ${clockDuration(time)} before the limit, which is the time that there is`;
    fail({ reason: 'bad-resource', resource: 'signal', value: signal, expected });
  }
}

/**
 * Checks that natives are options, that none is what mlx sets itself, and that none asks for what a resource asks for already.
 * Throws `bad-native-option`, `native-option-reserved` or `options-contradict`.
 */
function checkNativeOptions({ engine, resources, options, after, chain }: JobPlan): void {
  const waits = chain || dependencyIds(after).length > 0;
  for (const option of options) {
    if (!/^\s*\S/.test(option) || /[\n\r\0]/.test(option)) fail({ reason: 'bad-native-option', option });
    const text = option.trim();
    if (engine.nativeOptions.reserved?.test(text)) {
      fail({ reason: 'native-option-reserved', option: text, engine: engine.title });
    }
    if (waits && engine.nativeOptions.after?.test(text)) {
      fail({ reason: 'options-contradict', option: text, resource: chain ? 'repeat' : 'after' });
    }
    for (const [resource, value] of Object.entries(resources)) {
      if (value !== undefined && engine.nativeOptions[resource as ResourceName]?.test(text)) {
        fail({ reason: 'options-contradict', option: text, resource });
      }
    }
  }
}

/** The job of one run. */
export function runRequest(
  jobs: JobPlan,
  run: { readonly directory: string; readonly id: number; readonly token: string },
  shell: string,
  store: string,
): JobRequest {
  const { engine, resources, options } = jobs;
  const { directory, id, token } = run;
  const name = resources.name === undefined ? `${basename(store)}/${id}` : `${resources.name}-${id}`;
  return {
    name: engine.nameOf(name),
    stdout: nameable(engine, runPaths.stdout(directory)),
    stderr: nameable(engine, runPaths.stderr(directory)),
    script: runPaths.script(directory),
    shell,
    token,
    resources,
    options,
    array: undefined,
    submit: jobs.submit?.single,
  };
}

/** Undefined where the engine can't be told this path, and the supervisor writes there instead. */
export function nameable(engine: BatchEngine, path: string): string | undefined {
  return engine.canWriteTo(path) ? path : undefined;
}

/**
 * Finds what an engine would take and never run: more time, cores, memory or nodes than the queue has. Throws
 * `request-impossible`. What the engine does not tell is left to it.
 */
export function checkLimits({ engine, resources: r }: JobPlan, { queues }: EngineLimits): void {
  if (!queues || queues.length === 0) return;
  const impossible = (problem: string) => fail({ reason: 'request-impossible', engine: engine.title, problem });
  // Of Grid Engine `queue@host` and patterns are queues too.
  const wanted = r.partition?.split(',').map((name) => name.replace(/@.*$/, ''));
  if (wanted?.some((name) => /[*?[]/.test(name))) return;
  // The engine's order depends on what its nodes do at the moment.
  const names = sortBy(queues, ({ isDefault }) => !isDefault, 'name').map(({ name }) => name);
  const asked = wanted
    ? queues.filter(({ name }) => wanted.includes(name))
    : queues.filter(({ isDefault }) => isDefault);
  const missing = wanted?.find((name) => !names.includes(name));
  if (missing !== undefined) {
    const near = nearest(missing, names);
    impossible(
      `it has no queue '${missing}'${near === undefined ? '' : `, did you mean '${near}'?`}; there are ${names.join(', ')}`,
    );
  }
  const problems = asked.map((queue) => problemIn(queue, r));
  // One of several queues is enough.
  const [problem] = problems;
  if (problem !== undefined && problems.every((one) => one !== undefined)) impossible(problem);
}

function problemIn(queue: EngineQueueLimits, r: Resources): string | undefined {
  const over = (what: string, asked: string, most: string) => `${what} ${asked} is over the ${most} of '${queue.name}'`;
  if (r.time !== undefined && queue.time !== undefined && r.time > queue.time) {
    return over('a time of', durationText(r.time), durationText(queue.time));
  }
  if (r.cpus !== undefined && queue.cpus !== undefined && r.cpus > queue.cpus) {
    return `no node of '${queue.name}' has ${r.cpus} CPUs, the largest has ${queue.cpus}`;
  }
  if (r.mem !== undefined && queue.mem !== undefined && r.mem > queue.mem) {
    return `no node of '${queue.name}' has ${memoryText(r.mem)} of memory, the largest has ${memoryText(queue.mem)}`;
  }
  if (r.nodes !== undefined && queue.nodes !== undefined && r.nodes > queue.nodes) {
    return `'${queue.name}' has ${queue.nodes} nodes, not ${r.nodes}`;
  }
  return undefined;
}

// Rounded down, as limits of queues are whole seconds.
const durationText = (seconds: number) => dayClockDuration(Math.floor(seconds));

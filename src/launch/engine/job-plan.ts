import { basename } from 'node:path';
import camelCase from 'lodash/camelCase.js';
import mapKeys from 'lodash/mapKeys.js';
import sortBy from 'lodash/sortBy.js';
import { parseDuration } from '../../core/clock.js';
import { nearest } from '../../core/suggest.js';
import {
  type BatchEngine,
  type EngineLimits,
  type JobRequest,
  memoryText,
  noResources,
  type OwnSubmission,
  parseMemory,
  parseWarning,
  type QueueLimits,
  type ResourceName,
  type Resources,
  signalOf,
  unsupported,
  warningSignals,
} from '../../engines/index.js';
import { type Failure, fail, type ProblemOf } from '../../failures/index.js';
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

type ExpectedResource = Extract<Failure, { readonly reason: 'bad-resource' }>['expected'];

const expected: Readonly<Record<ResourceName, ExpectedResource>> = {
  time: { kind: 'time' },
  cpus: { kind: 'count' },
  gpus: { kind: 'count' },
  mem: { kind: 'memory' },
  partition: { kind: 'word' },
  nodes: { kind: 'count' },
  tasks: { kind: 'count' },
  account: { kind: 'word' },
  name: { kind: 'name' },
  constraint: { kind: 'line' },
  requeue: { kind: 'times' },
  continueOnTimeout: { kind: 'times' },
  signal: { kind: 'signal', signals: warningSignals },
  signalTo: { kind: 'signal-to' },
};

/** What the settings, a profile and flags ask for together; later ones go before earlier ones. Throws `bad-resource`. */
export function readResources(layers: readonly RawResources[]): Resources {
  const raw = Object.assign({}, ...layers.map((layer) => mapKeys(layer, (_, name) => camelCase(name)))) as RawResources;
  const count = (name: ResourceName) =>
    read(raw, name, (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined));
  const line = (name: ResourceName) =>
    read(raw, name, (text) => (text !== '' && !/[\u0000-\u001f\u007f]/.test(text) ? text : undefined));
  // Engines read these bare: a blank would end them, and begin another option.
  const word = (name: ResourceName) => read(raw, name, (text) => (/^[^\s"'\\]+$/.test(text) ? text : undefined));
  return {
    ...noResources,
    time: read(raw, 'time', parseDuration),
    cpus: count('cpus'),
    gpus: count('gpus'),
    mem: read(raw, 'mem', parseMemory),
    partition: word('partition'),
    nodes: count('nodes'),
    tasks: count('tasks'),
    account: word('account'),
    name: line('name'),
    constraint: line('constraint'),
    requeue: read(raw, 'requeue', parseTimes),
    continueOnTimeout: read(raw, 'continueOnTimeout', parseTimes),
    signal: read(raw, 'signal', (text) => {
      const warning = parseWarning(text);
      return warning && `${warning.signal}@${warning.seconds}`;
    }),
    signalTo: read(raw, 'signalTo', (text) => (text === 'program' || text === 'group' ? text : undefined)),
  };
}

/** Without end, never, or so many times. */
function parseTimes(text: string): boolean | number | undefined {
  if (text === 'true' || text === 'auto') return true;
  if (text === 'false') return false;
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function read<T>(raw: RawResources, name: ResourceName, parse: (text: string) => T | undefined): T | undefined {
  const value = raw[name];
  if (value === undefined) return undefined;
  const text = String(value);
  return parse(text) ?? fail({ reason: 'bad-resource', resource: name, value: text, expected: expected[name] });
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
    unsupported(engine.title, 'signalTo', { kind: 'signals-group' });
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
    fail({
      reason: 'bad-resource',
      resource: 'signal',
      value: signal,
      expected: { kind: 'signal-before', limit: time },
    });
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
  const impossible = (problem: ProblemOf<'request-impossible'>) =>
    fail({ reason: 'request-impossible', engine: engine.title, problem });
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
    impossible({ kind: 'no-queue', name: missing, near: nearest(missing, names), known: names });
  }
  const problems = asked.map((queue) => problemIn(queue, r));
  // One of several queues is enough.
  const [problem] = problems;
  if (problem !== undefined && problems.every((one) => one !== undefined)) impossible(problem);
}

function problemIn(queue: QueueLimits, r: Resources): ProblemOf<'request-impossible'> | undefined {
  const { name } = queue;
  if (r.time !== undefined && queue.time !== undefined && r.time > queue.time) {
    return { kind: 'too-long', queue: name, asked: durationText(r.time), most: durationText(queue.time) };
  }
  if (r.cpus !== undefined && queue.cpus !== undefined && r.cpus > queue.cpus) {
    return { kind: 'too-many-cpus', queue: name, asked: r.cpus, most: queue.cpus };
  }
  if (r.mem !== undefined && queue.mem !== undefined && r.mem > queue.mem) {
    return { kind: 'too-much-memory', queue: name, asked: memoryText(r.mem), most: memoryText(queue.mem) };
  }
  if (r.nodes !== undefined && queue.nodes !== undefined && r.nodes > queue.nodes) {
    return { kind: 'too-many-nodes', queue: name, asked: r.nodes, most: queue.nodes };
  }
  return undefined;
}

const durationText = (seconds: number) => {
  const days = Math.floor(seconds / 86_400);
  const rest = new Date((seconds % 86_400) * 1000).toISOString().slice(11, 19);
  return days > 0 ? `${days}-${rest}` : rest;
};

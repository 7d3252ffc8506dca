import sortBy from 'lodash/sortBy.js';
import { dayClockDuration } from '../../core/clock.js';
import { nearest } from '../../core/suggest.js';
import { type EngineLimits, type EngineQueueLimits, unsupported, verifyJob } from '../../engines/index.js';
import { fail, type ProblemOf } from '../../failures/index.js';
import { memoryText, type ResourceName, type Resources, signalOf } from '../../resources/index.js';
import type { Settings } from '../../settings/index.js';
import { dependencyIds } from '../../store/index.js';
import type { EngineTarget } from '../target.js';
import { limitsArrays } from './array-shape.js';
import { runRequest } from './job-request.js';

/**
 * Checks what jobs ask for before anything is written: the native options, the signals, and that the engine
 * can express it all. Throws what those checks throw, and `resource-unsupported`.
 */
export function checkJobs(jobs: EngineTarget): void {
  checkNativeOptions(jobs);
  checkSignals(jobs);
  const sample = runRequest(jobs, { directory: '/logs/1', id: 1, token: 'token' }, '/bin/bash', '/logs');
  const limited = jobs.maxRunning !== undefined;
  if (limited && jobs.array === 'always' && !limitsArrays(jobs)) {
    unsupported(jobs.engine.title, 'maxRunning', { kind: 'arrays-without-limit' });
  }
  const array = limited && limitsArrays(jobs) ? { count: 2, maxRunning: jobs.maxRunning } : undefined;
  jobs.engine.directives({ ...sample, array });
}

/**
 * Checks the signals of jobs. Throws what `checkTimes` throws, and `resource-unsupported` if only the program
 * should get signals and the engine sends them to all processes.
 */
function checkSignals({ engine, resources }: EngineTarget): void {
  checkTimes(resources, !engine.warns);
  if (resources.signalTo === 'program' && engine.signalsGroup) {
    unsupported(engine.title, 'signalTo', { kind: 'signals-group' });
  }
}

/**
 * Checks that a signal comes before the time limit, and that there is a limit if mlx has to count the time.
 * Throws `needs-time` or `bad-resource`.
 */
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
 * Checks that native options are options, that mlx does not set them itself, and that none asks for what a
 * resource asks for already. Throws `bad-native-option`, `native-option-reserved` or `options-contradict`.
 */
function checkNativeOptions({ engine, resources, options, after, chain, maxRunning }: EngineTarget): void {
  const limited = maxRunning === undefined ? undefined : 'max-running';
  const waiting = chain ? 'repeat' : dependencyIds(after).length > 0 ? 'after' : limited;
  for (const option of options) {
    if (!/^\s*\S/.test(option) || /[\n\r\0]/.test(option)) fail({ reason: 'bad-native-option', option });
    const text = option.trim();
    if (engine.nativeOptions.reserved?.test(text)) {
      fail({ reason: 'native-option-reserved', option: text, engine: engine.title });
    }
    if (waiting !== undefined && engine.nativeOptions.after?.test(text)) {
      fail({ reason: 'options-contradict', option: text, resource: waiting });
    }
    for (const [resource, value] of Object.entries(resources)) {
      if (value !== undefined && engine.nativeOptions[resource as ResourceName]?.test(text)) {
        fail({ reason: 'options-contradict', option: text, resource });
      }
    }
  }
}

/**
 * Refuses jobs that the engine would accept and never run: more time, cores, memory or nodes than the queue
 * has. What the engine does not say is left to it. Throws `request-impossible`.
 */
export function checkLimits({ engine, resources: r }: EngineTarget, { queues }: EngineLimits): void {
  if (!queues || queues.length === 0) return;
  const impossible = (problem: ProblemOf<'request-impossible'>) =>
    fail({ reason: 'request-impossible', engine: engine.title, problem });
  // For Grid Engine, `queue@host` and patterns are queues too.
  const wanted = r.partition?.split(',').map((name) => name.replace(/@.*$/, ''));
  if (wanted?.some((name) => /[*?[]/.test(name))) return;
  // The engine lists queues in an order that depends on what its nodes are doing.
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

/**
 * Asks the engine itself whether it could ever run these jobs, where it can be asked without effect. Throws
 * `request-impossible`.
 */
export async function verifyRequest(jobs: EngineTarget, { scheduler }: Pick<Settings, 'scheduler'>): Promise<void> {
  const { engine } = jobs;
  const sample = runRequest(jobs, { directory: '/logs/1', id: 1, token: 'token' }, scheduler.shell_path, '/logs');
  const words = await verifyJob(engine, sample);
  if (words !== undefined) {
    fail({ reason: 'request-impossible', engine: engine.title, problem: { kind: 'said', words } });
  }
}

function problemIn(queue: EngineQueueLimits, r: Resources): ProblemOf<'request-impossible'> | undefined {
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

// Rounded down, as limits of queues are whole seconds.
const durationText = (seconds: number) => dayClockDuration(Math.floor(seconds));

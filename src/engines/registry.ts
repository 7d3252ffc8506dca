import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errnoCode } from '../core/errno.js';
import { findCommand } from '../core/find-command.js';
import { importModule } from '../core/import-module.js';
import { probeCommand } from '../core/probe.js';
import { nearest } from '../core/suggest.js';
import { fail, type ProblemOf } from '../failures/index.js';
import type { BatchEngine } from './engine.js';
import { lsf } from './lsf/engine.js';
import { mwm } from './mwm/engine.js';
import { oar } from './oar/engine.js';
import { pbs, torque } from './pbs/engine.js';
import { sge } from './sge/engine.js';
import { slurm } from './slurm/engine.js';

/** The engines that are mlx itself: `here` is this process, `local` the local queue. */
const ownEngines: Readonly<Record<string, readonly string[]>> = { here: ['here', 'NoScheduler'], local: ['local'] };

/** All batch engines that mlx knows. Engines whose commands no other engine has come first. */
export const batchEngines: readonly BatchEngine[] = [slurm, oar, sge, pbs, torque, lsf, mwm];

/**
 * Returns the short name of an engine from one of its names or MLXP's class name, in any case. A path to a
 * module is returned unchanged. Undefined for an unknown name.
 */
export function engineNamed(word: string): string | undefined {
  if (isModulePath(word)) return word;
  const wanted = word.toLowerCase().replace(/^.*\./, '');
  const all = [...Object.values(ownEngines), ...batchEngines.map(({ names }) => names)];
  return all.find((names) => names.some((name) => name.toLowerCase() === wanted))?.[0];
}

/** Returns whether a word is a user's own engine: `./my-engine.mjs`. */
export function isModulePath(word: string): boolean {
  return /\.(mjs|js|cjs)$/.test(word);
}

/** All names of engines, for suggestions. */
export const engineNames: readonly string[] = [
  ...Object.values(ownEngines).flat(),
  ...batchEngines.flatMap(({ names }) => names),
];

/** Returns whether runs of this engine are started by mlx itself. */
export function isOwnEngine(name: string): boolean {
  return name in ownEngines;
}

/**
 * Returns the engine for a name or for the absolute path of a module. Throws `unknown-engine`, or
 * `bad-engine-module` if the module can't be loaded or exports no engine.
 */
export async function loadEngine(name: string): Promise<BatchEngine> {
  const engine = batchEngines.find(({ names }) => names[0] === engineNamed(name));
  if (engine) return engine;
  if (isModulePath(name) && isAbsolute(name)) return loadModule(name);
  return fail({ reason: 'unknown-engine', name, near: nearest(name, engineNames) });
}

async function loadModule(path: string): Promise<BatchEngine> {
  let module: Record<string, unknown>;
  try {
    module = await importModule(pathToFileURL(path).href);
  } catch (error) {
    return fail({
      reason: 'bad-engine-module',
      path,
      problem: { kind: 'not-loaded', message: errnoCode(error) ?? String(error) },
    });
  }
  const engine = module['engine'] ?? module['default'];
  const problem = missingMember(engine);
  return problem === undefined ? (engine as BatchEngine) : fail({ reason: 'bad-engine-module', path, problem });
}

/** The members that a user's own engine must have. */
const needed: readonly (readonly [name: keyof BatchEngine, type: string])[] = [
  ['names', 'object'],
  ['title', 'string'],
  ['marker', 'string'],
  ['idVariable', 'string'],
  ['task', 'object'],
  ['reservedExitCodes', 'object'],
  ['nativeOptions', 'object'],
  ['canWriteTo', 'function'],
  ['nameOf', 'function'],
  ['directives', 'function'],
  ['restartsGetNewIds', 'function'],
  ['submission', 'function'],
  ['readSubmission', 'function'],
  ['taskPattern', 'function'],
  ['find', 'object'],
  ['polls', 'object'],
  ['details', 'object'],
  ['cancel', 'function'],
  ['hold', 'function'],
  ['release', 'function'],
  ['requeue', 'function'],
  ['isHarmless', 'function'],
  ['limits', 'object'],
];

function missingMember(engine: unknown): ProblemOf<'bad-engine-module'> | undefined {
  if (typeof engine !== 'object' || engine === null) return { kind: 'no-export' };
  const absent = needed.find(([name, type]) => typeof Reflect.get(engine, name) !== type);
  return absent && { kind: 'member-missing', member: absent[0], type: absent[1] };
}

/** Returns the batch engines that are installed on this machine. `path` is the value of PATH. */
export async function detectEngines(path: string): Promise<BatchEngine[]> {
  const found = batchEngines.filter(({ detect }) => findCommand(detect.command, '.', path) !== undefined);
  const checked = await Promise.all(found.map(namesItself));
  return found.filter((_, i) => checked[i]);
}

/** Returns whether an engine's commands are its own, and not another engine's of the same name. */
export async function namesItself({ detect: { probe } }: Pick<BatchEngine, 'detect'>): Promise<boolean> {
  return !probe || probe.says.test((await probeCommand(probe.argv, '/')) ?? '');
}

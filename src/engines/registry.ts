import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errnoCode } from '../core/errno.js';
import { importModule } from '../core/import-module.js';
import { probeCommand } from '../core/probe.js';
import { nearest } from '../core/suggest.js';
import { fail, type ProblemOf } from '../failures/index.js';
import type { BatchEngine } from './engine.js';
import { lsf } from './lsf/lsf.js';
import { mwm } from './mwm/mwm.js';
import { oar } from './oar/oar.js';
import { pbs, torque } from './pbs/pbs.js';
import { sge } from './sge/sge.js';
import { slurm } from './slurm/slurm.js';

/** What runs without a queue: `here` is this process. */
const ownEngines: Readonly<Record<string, readonly string[]>> = { here: ['here', 'NoScheduler'], local: ['local'] };

/** Every batch engine that mlx knows, those first whose commands no other one has. */
export const batchEngines: readonly BatchEngine[] = [slurm, oar, sge, pbs, torque, lsf, mwm];

/** The engine of this name, or of one of MLXP's class names, in any case; a path to a module names itself. */
export function engineNamed(word: string): string | undefined {
  if (isModulePath(word)) return word;
  const wanted = word.toLowerCase().replace(/^.*\./, '');
  const all = [...Object.values(ownEngines), ...batchEngines.map(({ names }) => names)];
  return all.find((names) => names.some((name) => name.toLowerCase() === wanted))?.[0];
}

/** `./my-engine.mjs`: a user's own engine. */
export function isModulePath(word: string): boolean {
  return /\.(mjs|js|cjs)$/.test(word);
}

/** All names, for suggestions. */
export const engineNames: readonly string[] = [
  ...Object.values(ownEngines).flat(),
  ...batchEngines.flatMap(({ names }) => names),
];

/** Whether runs of this engine are processes of mlx itself. */
export function isOwnEngine(name: string): boolean {
  return name in ownEngines;
}

/**
 * The engine that a name or an absolute path of a module stands for. Throws `unknown-engine`, or `bad-engine-module` for a module that
 * can't be loaded or is none.
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
  const problem = whatLacks(engine);
  return problem === undefined ? (engine as BatchEngine) : fail({ reason: 'bad-engine-module', path, problem });
}

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

function whatLacks(engine: unknown): ProblemOf<'bad-engine-module'> | undefined {
  if (typeof engine !== 'object' || engine === null) return { kind: 'no-export' };
  const lacking = needed.find(([name, type]) => typeof Reflect.get(engine, name) !== type);
  return lacking && { kind: 'member-missing', member: lacking[0], type: lacking[1] };
}

/** The batch engines whose commands are on this machine, each told from others that have commands of the same name. */
export async function detectEngines(path: string): Promise<BatchEngine[]> {
  const there = batchEngines.filter(({ detect }) => isCommandHere(detect.command, path));
  const checked = await Promise.all(
    there.map(async (engine) => {
      const { probe } = engine.detect;
      return !probe || probe.says.test((await probeCommand(probe.argv, '/')) ?? '');
    }),
  );
  return there.filter((_, i) => checked[i]);
}

/** Whether a command is found on this PATH. */
export function isCommandHere(command: string, path: string): boolean {
  return path.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory || '.', command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

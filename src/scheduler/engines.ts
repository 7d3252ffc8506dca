import { fail } from '../core/failure.js';
import { nearest } from '../core/suggest.js';

/** What executes runs. `here` is this process; the others are queues. */
export type EngineName = 'here' | 'local' | 'slurm' | 'oar' | 'sge' | 'pbs' | 'lsf' | 'mwm';

/** Every engine's names: mlx's own first, then MLXP's class names. */
const engineNames: Readonly<Record<EngineName, readonly string[]>> = {
  here: ['here', 'NoScheduler'],
  local: ['local'],
  slurm: ['slurm', 'SLURMScheduler'],
  oar: ['oar', 'OARScheduler'],
  sge: ['sge', 'SGEScheduler'],
  pbs: ['pbs', 'PBSScheduler'],
  lsf: ['lsf', 'LSFScheduler'],
  mwm: ['mwm', 'MWMScheduler'],
};

/** The command of each batch engine by which it is told to be there. Grid Engine and OpenPBS share a name. */
export const submitCommands: readonly (readonly [command: string, engine: string])[] = [
  ['sbatch', 'slurm'],
  ['oarsub', 'oar'],
  ['qsub', 'sge or pbs'],
  ['bsub', 'lsf'],
  ['msub', 'mwm'],
];

/** The engine that a word names, in any case; undefined for any other word. */
export function engineNamed(word: string): EngineName | undefined {
  for (const [engine, names] of Object.entries(engineNames)) {
    if (names.some((name) => name.toLowerCase() === word.toLowerCase())) return engine as EngineName;
  }
  return undefined;
}

/**
 * The engine to use for this name, as far as this version has it: `here`. Throws `unknown-engine` for a name that
 * nobody knows, `engine-unavailable` for one that this version can't submit to.
 */
export function requireEngine(name: string): 'here' {
  const engine = engineNamed(name);
  if (engine === undefined) {
    return fail({ reason: 'unknown-engine', name, near: nearest(name, Object.values(engineNames).flat()) });
  }
  return engine === 'here' ? engine : fail({ reason: 'engine-unavailable', name: engine });
}

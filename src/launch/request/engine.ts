import { isAbsolute, join, resolve } from 'node:path';
import { optionalAlone } from '../../arguments/index.js';
import { nearest } from '../../core/suggest.js';
import { batchEngines, detectEngines, engineNamed, engineNames, isModulePath } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import type { Caller } from './request.js';
import type { FoundSettings } from './settings.js';

/** Which engine a launch goes to. */
export type EngineChoice =
  /** The engine's short name or absolute path; undefined for this machine. */
  | { readonly kind: 'chosen'; readonly engine: string | undefined }
  /** An engine is wanted, but none is configured. */
  | {
      readonly kind: 'unconfigured';
      /** The engines that are on this machine. */
      readonly detected: readonly string[];
      /** The settings file that can name one. */
      readonly path: string;
    };

/**
 * Returns the engine that `scheduler` (the value of `--scheduler`) names, else the one that the settings
 * name. With `always`, an engine is wanted even if nothing asks for one. Throws `unknown-engine`.
 */
export async function configuredEngine(
  scheduler: string | undefined,
  { settings, settingsFile }: FoundSettings,
  { cwd, env }: Caller,
  { always = false } = {},
): Promise<EngineChoice> {
  const asked = scheduler ?? (always ? optionalAlone : undefined);
  if (asked !== undefined && asked !== optionalAlone) return { kind: 'chosen', engine: batchEngine(asked, cwd) };
  if (asked === undefined && !settings.use_scheduler) return { kind: 'chosen', engine: undefined };
  const { name } = settings.scheduler;
  // The settings' paths are absolute already.
  if (name !== 'NoScheduler') return { kind: 'chosen', engine: batchEngine(name, cwd) };
  const path = settingsFile?.path ?? join(cwd, 'configs', 'mlx.yaml');
  const detected = (await detectEngines(env['PATH'] ?? '')).map(({ names: [first] }) => first);
  return { kind: 'unconfigured', detected, path };
}

/** Throws `no-engine`: an engine is wanted, none is configured, and nobody can be asked. */
export function failUnconfigured({ detected, path }: Extract<EngineChoice, { kind: 'unconfigured' }>): never {
  const looked = [...new Set(batchEngines.map(({ detect }) => detect.command))];
  return fail({ reason: 'no-engine', detected, looked, file: path });
}

/**
 * Returns an engine's short name, or the absolute path of a module; undefined for processes on this machine.
 * Throws `unknown-engine`.
 */
export function batchEngine(name: string, cwd: string): string | undefined {
  if (isModulePath(name)) return isAbsolute(name) ? name : resolve(cwd, name);
  const engine = engineNamed(name);
  if (engine === undefined) return fail({ reason: 'unknown-engine', name, near: nearest(name, engineNames) });
  return engine === 'here' ? undefined : engine;
}

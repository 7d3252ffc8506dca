import { dirname, isAbsolute, join, resolve } from 'node:path';
import { optionalAlone } from '../../arguments/index.js';
import { nearest } from '../../core/suggest.js';
import { batchEngines, detectEngines, engineNamed, engineNames, isModulePath } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import type { Io } from '../grammar/command.js';
import { canAsk } from '../output/confirm.js';
import type { FoundSettings } from './launch-settings.js';

/**
 * Returns the engine of a launch: the one that `--scheduler` names, else the setting, else the one that a
 * person chooses now. Returns undefined for processes on this machine; with `always`, only if an engine's
 * name says so. The path of a module is absolute. Throws `unknown-engine` or `no-engine`.
 */
export async function chooseEngine(
  scheduler: string | undefined,
  { settings, settingsFile }: FoundSettings,
  io: Io,
  { always = false } = {},
): Promise<string | undefined> {
  const asked = scheduler ?? (always ? optionalAlone : undefined);
  if (asked !== undefined && asked !== optionalAlone) return batchEngine(asked, io.cwd);
  if (asked === undefined && !settings.use_scheduler) return undefined;
  // The settings' paths are absolute already.
  if (settings.scheduler.name !== 'NoScheduler') return batchEngine(settings.scheduler.name, io.cwd);
  const path = settingsFile?.path ?? join(io.cwd, 'configs', 'mlx.yaml');
  const detected = (await detectEngines(io.env['PATH'] ?? '')).map(({ names: [name] }) => name);
  if (!settings.interactive_mode || !canAsk(io)) {
    return fail({
      reason: 'no-engine',
      detected,
      looked: [...new Set(batchEngines.map(({ detect }) => detect.command))],
      file: path,
    });
  }
  const { setUpEngine } = await import('./set-up-engine.js');
  const chosen = await setUpEngine({ detected, path, directory: dirname(dirname(path)) }, io);
  return chosen === undefined ? undefined : batchEngine(chosen, io.cwd);
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

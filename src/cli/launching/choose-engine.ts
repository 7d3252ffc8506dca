import { dirname } from 'node:path';
import { batchEngine, configuredEngine, type FoundSettings, failUnconfigured } from '../../launch/index.js';
import type { Io } from '../grammar/command.js';
import { canAsk } from '../output/confirm.js';

/**
 * Returns the engine of a launch: the one that `--scheduler` names, else the setting, else the one that a
 * person chooses now. Returns undefined for processes on this machine; with `always`, only if an engine's
 * name says so. The path of a module is absolute. Throws `unknown-engine` or `no-engine`.
 */
export async function chooseEngine(
  scheduler: string | undefined,
  found: FoundSettings,
  io: Io,
  { always = false } = {},
): Promise<string | undefined> {
  const choice = await configuredEngine(scheduler, found, io, { always });
  if (choice.kind === 'chosen') return choice.engine;
  if (!found.settings.interactive_mode || !canAsk(io)) return failUnconfigured(choice);
  const { setUpEngine } = await import('./set-up-engine.js');
  const { detected, path } = choice;
  const chosen = await setUpEngine({ detected, path, directory: dirname(dirname(path)) }, io);
  return chosen === undefined ? undefined : batchEngine(chosen, io.cwd);
}

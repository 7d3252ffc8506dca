import { dirname } from 'node:path';
import { batchEngine, configuredEngine, type FoundSettings, failUnconfigured } from '../../launch/index.js';
import type { Io } from '../grammar/command.js';
import { canAsk } from '../output/confirm.js';

/** Chooses the engine of one launch. */
export interface EngineChooser {
  /**
   * Returns the engine: the one that `--scheduler` names, else the setting, else the one that a person
   * chooses now. Returns undefined for processes on this machine; with `always`, only if an engine's name
   * says so. The path of a module is absolute. Throws `unknown-engine`, `no-engine` or `interrupted`.
   */
  choose(
    scheduler: string | undefined,
    found: FoundSettings,
    options?: { readonly always?: boolean },
  ): Promise<string | undefined>;
  /**
   * Writes what a person chose into the settings, if anybody was asked, and returns whether that is so. To be
   * called when the launch has been checked.
   */
  keep(): boolean;
}

export function engineChooser(io: Io): EngineChooser {
  let keepChoice: (() => void) | undefined;
  return {
    async choose(scheduler, found, options) {
      const choice = await configuredEngine(scheduler, found, io, options);
      if (choice.kind === 'chosen') return choice.engine;
      if (!found.settings.interactive_mode || !canAsk(io)) return failUnconfigured(choice);
      const { setUpEngine } = await import('./set-up-engine.js');
      const { detected, path } = choice;
      const chosen = await setUpEngine({ detected, path, directory: dirname(dirname(path)) }, io);
      if (chosen === undefined) return undefined;
      keepChoice = chosen.keep;
      return batchEngine(chosen.name, io.cwd);
    },
    keep() {
      keepChoice?.();
      return keepChoice !== undefined;
    },
  };
}

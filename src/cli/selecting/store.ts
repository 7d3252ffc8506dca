import { findSettingsFile, loadSettings, type Settings } from '../../settings/index.js';
import { writeForGroup } from '../../store/index.js';
import type { StoreOptions } from '../options/store.js';

/**
 * Returns the settings for a command about existing runs: those of the settings file, with `--store`. What
 * the command writes in a store of a group may be written by that.
 */
export async function settingsOf({ store }: StoreOptions, cwd: string): Promise<Settings> {
  const settings = await loadSettings({
    cwd,
    file: findSettingsFile(cwd),
    overrides: [],
    flags: store === undefined ? {} : { logger: { parent_log_dir: store } },
  });
  writeForGroup(settings.logger.parent_log_dir);
  return settings;
}

/** Returns the store's directory: `--store`, else the setting, else `./logs`. */
export async function storeOf(options: StoreOptions, cwd: string): Promise<string> {
  return (await settingsOf(options, cwd)).logger.parent_log_dir;
}

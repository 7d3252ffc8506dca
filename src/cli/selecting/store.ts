import { findSettingsFile, loadSettings, type Settings } from '../../settings/index.js';
import type { StoreOptions } from '../options/store.js';

/** Returns the settings for a command about existing runs: those of the settings file, with `--store`. */
export function settingsOf({ store }: StoreOptions, cwd: string): Promise<Settings> {
  return loadSettings({
    cwd,
    file: findSettingsFile(cwd),
    overrides: [],
    flags: store === undefined ? {} : { logger: { parent_log_dir: store } },
  });
}

/** Returns the store's directory: `--store`, else the setting, else `./logs`. */
export async function storeOf(options: StoreOptions, cwd: string): Promise<string> {
  return (await settingsOf(options, cwd)).logger.parent_log_dir;
}

import { findSettingsFile, loadSettings, type Settings } from '../../settings/index.js';
import type { Io, ParsedArgs } from '../grammar/command.js';

/** The settings of a command about runs that are there: those of the file, with `--store`. */
export function settingsOf(parsed: ParsedArgs, io: Io): Promise<Settings> {
  const store = parsed.text('store');
  return loadSettings({
    cwd: io.cwd,
    file: findSettingsFile(io.cwd),
    overrides: [],
    flags: store === undefined ? {} : { logger: { parent_log_dir: store } },
  });
}

/** The store that a command is about: `--store`, else the setting, else `./logs`. */
export async function storeOf(parsed: ParsedArgs, io: Io): Promise<string> {
  return (await settingsOf(parsed, io)).logger.parent_log_dir;
}

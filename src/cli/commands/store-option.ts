import { findSettingsFile, loadSettings } from '../../config/index.js';
import type { Io, ParsedArgs } from '../command.js';

/** The store that a command is about: `--store`, else the setting, else `./logs`. */
export async function storeOf(parsed: ParsedArgs, io: Io): Promise<string> {
  const store = parsed.text('store');
  const settings = await loadSettings({
    cwd: io.cwd,
    file: findSettingsFile(io.cwd),
    overrides: [],
    flags: store === undefined ? {} : { logger: { parent_log_dir: store } },
  });
  return settings.logger.parent_log_dir;
}

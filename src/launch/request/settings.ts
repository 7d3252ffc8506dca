import { firstGiven, optionText, refuseTogether } from '../../arguments/index.js';
import { fail } from '../../failures/index.js';
import {
  findSettingsFile,
  isSettingsOverride,
  loadSettings,
  type Settings,
  type SettingsFile,
} from '../../settings/index.js';
import type { Override } from '../../sweep/index.js';
import type { SettingsOptions, VersionOptions, VersionSettings } from './options.js';

/** Settings, and the file that they come from, if there is one. */
export interface FoundSettings {
  readonly settings: Settings;
  readonly settingsFile: SettingsFile | undefined;
}

/**
 * Returns the settings of a launch: those of the file, overridden by words for mlx itself, overridden by
 * options. Throws what `loadSettings` throws, `options-exclude` or `unsupported-setting`.
 */
export async function launchSettings(
  options: SettingsOptions,
  cwd: string,
  overrides: readonly Override[],
): Promise<FoundSettings> {
  const settingsFile = findSettingsFile(cwd);
  const settings = await loadSettings({
    cwd,
    file: settingsFile,
    overrides: overrides.filter(isSettingsOverride),
    flags: settingsOfOptions(options),
  });
  if (!settings.use_logger) {
    fail({ reason: 'unsupported-setting', key: 'use_logger' });
  }
  return { settings, settingsFile };
}

function settingsOfOptions(options: SettingsOptions): Parameters<typeof loadSettings>[0]['flags'] {
  refuseTogether(options, 'store', 'logDir');
  const { logId, maxRuns, grace, versioned } = options;
  const store = options.store ?? options.logDir;
  const version = versionSettings(options);
  return {
    ...(grace !== undefined && { grace }),
    ...(versioned && { use_version_manager: true }),
    ...(Object.keys(version).length > 0 && { version_manager: version }),
    ...(store === undefined && logId === undefined
      ? {}
      : {
          logger: {
            ...(store !== undefined && { parent_log_dir: store }),
            ...(logId !== undefined && { forced_log_id: logId }),
          },
        }),
    ...(maxRuns !== undefined && { max_runs: maxRuns }),
  };
}

/** Returns the settings that the options override. */
function versionSettings(options: VersionOptions): Partial<VersionSettings> {
  const { untracked, uncommitted, runFrom, readOnly } = options;
  return {
    ...(untracked !== undefined && { untracked }),
    ...(uncommitted !== undefined && { uncommitted }),
    ...(runFrom !== undefined && { run_from: runFrom }),
    ...(readOnly && { read_only: true }),
  };
}

/** Refuses options that need `--versioned` in a launch without it. Throws `needs-versioned`. */
export function refuseVersionOptions(options: VersionOptions): void {
  const key = firstGiven(options, ['untracked', 'uncommitted', 'runFrom', 'readOnly']);
  if (key !== undefined) fail({ reason: 'needs-versioned', option: optionText(key) });
}

/**
 * What the user's program reads (the config: YAML with places, overrides applied) and how mlx behaves (the settings).
 * The words and values of overrides are `sweep`'s.
 */
export { applyOverrides, type ConfigBase, type Mapping } from './apply-override.js';
export { type ConfigRequest, findConfigDirectory, groupOptions, loadConfigBase } from './find-config.js';
export { readPointsFile } from './points-file.js';
export {
  defaultSettings,
  findSettingsFile,
  isSettingsOverride,
  loadSettings,
  plainData,
  type RawResources,
  type Settings,
  type SettingsFile,
} from './settings.js';
export { readSweepFile, type SweepFile } from './sweep-file.js';

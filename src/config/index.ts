/**
 * What the user's program reads (the config: YAML with places, overrides applied) and how mlx behaves (the settings).
 * The words and values of overrides are `sweep`'s.
 */
export type { Mapping } from './apply-override.js';
export { type ComposedConfig, type Composer, composerOf } from './compose.js';
export { type ConfigBase, configAt, recordedConfig, recordOfConfig, singleConfig } from './config-base.js';
export { configWords, type DeclaredConfig, declaredConfig } from './declared-config.js';
export { type DefaultsTree, type PlacedConfig, placedConfigs, type TreeNode } from './defaults-tree.js';
export { type ConfigRequest, findConfigDirectory, groupOptions, loadConfigBase } from './find-config.js';
export { type Origin, originsOf } from './origin.js';
export { readPointsFile } from './points-file.js';
export { missing } from './resolve.js';
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
export { sweeperParams } from './sweeper-params.js';
export { loadTemplateConfig, type TemplateConfig } from './template-config.js';

/**
 * How mlx behaves: the settings of `mlx.yaml`, of the command line, and their defaults, checked by one schema.
 */

export {
  defaultSettings,
  findSettingsFile,
  isSettingsOverride,
  loadSettings,
  type RawResources,
  type Settings,
  type SettingsFile,
} from './settings.js';

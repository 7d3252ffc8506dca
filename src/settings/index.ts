/** The settings of mlx: one schema with their types and defaults, the settings file, and loading. */

export { findSettingsFile, type SettingsFile } from './find.js';
export { isSettingsOverride, loadSettings } from './load.js';
export { defaultSettings, partialSettings, type RawResources, type Settings } from './settings.js';

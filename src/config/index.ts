/**
 * The program's config: YAML files composed as Hydra composes them, interpolations, and applied overrides.
 * `sweep` parses overrides; `settings` has the settings of mlx itself.
 */

// Finding a config, and the config of a run.

export { type ConfigBase, configAt, recordedConfig, recordOfConfig, singleConfig } from './config-base.js';
export { configWords, declaredConfig } from './declared-config.js';
export { type ConfigRequest, findConfigDirectory, groupOptions, loadConfigBase } from './find-config.js';
export { sweeperParams } from './sweeper-params.js';

// Composing, and the origins of values.

export { type ComposedConfig, type Composer, composerOf } from './compose.js';
export { configParts, type TreeNode } from './defaults/defaults-tree.js';
export { templateFile } from './files/config-files.js';
export { originIn, originsOf } from './origin.js';

// Interpolations.

export { interpolationAt } from './interpolate/interpolation.js';
export { resolverOf } from './interpolate/resolve.js';
export { isResolver, type Surroundings, surroundingsWithoutHydra } from './interpolate/resolvers.js';

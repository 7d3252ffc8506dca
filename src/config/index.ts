/**
 * The config that the user's program reads: YAML files composed as Hydra composes them, interpolations, overrides
 * applied. The words and values of overrides are `sweep`'s; how mlx itself behaves is `settings`'.
 */

export { type ComposedConfig, type Composer, composerOf } from './compose.js';
export { type ConfigBase, configAt, recordedConfig, recordOfConfig, singleConfig } from './config-base.js';
export { configWords, type DeclaredConfig, declaredConfig } from './declared-config.js';
export { type ConfigPart, configParts, type DefaultsTree, type TreeNode } from './defaults/defaults-tree.js';
export { templateFile } from './files/config-files.js';
export { type ConfigRequest, findConfigDirectory, groupOptions, loadConfigBase } from './find-config.js';
export { interpolationAt } from './interpolate/interpolation.js';
export { resolverOf } from './interpolate/resolve.js';
export { isResolver, type Surroundings, surroundingsWithoutHydra } from './interpolate/resolvers.js';
export { type Origin, originIn, originsOf } from './origin.js';
export { sweeperParams } from './sweeper-params.js';

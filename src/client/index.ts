/**
 * The library of JavaScript and TypeScript programs that mlx runs: their config, metrics, artifacts and
 * checkpoints, as in Python's `mlxrun`. Each method has Python's spelling as a second name.
 */
export {
  type ArtifactType,
  registerArtifactType,
  registerArtifactType as register_artifact_type,
} from './artifacts.js';
export type { Config, ConfigValue } from './config.js';
export { type Metric, Run, type StartOptions, sliceTasks, sliceTasks as slice_tasks, start } from './run.js';

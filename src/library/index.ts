/**
 * What programs that use mlx as a library call, beside the functions of the other folders that `src/index.ts`
 * names.
 */

export { type LaunchRequest, launch, type RunEnd, type StartedLaunch } from './launch.js';

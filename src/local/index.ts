/**
 * Processes of this machine: the pool that starts and stops runs, their CPUs and GPUs, their memory limits.
 * `launch` decides which runs start, and when.
 */

export { allowedCpus, CpuPool } from './cpus.js';
export { type DetachedProcess, startDetached } from './detached.js';
export { GpuPool, visibleGpus } from './gpus.js';
export { type PoolExit, type PoolOptions, ProcessPool, type RunResources, type TimeLimit } from './process-pool.js';
export { signalSupervisor } from './session.js';

/**
 * Processes of this machine: the pool that runs are started in, the CPUs and GPUs that they are given, the limits of
 * their memory. Which runs, and in which order, is `launch`'s.
 */

export { allowedCpus, CpuPool } from './cpus.js';
export { GpuPool, visibleGpus } from './gpus.js';
export { memoryLimitText } from './memory-limit.js';
export {
  type PoolExit,
  type PoolOptions,
  type PoolRun,
  ProcessPool,
  type Share,
  type TimeLimit,
} from './process-pool.js';
export { signalSupervisor } from './session.js';

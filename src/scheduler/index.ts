/**
 * Engines: what executes runs. Their names, and the pool of processes behind `here`. What is run and in which order is
 * `launcher`'s; what has become of a run is in the store.
 */
export { type EngineName, engineNamed, requireEngine, submitCommands } from './engines.js';
export { probeCommand } from './probe.js';
export { type PoolExit, type PoolOptions, type PoolRun, ProcessPool } from './process-pool.js';

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The number of events between two garbage collections, which take some milliseconds. */
const eventsPerCollection = 1000;

/**
 * Keeps mlx as small after ten thousand runs as after a thousand: it runs for days, on shared nodes. The
 * memory that a run needs is soon garbage, but V8 would let the young generation grow, and with it the
 * garbage in the old one. Returns a function to call at each event.
 */
export function keepMemoryFlat(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  let events = 0;
  return () => {
    if (++events % eventsPerCollection === 0 && typeof collect === 'function') collect();
  };
}

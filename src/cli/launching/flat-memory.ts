import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Events after which garbage is collected, a matter of some milliseconds. */
const eventsPerCollection = 1000;

/**
 * Keeps a launcher as small after ten thousand runs as after a thousand: it lives for days, on nodes that are shared. What
 * a run needs of memory dies with it, but V8 would let the young generation grow, and with it the garbage that waits in
 * the old one. Gives what to call at each event.
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

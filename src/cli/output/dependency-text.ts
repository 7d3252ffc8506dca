import { rangesText } from '../../core/consecutive.js';
import type { Dependencies } from '../../store/index.js';

/** Returns what a run waits for: `1-3 to end well, 7 to end`. */
export function dependencyText({ ok, any, fail }: Dependencies): string {
  const kinds: [readonly number[], string][] = [
    [ok, 'to end well'],
    [any, 'to end'],
    [fail, 'to end badly'],
  ];
  return kinds.flatMap(([ids, how]) => (ids.length === 0 ? [] : [`${rangesText(ids)} ${how}`])).join(', ');
}

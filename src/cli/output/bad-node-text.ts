import { printableLine } from '../../core/text.js';
import type { BadNode } from '../../runs/index.js';

/**
 * Returns the line about a node that most failures come from, and how to have the runs elsewhere. `store` are
 * the words that name their store to a command.
 */
export function badNodeText({ node, failures, allFailures, remedy }: BadNode, store: string): string {
  const most = failures === allFailures ? `all ${failures} failures are` : `${failures} of ${allFailures} failures are`;
  const how = remedy === undefined ? '' : `; to keep off it: ${remedy}${store}`;
  return `hint: ${most} on ${printableLine(node)}${how}`;
}

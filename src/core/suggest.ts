import { distance } from 'fastest-levenshtein';

/**
 * The candidate that `word` was most likely meant to be, or undefined when none is near.
 * Near is at most a third of the word in edits, at least one; swapped letters (`slrum`, `rnu`) are one edit.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = word.length >= 5 ? Math.max(2, Math.floor(word.length / 3)) : 1;
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const d = edits(word.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

function edits(a: string, b: string): number {
  const d = distance(a, b);
  // Levenshtein's distance takes a swap for two edits.
  return d === 2 && [...a].sort().join('') === [...b].sort().join('') ? 1 : d;
}

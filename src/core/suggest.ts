import { distance } from 'fastest-levenshtein';

/**
 * Returns the candidate that is most like `word`, or undefined if none is close. Close means at most one edit
 * per three letters, and at least one. Swapped letters (`slrum`, `rnu`) are one edit.
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

const most = 5;

/**
 * Returns at most five candidates, which are dotted names, that `word` may stand for. The first choice are
 * names that equal it in another case, end with it (`loss`: `train.loss`) or begin with it (`model`:
 * `model.name`). Then come names with a similar spelling, names whose last part is similar, and names that
 * contain it as a part (`units`: `num_units`).
 */
export function nearestSome(word: string, candidates: Iterable<string>): string[] {
  const lower = word.toLowerCase();
  const names = [...new Set(candidates)];
  const matching = (...tests: ((name: string) => boolean)[]) => [
    ...new Set(tests.flatMap((test) => names.filter((name) => test(name.toLowerCase())))),
  ];
  const alike = (textOf: (name: string) => string) => {
    const best = nearest(word, names.map(textOf));
    return best === undefined
      ? []
      : names.filter((name) => edits(textOf(name).toLowerCase(), lower) <= edits(best.toLowerCase(), lower));
  };
  const parts = matching(
    (name) => name === lower,
    (name) => name.endsWith(`.${lower}`),
    (name) => name.endsWith(`/${lower}`),
    (name) => name.startsWith(`${lower}.`),
  );
  const found = [
    () => parts,
    () => alike((name) => name),
    () => (word.includes('.') ? [] : alike((name) => name.slice(name.lastIndexOf('.') + 1))),
    () => matching((name) => inParts(name).includes(inParts(lower))),
    () => matching((name) => lower.endsWith(`.${name}`)),
  ].reduce((some: readonly string[], more) => (some.length > 0 ? some : more()), []);
  return found.slice(0, most);
}

const inParts = (name: string) => `_${name.replace(/[^\p{L}\p{N}]/gu, '_')}_`;

function edits(a: string, b: string): number {
  const d = distance(a, b);
  // In Levenshtein's distance a swap is two edits.
  return d === 2 && [...a].sort().join('') === [...b].sort().join('') ? 1 : d;
}

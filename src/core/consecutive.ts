/** Ascending numbers as stretches without a gap: first and last of each. */
export function consecutive(numbers: Iterable<number>): [first: number, last: number][] {
  const stretches: [number, number][] = [];
  for (const number of numbers) {
    const last = stretches.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else stretches.push([number, number]);
  }
  return stretches;
}

/** The q-quantile of numbers, between neighbours in proportion, as numpy and R have it by default. */
export function quantile(numbers: readonly number[], q: number): number {
  const sorted = Float64Array.from(numbers).sort();
  const place = (sorted.length - 1) * q;
  const low = Math.floor(place);
  const [a = Number.NaN, b = a] = [sorted[low], sorted[low + 1]];
  return place === low ? a : a + (b - a) * (place - low);
}

export const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** The sample's standard deviation, with n - 1; undefined for fewer than two. */
export function deviation(numbers: readonly number[]): number | undefined {
  if (numbers.length < 2) return undefined;
  const middle = mean(numbers);
  return Math.sqrt(numbers.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (numbers.length - 1));
}

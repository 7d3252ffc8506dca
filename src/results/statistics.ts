/** The q-quantile of numbers (q from 0 to 1), with linear interpolation: the default of numpy and R. */
export function quantile(numbers: readonly number[], q: number): number {
  const sorted = Float64Array.from(numbers).sort();
  const position = (sorted.length - 1) * q;
  const low = Math.floor(position);
  const [a = Number.NaN, b = a] = [sorted[low], sorted[low + 1]];
  return position === low ? a : a + (b - a) * (position - low);
}

/** The mean of numbers; NaN for none. */
export const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** The standard deviation of a sample, with n - 1; undefined for fewer than two numbers. */
export function deviation(numbers: readonly number[]): number | undefined {
  if (numbers.length < 2) return undefined;
  const middle = mean(numbers);
  return Math.sqrt(numbers.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (numbers.length - 1));
}

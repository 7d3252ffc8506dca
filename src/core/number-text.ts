/**
 * Returns a number as people read it: whole numbers of up to 15 digits in full, others with four significant
 * digits (`2.184e+79`, `1.235e-17`). The source text of this function also runs in pages, so it must not use
 * other functions.
 */
export function shortNumber(value: number): string {
  // Above this, a whole number has more digits than people read, and soon more than a double holds.
  const longWhole = 1e15;
  if (Number.isInteger(value) && Math.abs(value) < longWhole) return String(value);
  const short = Number(value.toPrecision(4));
  // The largest numbers would round up to Infinity.
  if (!Number.isFinite(short)) return Number.isFinite(value) ? value.toPrecision(4) : String(value);
  return Math.abs(short) >= longWhole ? short.toExponential() : String(short);
}

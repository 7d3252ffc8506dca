/** A number as people read it: whole numbers of up to 15 digits whole, all others with four significant digits; `2.184e+79`, `1.235e-17`. Its own text also runs in pages. */
export function shortNumber(value: number): string {
  // From here on a whole number has more digits than people read, and soon more than a double holds.
  const longWhole = 1e15;
  if (Number.isInteger(value) && Math.abs(value) < longWhole) return String(value);
  const short = Number(value.toPrecision(4));
  // Near the largest number there is nothing to round up to.
  if (!Number.isFinite(short)) return Number.isFinite(value) ? value.toPrecision(4) : String(value);
  return Math.abs(short) >= longWhole ? short.toExponential() : String(short);
}

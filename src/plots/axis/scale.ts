/** An axis: maps values to positions, and has marks at round values. */
export interface Scale {
  readonly position: (value: number) => number;
  readonly marks: readonly { readonly value: number; readonly text: string }[];
}

interface ScaleRequest {
  readonly low: number;
  readonly high: number;
  /** The positions of `low` and `high`. */
  readonly from: number;
  readonly to: number;
  readonly log: boolean;
  /** The approximate number of marks. */
  readonly marks: number;
}

/** The scale of an axis. */
export function scaleOf({ low, high, from, to, log, marks }: ScaleRequest): Scale {
  const [a, b] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  // Halves: the difference of the largest numbers is infinite.
  const span = b / 2 - a / 2 || 1;
  const position = (value: number) => from + (((log ? Math.log10(value) : value) / 2 - a / 2) / span) * (to - from);
  const values = log && span >= 0.5 ? decades(low, high, marks) : roundValues(low, high, marks);
  return { position, marks: values.map((value) => ({ value, text: numberText(value) })) };
}

/**
 * About `count` multiples of 1, 2 or 5 times a power of ten within a range. Its own text also runs in pages.
 */
export function roundValues(low: number, high: number, count: number): number[] {
  const rough = 2 * ((high / 2 - low / 2) / Math.max(1, count)) || Math.abs(low) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  // A slightly finer step is better than a single mark.
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.8) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** About `count` powers of ten within a range. Its own text also runs in pages. */
export function decades(low: number, high: number, count: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
  const powers = [];
  for (let power = first; power <= last; power += step) powers.push(Number(`1e${power}`));
  return powers;
}

/** The text of a number on an axis: `0.25`, `1e-5`, `20k`. Its own text also runs in pages. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6))
    return Number(value.toPrecision(3)).toExponential().replace('e+', 'e');
  if (size >= 1e4) return `${Number((value / 1000).toPrecision(4))}k`;
  return String(Number(value.toPrecision(4)));
}

/** The range of values without NaN; a little around it if all are equal. Undefined if there are none. */
export function rangeOf(values: Iterable<number>): readonly [low: number, high: number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return undefined;
  if (low < high) return [low, high];
  const margin = Math.abs(low) / 10 || 1;
  return [low - margin, high + margin];
}

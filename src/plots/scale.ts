/** An axis: from a range of values to one of places, with marks at round values. */
export interface Scale {
  readonly place: (value: number) => number;
  readonly marks: readonly { readonly value: number; readonly text: string }[];
}

export interface ScaleRequest {
  readonly low: number;
  readonly high: number;
  /** Where `low` and `high` lie. */
  readonly from: number;
  readonly to: number;
  readonly log: boolean;
  /** About as many marks. */
  readonly marks: number;
}

export function scaleOf({ low, high, from, to, log, marks }: ScaleRequest): Scale {
  const [a, b] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  // Halves, since what is between the largest numbers is no number.
  const span = b / 2 - a / 2 || 1;
  const place = (value: number) => from + (((log ? Math.log10(value) : value) / 2 - a / 2) / span) * (to - from);
  const values = log && span >= 0.5 ? decades(low, high, marks) : roundValues(low, high, marks);
  return { place, marks: values.map((value) => ({ value, text: numberText(value) })) };
}

/** Multiples of 1, 2 or 5 times a power of ten within a range, about as many as asked for. Its own text also runs in pages. */
export function roundValues(low: number, high: number, count: number): number[] {
  const rough = 2 * ((high / 2 - low / 2) / Math.max(1, count)) || Math.abs(low) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  // Marks are as many as asked for, or nearly: a step that is a little finer is better than one mark alone.
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.8) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten within a range, about as many as asked for. Its own text also runs in pages. */
export function decades(low: number, high: number, count: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
  const powers = [];
  for (let power = first; power <= last; power += step) powers.push(Number(`1e${power}`));
  return powers;
}

/** A number as axes have it: `0.25`, `1e-5`, `20k`. Its own text also runs in pages. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6))
    return Number(value.toPrecision(3)).toExponential().replace('e+', 'e');
  if (size >= 1e4) return `${Number((value / 1000).toPrecision(4))}k`;
  return String(Number(value.toPrecision(4)));
}

/** The range of what is drawn; where all is one value, a little around it. Undefined where there is nothing. */
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

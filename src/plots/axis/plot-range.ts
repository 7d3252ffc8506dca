import type { Curve } from '../curves.js';
import type { PageRange } from './page-axis.js';
import { type RangeRequest, type ViewRange, viewRange } from './view-range.js';

/** The part of the y axis that a plot shows, and what is beyond it. */
export interface PlotRange extends ViewRange {
  /** How many curves, or their bands, leave it. */
  readonly leaving: number;
  /** The lowest and the highest value, if they are beyond it. */
  readonly lowest: number | undefined;
  readonly highest: number | undefined;
}

/** The part of the y axis in which curves can be told apart; undefined if there is nothing to draw. */
export function plotRange(curves: readonly Curve[], request: RangeRequest): PlotRange | undefined {
  const courses = curves.map(({ points }) => points.flatMap(({ y, low = y, high = y }) => [y, low, high]));
  const range = viewRange(courses, request);
  if (!range) return undefined;
  let [leaving, lowest, highest] = [0, range.low, range.high];
  for (const course of courses) {
    if (course.some((value) => value < range.low || value > range.high)) leaving++;
    for (const value of course) {
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
  }
  return {
    ...range,
    leaving,
    lowest: lowest < range.low ? lowest : undefined,
    highest: highest > range.high ? highest : undefined,
  };
}

/** The range for a page, which can zoom. */
export function pageRange({ low, high, lowest, highest }: PlotRange, request: RangeRequest): PageRange {
  const end = (said: number | undefined, beyond: number | undefined) =>
    said !== undefined ? 'fixed' : beyond !== undefined ? 'cut' : 'open';
  return { low, high, lowEnd: end(request.low, lowest), highEnd: end(request.high, highest), log: request.log };
}

/**
 * The text of a number with few digits, at or beyond a value, so that a range up to it includes the value.
 */
export function roundedOut(value: number, isUp: boolean): string {
  for (const digits of [2, 3, 6, 17]) {
    const text = value.toPrecision(digits);
    const number = Number(text);
    const size = Math.abs(value) * 10 ** (1 - digits);
    for (const one of [number, isUp ? number + size : number - size]) {
      const short = Number(one.toPrecision(digits));
      if (Number.isFinite(short) && (isUp ? short >= value : short <= value)) return String(short).replace('e+', 'e');
    }
  }
  return String(value);
}

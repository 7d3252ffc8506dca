import type { CurvePoint } from '../curves.js';
import type { ViewRange } from './view-range.js';

/** The visible part of a curve. */
interface ClippedCurve {
  /** Parts without gaps, each within the range. */
  readonly pieces: readonly (readonly { readonly x: number; readonly y: number }[])[];
  /** Where the curve leaves the range, or starts outside of it after a gap. */
  readonly leaves: readonly { readonly x: number; readonly isAbove: boolean }[];
}

/**
 * Clips a curve to a range. Between two points it is straight on the axis, which is logarithmic with `log`.
 */
export function clipped(points: readonly CurvePoint[], { low, high }: ViewRange, log: boolean): ClippedCurve {
  const toAxis = (value: number) => (log ? Math.log10(value) : value);
  const pieces: { x: number; y: number }[][] = [];
  const leaves: { x: number; isAbove: boolean }[] = [];
  const sideOf = (y: number) => (y > high ? 1 : y < low ? -1 : 0);
  /** Where the line between two points crosses an end of the range. */
  const meeting = (from: CurvePoint, to: CurvePoint, end: number) => {
    const [a, b, at] = [toAxis(from.y), toAxis(to.y), toAxis(end)];
    const share = (at / 2 - a / 2) / (b / 2 - a / 2);
    return { x: from.x + (to.x - from.x) * Math.min(1, Math.max(0, share)), y: end };
  };
  const endAt = (side: number) => (side > 0 ? high : low);
  let before: CurvePoint | undefined;
  for (const point of points) {
    if (Number.isNaN(point.y)) {
      before = undefined;
      continue;
    }
    const side = sideOf(point.y);
    const sideBefore = before && sideOf(before.y);
    if (before && sideBefore !== undefined && sideBefore !== 0 && side !== sideBefore)
      pieces.push([meeting(before, point, endAt(sideBefore))]);
    if (side === 0) {
      if (!before) pieces.push([]);
      pieces.at(-1)?.push(point);
    } else if (!before) leaves.push({ x: point.x, isAbove: side > 0 });
    else if (side !== sideBefore) {
      const out = meeting(before, point, endAt(side));
      pieces.at(-1)?.push(out);
      leaves.push({ x: out.x, isAbove: side > 0 });
    }
    before = point;
  }
  return { pieces, leaves };
}

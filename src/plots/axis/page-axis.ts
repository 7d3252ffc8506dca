/**
 * The y axis of plots in pages: its range, curves that leave it, and marks that uPlot does not write. These
 * functions run in browsers: in the page of `mlx ui`, and, copied as text, in pages that `mlx plot -o
 * FILE.html` writes. So they use nothing but their arguments.
 */

/**
 * The part of the y axis that a page shows at first. An end is `fixed` if the user set it, `open` if no value
 * is beyond it, else `cut`.
 */
export interface PageRange {
  readonly low: number;
  readonly high: number;
  readonly lowEnd: 'fixed' | 'open' | 'cut';
  readonly highEnd: 'fixed' | 'open' | 'cut';
  readonly log: boolean;
}

/** What these functions use of uPlot 1.6. */
interface PagePlot {
  readonly ctx: {
    fillStyle: unknown;
    font: string;
    textAlign: string;
    textBaseline: string;
    fillText(text: string, x: number, y: number): void;
    save(): void;
    restore(): void;
    beginPath(): void;
    moveTo(x: number, y: number): void;
    lineTo(x: number, y: number): void;
    fill(): void;
  };
  readonly bbox: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly data: readonly ArrayLike<number | null | undefined>[];
  readonly series: readonly { readonly show?: boolean | undefined }[];
  readonly scales: Readonly<Record<string, { readonly min?: number | undefined; readonly max?: number | undefined }>>;
  valToPos(value: number, scale: string, canvasPixels?: boolean): number;
}

/**
 * The ends of the y axis if the visible values are between `least` and `most`: not beyond the range, unless
 * no visible value is within it.
 */
export function pageYRange(range: PageRange, least: number | null, most: number | null): [low: number, high: number] {
  const { lowEnd, highEnd, log } = range;
  let low = lowEnd === 'fixed' || least === null ? range.low : Math.max(least, range.low);
  let high = highEnd === 'fixed' || most === null ? range.high : Math.min(most, range.high);
  if (!(low < high) && least !== null && most !== null) {
    low = lowEnd === 'fixed' ? range.low : least;
    high = highEnd === 'fixed' ? range.high : most;
  }
  if (!(low < high)) {
    low = log ? low / 2 : low - (Math.abs(low) / 10 || 1);
    high = log ? high * 2 : high + (Math.abs(high) / 10 || 1);
  }
  // A little room at an end where nothing is cut off.
  const room = log ? (high / low) ** 0.04 : (high - low) * 0.04;
  if (lowEnd === 'open') low = log ? low / room : low - room;
  if (highEnd === 'open') high = log ? high * room : high + room;
  return [low, high];
}

/**
 * Draws a triangle where a curve leaves the plot, in its colour. `series` are the indices of the curves'
 * series.
 */
export function drawLeaving(plot: PagePlot, series: readonly number[], colours: readonly string[]): void {
  const { min: left = 0, max: right = 0 } = plot.scales['x'] ?? {};
  const { min: low = 0, max: high = 0 } = plot.scales['y'] ?? {};
  const { ctx, bbox } = plot;
  const size = bbox.height / 50;
  const xs = plot.data[0] ?? [];
  ctx.save();
  series.forEach((k, i) => {
    const ys = plot.data[k];
    if (plot.series[k]?.show === false || !ys) return;
    ctx.fillStyle = colours[i];
    let before: { x: number; y: number; side: number } | undefined;
    const marked = { '-1': -Infinity, '1': -Infinity };
    for (let j = 0; j < xs.length; j++) {
      const y = ys[j];
      const at = xs[j];
      if (y === undefined || typeof at !== 'number') continue;
      if (y === null) {
        before = undefined;
        continue;
      }
      const side = y > high ? 1 : y < low ? -1 : 0;
      const point = { x: plot.valToPos(at, 'x', true), y: plot.valToPos(y, 'y', true), side };
      if (side !== 0 && side !== before?.side && at >= left && at <= right) {
        const edge = side > 0 ? bbox.top : bbox.top + bbox.height;
        const share = before ? (edge - before.y) / (point.y - before.y) : 1;
        const x = before ? before.x + (point.x - before.x) * Math.min(1, Math.max(0, share)) : point.x;
        if (x - marked[side] > 2 * size) {
          marked[side] = x;
          const foot = edge + side * 2 * size;
          ctx.beginPath();
          ctx.moveTo(x - size, foot);
          ctx.lineTo(x, edge);
          ctx.lineTo(x + size, foot);
          ctx.fill();
        }
      }
      before = point;
    }
  });
  ctx.restore();
}

/**
 * Writes the marks of a y axis that reaches beyond 1e14: uPlot 1.6 does not write numbers of more than 17
 * digits. `ink` is a colour.
 */
export function drawFarMarks(
  plot: PagePlot,
  {
    at,
    text,
    ink,
    ratio,
  }: {
    readonly at: (low: number, high: number) => readonly number[];
    readonly text: (value: number) => string;
    readonly ink: string;
    /** Device pixels per CSS pixel. */
    readonly ratio: number;
  },
): void {
  const { min = 0, max = 0 } = plot.scales['y'] ?? {};
  if (Math.max(Math.abs(min), Math.abs(max)) < 1e14) return;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = ink;
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  for (const value of at(min, max)) ctx.fillText(text(value), bbox.left - 10 * ratio, plot.valToPos(value, 'y', true));
  ctx.restore();
}

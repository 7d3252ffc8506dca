import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { shortNumber } from '../../core/number-text.js';
import {
  decades,
  drawFarMarks,
  drawLeaving,
  numberText,
  type PageRange,
  pageYRange,
  roundValues,
} from '../../plots/page.js';
import type { CurveLine } from '../wire.js';

interface Props {
  curves: readonly CurveLine[];
  names: readonly string[];
  /** The full names, as tooltips. */
  titles: readonly string[];
  /** The visible part of the y axis; undefined for all of it. */
  range: PageRange | undefined;
  colours: readonly string[];
  x: string;
  logY: boolean;
  height: number;
}

/** How the legend shows the dashes of a curve. */
const dashes = ['solid', 'dashed', 'dotted'] as const;

/**
 * A plot of curves: values under the pointer, zoom by dragging, all by a double click, a legend that hides
 * curves.
 */
export function Chart({ curves, names, titles, range, colours, x, logY, height }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const shown = useRef(range);
  shown.current = range;
  const shape = JSON.stringify([
    names,
    titles,
    range === undefined,
    curves.map(({ low }) => low !== undefined),
    x,
    logY,
    colours,
  ]);
  useEffect(() => {
    const { current } = box;
    if (!current) return;
    const { color: ink, borderTopColor: rule } = getComputedStyle(current);
    const axis = { stroke: ink, grid: { stroke: rule, width: 1 }, ticks: { stroke: rule, width: 1 } };
    const series: uPlot.Series[] = [{ label: x }];
    const bands: uPlot.Band[] = [];
    const bandOf = new Map<number, readonly number[]>();
    curves.forEach((curve, i) => {
      const plain = colours[i % colours.length] ?? ink;
      // Black stands for the page's text colour, since the page may be dark.
      const stroke = plain === '#000000' ? ink : plain;
      const dash = [[], [6, 3], [2, 2]][Math.floor(i / colours.length) % 3] ?? [];
      series.push({
        label: names[i] ?? '',
        stroke,
        width: 1.6,
        dash,
        spanGaps: false,
        points: { show: curve.xs.length === 1 },
        value: (_, value: number | null) => (value === null || value === undefined ? '--' : shortNumber(value)),
      });
      if (!curve.low) return;
      const at = series.length;
      series.push(
        { stroke: 'transparent', points: { show: false } },
        { stroke: 'transparent', points: { show: false } },
      );
      bands.push({ series: [at + 1, at], fill: `${colours[i % colours.length]}26` });
      bandOf.set(at - 1, [at, at + 1]);
    });
    const follow = (self: uPlot, i: number | null, { show }: uPlot.Series) => {
      // A band is shown and hidden with its curve.
      for (const k of bandOf.get(i ?? -1) ?? [])
        if (show !== undefined && self.series[k]?.show !== show) self.setSeries(k, { show });
    };
    const edges = new Set([...bandOf.values()].flat());
    // The edges of a band are invisible: only its curve counts as near the pointer.
    // biome-ignore lint/complexity/useMaxParams: uPlot calls it with these.
    const dist = (_: uPlot, i: number, __: number, value: number, pointer: number) =>
      edges.has(i) ? Number.POSITIVE_INFINITY : Math.abs(value - pointer);
    const drawn = series.flatMap((_, i) => (i === 0 || edges.has(i) ? [] : i));
    const strokes = drawn.map((i) => String(series[i]?.stroke ?? ink));
    const far = {
      at: (low: number, high: number) => (logY ? decades : roundValues)(low, high, height / 40),
      text: numberText,
      ink,
      ratio: devicePixelRatio,
    };
    const made = new uPlot(
      {
        width: Math.max(200, current.clientWidth),
        height,
        series,
        bands,
        hooks: {
          setSeries: [follow],
          draw: [(self) => drawLeaving(self, drawn, strokes), (self) => drawFarMarks(self, far)],
        },
        scales: {
          x: { time: false },
          y: {
            distr: logY ? 3 : 1,
            // New values may change the range.
            ...(range && {
              range: (_: uPlot, least: number | null, most: number | null) =>
                shown.current ? pageYRange(shown.current, least, most) : [least, most],
            }),
          },
        },
        axes: [
          axis,
          {
            ...axis,
            size: 64,
            values: (_, marks) => marks.map((mark) => (mark === null ? '' : numberText(mark))),
          },
        ],
        cursor: { focus: { prox: 24, dist } },
        focus: { alpha: 0.3 },
        legend: {
          markers: {
            dash: (_, i) => dashes[Math.floor(Math.max(0, drawn.indexOf(i)) / colours.length) % 3] ?? 'solid',
          },
        },
      },
      dataOf(curves),
      current,
    );
    plot.current = made;
    const rows = current.querySelectorAll<HTMLElement>('.u-legend .u-series');
    drawn.forEach((k, i) => {
      if (rows[k]) rows[k].title = titles[i] ?? '';
    });
    for (const hidden of bandOf.values()) for (const k of hidden) rows[k]?.classList.add('hidden');
    const observer = new ResizeObserver(() => made.setSize({ width: Math.max(200, current.clientWidth), height }));
    observer.observe(current);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape, height]);
  useEffect(() => {
    // New values do not undo the user's zoom.
    const { current } = plot;
    if (!current) return;
    const [xs] = current.data;
    const { min, max } = current.scales['x'] ?? {};
    const isZoomed = min !== xs[0] || max !== xs.at(-1);
    current.setData(dataOf(curves), !isZoomed);
  }, [curves]);
  return <div class="chart" ref={box} />;
}

function dataOf(curves: readonly CurveLine[]): uPlot.AlignedData {
  const tables = curves.map(({ xs, ys, low, high }) =>
    [xs, ys, ...(low && high ? [low, high] : [])].map((column) => [...column]),
  );
  return uPlot.join(tables as unknown as uPlot.AlignedData[]);
}

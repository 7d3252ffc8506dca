import { clipped } from '../axis/clip.js';
import { type PageRange, pageYRange } from '../axis/page-axis.js';
import { rangeOf, type Scale, scaleOf } from '../axis/scale.js';
import type { ViewRange } from '../axis/view-range.js';
import type { Curve } from '../curves.js';
import { type LongName, shortNames, wholeName } from '../names/short-names.js';
import { escapeXml } from './escape.js';

/** What a plot of curves in a file shows. */
export interface PlotPicture {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curves: readonly Curve[];
  readonly names: readonly LongName[];
  readonly logY: boolean;
  /** The visible part of the y axis. */
  readonly range: PageRange;
}

/** Colours of curves that colour-blind people can tell apart (Okabe and Ito, 2008), visible on white. */
export const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000'] as const;
const colourOf = (i: number) => colours[i % colours.length] ?? '#000';
/** Further curves than there are colours are dashed. */
const dashOf = (i: number) =>
  ['', ' stroke-dasharray="6 3"', ' stroke-dasharray="2 2"'][Math.floor(i / colours.length) % 3] ?? '';

const width = 1000;
const plotWidth = 560;
const height = 460;
const left = 70;
const top = 40;
const bottom = 50;
const legendRows = 24;
/** The most characters of a name in the legend. */
const nameWidth = 46;
/**
 * Half the width of a triangle where a curve leaves the plot, and the least distance between two triangles.
 */
const markSize = 5;
const markDistance = 12;

/** A plot of curves as self-contained SVG; undefined if there is nothing to draw. */
export function svgPlot({ title, xLabel, yLabel, curves, names, logY, range: shown }: PlotPicture): string | undefined {
  const xs = rangeOf(curves.flatMap((curve) => curve.points.map(({ x }) => x)));
  if (!xs) return undefined;
  const [low, high] = pageYRange(shown, null, null);
  const range = { low, high };
  const x = scaleOf({ low: xs[0], high: xs[1], from: left, to: left + plotWidth, log: false, marks: 7 });
  const y = scaleOf({ ...range, from: height - bottom, to: top, log: logY, marks: 7 });
  const at = (value: number) => value.toFixed(1);
  const grid = [
    ...x.marks.map(({ value, text }) => {
      const position = at(x.position(value));
      return `<path d="M${position} ${top}V${height - bottom}" class="g"/><text x="${position}" y="${height - bottom + 18}" text-anchor="middle">${text}</text>`;
    }),
    ...y.marks.map(({ value, text }) => {
      const position = at(y.position(value));
      return `<path d="M${left} ${position}H${left + plotWidth}" class="g"/><text x="${left - 8}" y="${position}" dy="4" text-anchor="end">${text}</text>`;
    }),
  ];
  const bands = curves.map((curve, i) => {
    const spread = curve.points.filter((point) => point.low !== undefined && point.high !== undefined);
    if (spread.length < 2) return '';
    const inside = (value: number) => at(y.position(Math.min(range.high, Math.max(range.low, value))));
    const upper = spread.map((point) => `${at(x.position(point.x))} ${inside(point.high ?? point.y)}`);
    const lower = spread.map((point) => `${at(x.position(point.x))} ${inside(point.low ?? point.y)}`).reverse();
    return `<path d="M${[...upper, ...lower].join('L')}Z" fill="${colourOf(i)}" fill-opacity="0.15"/>`;
  });
  const titles = names.map((name) => `<title>${escapeXml(wholeName(name))}</title>`);
  const lines = curves.map((curve, i) => drawnCurve(curve, { x, y, range, logY }, i, titles[i] ?? ''));
  const short = shortNames(names, { width: nameWidth, between: '  ', widthOf: (text) => text.length });
  const legend = short.slice(0, legendRows).map((name, i) => {
    const row = top + 6 + i * 16;
    return `<g>${titles[i]}<path d="M${left + plotWidth + 16} ${row}h22" stroke="${colourOf(i)}" stroke-width="2"${dashOf(i)}/><text x="${left + plotWidth + 44}" y="${row + 4}">${escapeXml(name)}</text></g>`;
  });
  if (names.length > legendRows) {
    legend.push(
      `<text x="${left + plotWidth + 16}" y="${top + 10 + legendRows * 16}">… and ${names.length - legendRows} more</text>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12">
<style>.g{stroke:#ddd;fill:none}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${left}" y="24" font-size="15">${escapeXml(title)}</text>
${grid.join('\n')}
<path d="M${left} ${top}V${height - bottom}H${left + plotWidth}" fill="none" stroke="#333"/>
<text x="${left + plotWidth / 2}" y="${height - 12}" text-anchor="middle">${escapeXml(xLabel)}</text>
<text transform="translate(18 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeXml(yLabel)}</text>
${[...bands, ...lines, ...legend].filter((part) => part !== '').join('\n')}
</svg>
`;
}

interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly range: ViewRange;
  readonly logY: boolean;
}

/**
 * A curve: a path with gaps at NaN, a dot for each single value, and a triangle where it leaves the plot.
 */
function drawnCurve({ points }: Curve, { x, y, range, logY }: Axes, i: number, title: string): string {
  const { pieces, leaves } = clipped(points, range, logY);
  const pointText = (point: { readonly x: number; readonly y: number }) =>
    `${x.position(point.x).toFixed(1)} ${y.position(point.y).toFixed(1)}`;
  const path = pieces.filter((piece) => piece.length > 1).map((piece) => `M${piece.map(pointText).join('L')}`);
  const dots = pieces.flatMap(([one, ...more]) =>
    one && more.length === 0
      ? `<circle cx="${x.position(one.x).toFixed(1)}" cy="${y.position(one.y).toFixed(1)}" r="2.2" fill="${colourOf(i)}"/>`
      : [],
  );
  const line = `<path d="${path.join('')}" fill="none" stroke="${colourOf(i)}" stroke-width="1.6"${dashOf(i)}/>`;
  const marks = apart(leaves.map(({ x: at, isAbove }) => ({ at: x.position(at), isAbove }))).map(({ at, isAbove }) => {
    const edge = y.position(isAbove ? range.high : range.low);
    const [tip, foot] = isAbove ? [edge - 2 * markSize + 1, edge - 1] : [edge + 2 * markSize - 1, edge + 1];
    return `<path d="M${(at - markSize).toFixed(1)} ${foot.toFixed(1)}L${at.toFixed(1)} ${tip.toFixed(1)}L${(at + markSize).toFixed(1)} ${foot.toFixed(1)}Z" fill="${colourOf(i)}"/>`;
  });
  return `<g>${title}${path.length > 0 ? line : ''}${dots.join('')}${marks.join('')}</g>`;
}

/** Marks without those that would cover an earlier one. */
function apart<Mark extends { readonly at: number; readonly isAbove: boolean }>(marks: readonly Mark[]): Mark[] {
  const kept: Mark[] = [];
  for (const mark of marks) {
    const last = kept.findLast(({ isAbove }) => isAbove === mark.isAbove);
    if (!last || Math.abs(mark.at - last.at) >= markDistance) kept.push(mark);
  }
  return kept;
}

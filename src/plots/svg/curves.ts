import { clipped } from '../clip.js';
import type { Curve } from '../curves.js';
import { type PageRange, pageYRange } from '../page-plot.js';
import { rangeOf, type Scale, scaleOf } from '../scale.js';
import { type LongName, shortNames, wholeName } from '../short-names.js';
import type { ViewRange } from '../view-range.js';

/** What a plot in a file shows. */
export interface PlotPicture {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curves: readonly Curve[];
  readonly names: readonly LongName[];
  readonly logY: boolean;
  /** The part of the y axis that is shown. */
  readonly range: PageRange;
}

// Colours that people who see few of them tell apart (Okabe and Ito, 2008), and that show on white.
export const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000'] as const;
const colourOf = (i: number) => colours[i % colours.length] ?? '#000';
/** Curves beyond the number of colours are dashed. */
const dashOf = (i: number) =>
  ['', ' stroke-dasharray="6 3"', ' stroke-dasharray="2 2"'][Math.floor(i / colours.length) % 3] ?? '';

const width = 1000;
const plotWidth = 560;
const height = 460;
const left = 70;
const top = 40;
const bottom = 50;
const legendRows = 24;
/** Characters of a name in the legend, and of a title above the plot. */
const nameWidth = 46;
/** Half the width of the triangle that marks where a curve leaves the plot, and how near there is no second one. */
const markSize = 5;
const markDistance = 12;

export const escapeXml = (text: string) =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd')
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A plot of lines as SVG, without anything from outside; undefined where there is nothing to draw. */
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
      const place = at(x.place(value));
      return `<path d="M${place} ${top}V${height - bottom}" class="g"/><text x="${place}" y="${height - bottom + 18}" text-anchor="middle">${text}</text>`;
    }),
    ...y.marks.map(({ value, text }) => {
      const place = at(y.place(value));
      return `<path d="M${left} ${place}H${left + plotWidth}" class="g"/><text x="${left - 8}" y="${place}" dy="4" text-anchor="end">${text}</text>`;
    }),
  ];
  const bands = curves.map((curve, i) => {
    const spread = curve.points.filter((point) => point.low !== undefined && point.high !== undefined);
    if (spread.length < 2) return '';
    const inside = (value: number) => at(y.place(Math.min(range.high, Math.max(range.low, value))));
    const upper = spread.map((point) => `${at(x.place(point.x))} ${inside(point.high ?? point.y)}`);
    const lower = spread.map((point) => `${at(x.place(point.x))} ${inside(point.low ?? point.y)}`).reverse();
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

/** A curve as a path that is broken where values are NaN, its single values as dots, and a triangle where it leaves the plot. */
function drawnCurve({ points }: Curve, { x, y, range, logY }: Axes, i: number, title: string): string {
  const { pieces, leaves } = clipped(points, range, logY);
  const place = (point: { readonly x: number; readonly y: number }) =>
    `${x.place(point.x).toFixed(1)} ${y.place(point.y).toFixed(1)}`;
  const path = pieces.filter((piece) => piece.length > 1).map((piece) => `M${piece.map(place).join('L')}`);
  const dots = pieces.flatMap(([one, ...more]) =>
    one && more.length === 0
      ? `<circle cx="${x.place(one.x).toFixed(1)}" cy="${y.place(one.y).toFixed(1)}" r="2.2" fill="${colourOf(i)}"/>`
      : [],
  );
  const line = `<path d="${path.join('')}" fill="none" stroke="${colourOf(i)}" stroke-width="1.6"${dashOf(i)}/>`;
  const marks = apart(leaves.map(({ x: at, isAbove }) => ({ at: x.place(at), isAbove }))).map(({ at, isAbove }) => {
    const edge = y.place(isAbove ? range.high : range.low);
    const [tip, foot] = isAbove ? [edge - 2 * markSize + 1, edge - 1] : [edge + 2 * markSize - 1, edge + 1];
    return `<path d="M${(at - markSize).toFixed(1)} ${foot.toFixed(1)}L${at.toFixed(1)} ${tip.toFixed(1)}L${(at + markSize).toFixed(1)} ${foot.toFixed(1)}Z" fill="${colourOf(i)}"/>`;
  });
  return `<g>${title}${path.length > 0 ? line : ''}${dots.join('')}${marks.join('')}</g>`;
}

/** Marks without those that would cover the one before. */
function apart<Mark extends { readonly at: number; readonly isAbove: boolean }>(marks: readonly Mark[]): Mark[] {
  const kept: Mark[] = [];
  for (const mark of marks) {
    const last = kept.findLast(({ isAbove }) => isAbove === mark.isAbove);
    if (!last || Math.abs(mark.at - last.at) >= markDistance) kept.push(mark);
  }
  return kept;
}

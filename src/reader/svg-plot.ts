import type { Curve } from './curves.js';
import { rangeOf, scaleOf } from './scale.js';

/** What a plot in a file shows. */
export interface PlotPicture {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curves: readonly Curve[];
  readonly names: readonly string[];
  readonly logY: boolean;
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

export const escapeXml = (text: string) =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd')
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A plot of lines as SVG, without anything from outside; undefined where there is nothing to draw. */
export function svgPlot({ title, xLabel, yLabel, curves, names, logY }: PlotPicture): string | undefined {
  const points = curves.flatMap((curve) => curve.points);
  const xs = rangeOf(points.map(({ x }) => x));
  const ys = rangeOf(
    points.flatMap(({ y, low = y, high = y }) => [y, low, high]),
    logY,
  );
  if (!xs || !ys) return undefined;
  const x = scaleOf({ low: xs[0], high: xs[1], from: left, to: left + plotWidth, log: false, marks: 7 });
  const y = scaleOf({ low: ys[0], high: ys[1], from: height - bottom, to: top, log: logY, marks: 7 });
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
    const upper = spread.map((point) => `${at(x.place(point.x))} ${at(y.place(point.high ?? point.y))}`);
    const lower = spread.map((point) => `${at(x.place(point.x))} ${at(y.place(point.low ?? point.y))}`).reverse();
    return `<path d="M${[...upper, ...lower].join('L')}Z" fill="${colourOf(i)}" fill-opacity="0.15"/>`;
  });
  const lines = curves.map(
    (curve, i) =>
      `<path d="${pathOf(curve, x.place, y.place)}" fill="none" stroke="${colourOf(i)}" stroke-width="1.6"${dashOf(i)}/>`,
  );
  const legend = names.slice(0, legendRows).map((name, i) => {
    const row = top + 6 + i * 16;
    return `<path d="M${left + plotWidth + 16} ${row}h22" stroke="${colourOf(i)}" stroke-width="2"${dashOf(i)}/><text x="${left + plotWidth + 44}" y="${row + 4}">${escapeXml(shortened(name))}</text>`;
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

/** A path that is broken where values are NaN. */
function pathOf({ points }: Curve, x: (value: number) => number, y: (value: number) => number): string {
  let isOn = false;
  const parts: string[] = [];
  for (const point of points) {
    if (Number.isNaN(point.y)) {
      isOn = false;
      continue;
    }
    parts.push(`${isOn ? 'L' : 'M'}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`);
    isOn = true;
  }
  return parts.join('');
}

const shortened = (name: string) => (name.length > 46 ? `${name.slice(0, 45)}…` : name);

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortNumber } from '../../core/number-text.js';
import { packageDirectory } from '../../core/package-directory.js';
import { drawFarMarks, drawLeaving, pageYRange } from '../axis/page-axis.js';
import { decades, numberText, roundValues } from '../axis/scale.js';
import { shortNames, wholeName } from '../names/short-names.js';
import { colours, type PlotPicture } from '../svg/curves.js';
import { escapeXml } from '../svg/escape.js';

/** The most characters of a name in the legend; the full name is a tooltip. */
const nameWidth = 100;

/**
 * A self-contained page with a plot of curves: values under the pointer, zoom by dragging, a legend that
 * turns curves off and on. `note` is shown below the title.
 */
export function htmlPlot(picture: PlotPicture, note: string): string {
  const { title, xLabel, yLabel, curves, names, logY, range } = picture;
  const asset = (name: string) => readFileSync(join(packageDirectory(), 'dist', 'assets', name), 'utf8');
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const indexOf = new Map(xs.map((x, i) => [x, i]));
  const columns = curves.flatMap(({ points }) => {
    const hasBand = points.some(({ low }) => low !== undefined);
    const column = (value: (point: (typeof points)[number]) => number | undefined) => {
      // uPlot: undefined is skipped, null is a gap.
      const values: (number | null | undefined)[] = xs.map(() => undefined);
      for (const point of points) {
        const y = value(point);
        values[indexOf.get(point.x) ?? 0] = y === undefined || Number.isNaN(y) ? null : y;
      }
      return values;
    };
    return hasBand
      ? [column(({ y }) => y), column(({ low }) => low), column(({ high }) => high)]
      : [column(({ y }) => y)];
  });
  const data = {
    title,
    xLabel,
    yLabel,
    logY,
    names: shortNames(names, { width: nameWidth, between: '  ', widthOf: (text) => text.length }),
    titles: names.map((name) => wholeName(name)),
    range,
    colours,
    banded: curves.map(({ points }) => points.some(({ low }) => low !== undefined)),
    xs,
    // JSON has no undefined: an empty string stands for it.
    columns: columns.map((column) => column.map((value) => (value === undefined ? '' : value))),
  };
  // A name with `</script>` would end the script.
  const json = JSON.stringify(data).replace(/</g, '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${asset('uPlot.min.css')}
body{font:14px system-ui,sans-serif;margin:1.5rem;color:#222}h1{font-size:1.1rem;margin:0 0 .5rem}p{color:#666;margin:.25rem 0 1rem}.u-legend{text-align:left}.u-legend th{font-weight:400}</style>
</head>
<body>
<h1>${escapeXml(title)}</h1>
<p>drag to zoom, double-click for all of it; a click on a name turns its curve off and on</p>${note === '' ? '' : `\n<p>${escapeXml(note)}</p>`}
<div id="plot"></div>
<script>${asset('uPlot.iife.min.js')}</script>
<script>
const d = ${json};
const pageYRange = ${pageYRange};
const drawLeaving = ${drawLeaving};
const numberText = ${numberText};
const marksOf = ${logY ? decades : roundValues};
const drawFarMarks = ${drawFarMarks};
const shortNumber = ${shortNumber};
const values = d.columns.map((column) => column.map((value) => (value === '' ? undefined : value)));
const series = [{ label: d.xLabel }];
const bands = [];
const banded = new Set();
let at = 0;
d.names.forEach((name, i) => {
  const stroke = d.colours[i % d.colours.length];
  const dash = [undefined, [6, 3], [2, 2]][Math.floor(i / d.colours.length) % 3];
  series.push({ label: name, stroke, width: 1.6, dash, spanGaps: false, points: { show: false }, value: (u, value) => (value == null ? '--' : shortNumber(value)) });
  at++;
  if (d.banded[i]) {
    series.push({ label: name + ' low', stroke: 'transparent', points: { show: false } }, { label: name + ' high', stroke: 'transparent', points: { show: false } });
    bands.push({ series: [at + 2, at + 1], fill: stroke + '26' });
    banded.add(at);
    at += 2;
  }
});
const size = () => ({ width: Math.min(1200, document.body.clientWidth), height: 480 });
const follow = (u, i, { show }) => {
  // A band goes with its curve.
  if (show !== undefined && banded.has(i)) for (const k of [i + 1, i + 2]) if (u.series[k].show !== show) u.setSeries(k, { show });
};
// The edges of a band are not seen, and what is near them is near its curve.
const edges = new Set([...banded].flatMap((i) => [i + 1, i + 2]));
const dist = (u, i, k, value, pointer) => (edges.has(i) ? Infinity : Math.abs(value - pointer));
const drawn = series.flatMap((_, i) => (i === 0 || edges.has(i) ? [] : i));
const strokes = drawn.map((i) => series[i].stroke);
const far = { at: (low, high) => marksOf(low, high, 8), text: numberText, ink: '#222', ratio: devicePixelRatio };
const range = (u, least, most) => pageYRange(d.range, least, most);
const plot = new uPlot({ ...size(), hooks: { setSeries: [follow], draw: [(u) => drawLeaving(u, drawn, strokes), (u) => drawFarMarks(u, far)] }, series, bands, scales: { x: { time: false }, y: { distr: d.logY ? 3 : 1, range } }, axes: [{ label: d.xLabel }, { label: d.yLabel, size: 70, values: (u, marks) => marks.map((mark) => (mark == null ? '' : numberText(mark))) }], cursor: { focus: { prox: 24, dist } }, focus: { alpha: 0.35 }, legend: { markers: { dash: (u, i) => ['solid', 'dashed', 'dotted'][Math.floor(Math.max(0, drawn.indexOf(i)) / d.colours.length) % 3] } } }, [d.xs, ...values], document.getElementById('plot'));
const rows = document.querySelectorAll('.u-legend .u-series');
drawn.forEach((i, n) => { rows[i].title = d.titles[n]; });
for (const i of banded) for (const k of [i + 1, i + 2]) rows[k].style.display = 'none';
addEventListener('resize', () => plot.setSize(size()));
</script>
</body>
</html>
`;
}

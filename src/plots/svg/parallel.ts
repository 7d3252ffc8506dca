import isEqual from 'lodash/isEqual.js';
import type { ExpressionValue } from '../../expression/index.js';
import type { ColumnName, RunResult } from '../../results/index.js';
import { columnText, currentValue, groupResults, resultValue } from '../../results/index.js';
import { numberText, rangeOf, scaleOf } from '../axis/scale.js';
import { heatOf, heatRange } from '../heat-map.js';
import { curveNames } from '../names/curve-names.js';
import { wholeName } from '../names/short-names.js';
import { escapeXml } from './escape.js';
import { heatColour, heatScale, shownValue } from './heat-colour.js';

const top = 56;
const height = 320;
const left = 70;
const gap = 150;
/** Up to this many different values are spaced evenly; more numbers are on a scale. */
const mostSpaced = 12;

interface Axis {
  readonly name: string;
  readonly position: (value: ExpressionValue) => number | undefined;
  readonly marks: readonly { readonly y: number; readonly text: string }[];
}

/**
 * Parallel coordinates as SVG: one line per run, through its values of the columns to the metric at the
 * right, which also colours it. `svg` is undefined if no run has a number; `without` counts the runs that
 * have none; `values` are the numbers.
 */
export function svgParallel(
  results: readonly RunResult[],
  metric: ColumnName,
  columns: readonly ColumnName[],
): { readonly svg: string | undefined; readonly without: number; readonly values: readonly number[] } {
  const drawn = results.flatMap((result) => {
    const value = currentValue(result, metric);
    return typeof value === 'number' && Number.isFinite(value) ? [{ result, value }] : [];
  });
  const without = results.length - drawn.length;
  const values = drawn.map(({ value }) => value);
  const ends = heatRange(values);
  const range = ends && rangeOf(ends);
  if (!ends || !range) return { svg: undefined, without, values };
  const shown = drawn.map(({ result }) => result);
  const axes = [...columns.map((column) => axisOf(shown, column)), numberAxis(columnText(metric), range)];
  const names = curveNames(
    shown.map(({ id }) => ({ runs: [id], key: [] })),
    shown,
    undefined,
    String,
  );
  const right = left + (axes.length - 1) * gap;
  const x = (i: number) => left + i * gap;
  const lines = drawn.map(({ result, value }, n) => {
    const own = [...columns.map((column) => resultValue(result, column)), value];
    const path = axes
      .map(({ position }, i) => `${i === 0 ? 'M' : 'L'}${x(i)} ${(position(own[i]) ?? top).toFixed(1)}`)
      .join('');
    const colour = heatColour(heatOf(value, ends) ?? 0).join(',');
    return `<g><title>${escapeXml(wholeName(names[n] ?? { head: `run ${result.id}`, pairs: [], tail: '' }))}</title><path d="${path}" fill="none" stroke="rgb(${colour})" stroke-width="1.6" opacity="0.75"/></g>`;
  });
  const frames = axes.map(({ name, marks }, i) => {
    const texts = marks.map(
      ({ y, text }) =>
        `<path d="M${x(i) - 4} ${y.toFixed(1)}h4" stroke="#333"/><text x="${x(i) - 7}" y="${y.toFixed(1)}" dy="4" text-anchor="end" stroke="#fff" stroke-width="3" paint-order="stroke">${escapeXml(text)}</text>`,
    );
    return `<path d="M${x(i)} ${top}v${height}" stroke="#333"/><text x="${x(i)}" y="${top - 14}" text-anchor="middle">${escapeXml(shownValue(name))}</text>${texts.join('')}`;
  });
  const [width, whole] = [right + 70, top + height + 62];
  return {
    without,
    values,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
${[...lines, ...frames, heatScale(ends, Math.max(left, right - 200), top + height + 22)].join('\n')}
</svg>
`,
  };
}

function axisOf(results: readonly RunResult[], column: ColumnName): Axis {
  const name = columnText(column);
  const values = groupResults(results, [column]).map(({ key: [value] }) => value);
  const numbers = values.filter((value) => typeof value === 'number');
  const range = rangeOf(numbers);
  if (values.length > mostSpaced && numbers.length === values.length && range) return numberAxis(name, range);
  const at = (i: number) => top + height - ((i + 0.5) / values.length) * height;
  return {
    name,
    position: (value) => at(values.findIndex((one) => isEqual(one, value))),
    marks: values.map((value, i) => ({ y: at(i), text: shownValue(value) })),
  };
}

function numberAxis(name: string, [low, high]: readonly [number, number]): Axis {
  const { position, marks } = scaleOf({ low, high, from: top + height, to: top, log: false, marks: 6 });
  return {
    name,
    // Outliers are at the ends of the axis.
    position: (value) => (typeof value === 'number' ? position(Math.min(high, Math.max(low, value))) : undefined),
    marks: marks.map(({ value }) => ({ y: position(value), text: numberText(value) })),
  };
}

import { rangesText } from '../../core/consecutive.js';
import { numberText } from '../axis/scale.js';
import { type HeatCell, type HeatMap, heatOf } from '../heat-map.js';
import { escapeXml } from './escape.js';
import { heatColour, heatScale, shownValue } from './heat-colour.js';

const cellWidth = 76;
const cellHeight = 34;
const top = 64;

/** A heat map as SVG, with numbers in the cells and runs as tooltips; undefined if there is no number. */
export function svgHeatMap({ metric, rowName, columnName, rows, columns, cells, range }: HeatMap): string | undefined {
  if (!range) return undefined;
  const rowTexts = rows.map(shownValue);
  const left = 24 + Math.max(rowName.length, ...rowTexts.map((text) => text.length)) * 7.5;
  const width = Math.max(left + columns.length * cellWidth + 24, 420);
  const bottom = top + rows.length * cellHeight;
  const heads = columns.map(
    (value, i) =>
      `<text x="${left + (i + 0.5) * cellWidth}" y="${top - 8}" text-anchor="middle">${escapeXml(shownValue(value))}</text>`,
  );
  const lines = rows.flatMap((_, i) => {
    const y = top + i * cellHeight;
    return [
      `<text x="${left - 8}" y="${y + cellHeight / 2 + 4}" text-anchor="end">${escapeXml(rowTexts[i] ?? '')}</text>`,
      ...columns.map((_, j) => rectangle(cells[i]?.[j], range, left + j * cellWidth, y)),
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 52}" viewBox="0 0 ${width} ${bottom + 52}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${left}" y="22" font-size="15">${escapeXml(`${metric}, mean`)}</text>
<text x="${left}" y="${top - 26}" fill="#555">${escapeXml(columnName)}</text>
<text x="${left - 8}" y="${top - 8}" text-anchor="end" fill="#555">${escapeXml(rowName)}</text>
${[...heads, ...lines, heatScale(range, left, bottom + 16)].join('\n')}
</svg>
`;
}

function rectangle(cell: HeatCell | undefined, range: readonly [number, number], x: number, y: number): string {
  const heat = cell?.value === undefined ? undefined : heatOf(cell.value, range);
  const colour = heat === undefined ? ([238, 238, 238] as const) : heatColour(heat);
  const [red, green, blue] = colour;
  const isDark = red * 0.299 + green * 0.587 + blue * 0.114 < 140;
  const box = `x="${x + 1}" y="${y + 1}" width="${cellWidth - 2}" height="${cellHeight - 2}"`;
  const shape = `<rect ${box} fill="rgb(${colour.join(',')})"/>`;
  if (!cell) return `<rect ${box} fill="none" stroke="#ddd"/>`;
  const text = cell.value === undefined ? '–' : numberText(cell.value);
  const told = `${cell.runs.length === 1 ? 'run' : 'runs'} ${rangesText(cell.runs)}`;
  return `<g><title>${escapeXml(told)}</title>${shape}<text x="${x + cellWidth / 2}" y="${y + cellHeight / 2 + 4}" text-anchor="middle" fill="${isDark ? '#fff' : '#000'}">${text}</text></g>`;
}

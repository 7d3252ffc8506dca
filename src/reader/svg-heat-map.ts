import type { ExpressionValue } from '../expression/index.js';
import { stretches } from '../logger/index.js';
import { type HeatCell, type HeatMap, heatOf } from './heat-map.js';
import { numberText } from './scale.js';
import { escapeXml } from './svg-plot.js';

// Stops of viridis (CC0): brighter is more, also without colours.
const stops = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;

const cellWidth = 76;
const cellHeight = 34;
const top = 64;

/** A heat map as SVG, its numbers in it and its runs under the pointer; undefined where there is no number. */
export function svgHeatMap({ metric, rowName, columnName, rows, columns, cells, range }: HeatMap): string | undefined {
  if (!range) return undefined;
  const rowTexts = rows.map(shownText);
  const left = 24 + Math.max(rowName.length, ...rowTexts.map((text) => text.length)) * 7.5;
  const width = Math.max(left + columns.length * cellWidth + 24, 420);
  const bottom = top + rows.length * cellHeight;
  const heads = columns.map(
    (value, i) =>
      `<text x="${left + (i + 0.5) * cellWidth}" y="${top - 8}" text-anchor="middle">${escapeXml(shownText(value))}</text>`,
  );
  const lines = rows.flatMap((_, i) => {
    const y = top + i * cellHeight;
    return [
      `<text x="${left - 8}" y="${y + cellHeight / 2 + 4}" text-anchor="end">${escapeXml(rowTexts[i] ?? '')}</text>`,
      ...columns.map((_, j) => rectangle(cells[i]?.[j], range, left + j * cellWidth, y)),
    ];
  });
  const scale = Array.from(
    { length: 50 },
    (_, i) =>
      `<rect x="${left + i * 4}" y="${bottom + 16}" width="4.5" height="10" fill="rgb(${colourOf(i / 49).join(',')})"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 52}" viewBox="0 0 ${width} ${bottom + 52}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${left}" y="22" font-size="15">${escapeXml(`${metric}, mean`)}</text>
<text x="${left}" y="${top - 26}" fill="#555">${escapeXml(columnName)}</text>
<text x="${left - 8}" y="${top - 8}" text-anchor="end" fill="#555">${escapeXml(rowName)}</text>
${[...heads, ...lines, ...scale].join('\n')}
<text x="${left}" y="${bottom + 42}">${numberText(range[0])}</text>
<text x="${left + 200}" y="${bottom + 42}" text-anchor="end">${numberText(range[1])}</text>
</svg>
`;
}

function rectangle(cell: HeatCell | undefined, range: readonly [number, number], x: number, y: number): string {
  const heat = cell?.value === undefined ? undefined : heatOf(cell.value, range);
  const colour = heat === undefined ? ([238, 238, 238] as const) : colourOf(heat);
  const [red, green, blue] = colour;
  const isDark = red * 0.299 + green * 0.587 + blue * 0.114 < 140;
  const box = `x="${x + 1}" y="${y + 1}" width="${cellWidth - 2}" height="${cellHeight - 2}"`;
  const shape = `<rect ${box} fill="rgb(${colour.join(',')})"/>`;
  if (!cell) return `<rect ${box} fill="none" stroke="#ddd"/>`;
  const text = cell.value === undefined ? '–' : numberText(cell.value);
  const told = `${cell.runs.length === 1 ? 'run' : 'runs'} ${stretches(cell.runs)}`;
  return `<g><title>${escapeXml(told)}</title>${shape}<text x="${x + cellWidth / 2}" y="${y + cellHeight / 2 + 4}" text-anchor="middle" fill="${isDark ? '#fff' : '#000'}">${text}</text></g>`;
}

function colourOf(heat: number): readonly [number, number, number] {
  const at = heat * (stops.length - 1);
  const low = stops[Math.floor(at)] ?? stops[0];
  const high = stops[Math.ceil(at)] ?? low;
  const mix = (i: 0 | 1 | 2) => Math.round(low[i] + (high[i] - low[i]) * (at - Math.floor(at)));
  return [mix(0), mix(1), mix(2)];
}

const shownText = (value: ExpressionValue) => {
  const text = value === undefined ? 'none' : typeof value === 'number' ? String(value) : String(value ?? 'null');
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
};

/** A page that holds a heat map, and nothing from outside. */
export function htmlHeatMap(map: HeatMap): string | undefined {
  const svg = svgHeatMap(map);
  return (
    svg &&
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(map.metric)}</title>
<style>body{margin:1.5rem}g:hover rect{stroke:#000;stroke-width:2}</style>
</head>
<body>
${svg}</body>
</html>
`
  );
}

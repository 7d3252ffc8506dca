import { type HeatMap, heatOf } from '../../plots/index.js';
import type { Paint } from './style.js';
import { type Cell, renderTable } from './table.js';

const levels = '▁▂▃▄▅▆▇█';

/**
 * Returns a heat map as a table. The block before each mean is taller for higher means. `text` formats a
 * value.
 */
export function terminalHeatMap(map: HeatMap, text: (value: HeatMap['rows'][number]) => string, paint: Paint): string {
  const { metric, rowName, columnName, rows, columns, cells, range } = map;
  const lines = rows.map((value, i): Cell[] => [
    { text: text(value) || 'none', align: 'right' },
    ...(cells[i] ?? []).map((cell): Cell => {
      if (!cell) return { text: '', align: 'right' };
      if (cell.value === undefined) return { text: '–', align: 'right' };
      const heat = range && heatOf(cell.value, range);
      const block =
        heat === undefined ? ' ' : (levels[Math.min(levels.length - 1, Math.floor(heat * levels.length))] ?? '');
      return { text: `${block} ${text(cell.value)}`, align: 'right' };
    }),
  ]);
  const heading = [`${rowName} ↓  ${columnName} →`, ...columns.map((value) => text(value) || 'none')];
  return `${metric}, mean\n${renderTable(heading, lines, paint)}`;
}

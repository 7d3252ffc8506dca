import { rangesText } from '../../core/consecutive.js';
import { jsonText, printableLine } from '../../core/text.js';
import { type ExpressionValue, plainJson } from '../../expression/index.js';
import { fail } from '../../failures/index.js';
import type { ResultTable } from '../../results/index.js';
import type { MetricValue } from '../../store/index.js';
import type { Io } from '../grammar/command.js';
import { csvText } from './csv.js';
import { markedText, metricText } from './metrics-text.js';
import { painter } from './style.js';
import { type Cell, renderTable } from './table.js';

type TableFormat = 'table' | 'json' | 'jsonl' | 'csv' | 'parquet' | 'md';

/**
 * Writes a table to stdout. In JSON, a missing value is null, and NaN and infinities are texts. Throws
 * `bad-option-value` for Parquet on a terminal.
 */
export async function writeTable(table: ResultTable, format: TableFormat, io: Io): Promise<void> {
  const { columns, rows } = table;
  switch (format) {
    case 'table':
      if (rows.length === 0) return;
      io.stdout.write(renderTable(columns, rows.map(cellsOf(table)), painter(io.stdout, io.env)));
      return;
    case 'md':
      io.stdout.write(markdownOf(table));
      return;
    case 'csv':
      io.stdout.write(csvText([columns, ...rows], io.stdout));
      return;
    case 'json':
      io.stdout.write(`${jsonText(rows.map(objectOf(table)))}\n`);
      return;
    case 'jsonl':
      io.stdout.write(rows.map((row) => `${jsonText(objectOf(table)(row))}\n`).join(''));
      return;
    case 'parquet':
      return writeParquet(table, io);
  }
}

/** Returns a row as an object; `earlier` has the attempts of values that are not from the last attempt. */
const objectOf =
  ({ columns, earlier }: ResultTable) =>
  (row: readonly ExpressionValue[]) => {
    const marks = [...(earlier?.get(row) ?? [])].map(([i, attempt]) => [columns[i], attempt]);
    const values = columns.map((name, i) => [name, plainJson(row[i])]);
    return Object.fromEntries(marks.length === 0 ? values : [...values, ['earlier', Object.fromEntries(marks)]]);
  };

/** Returns a value as people read it; runs are ranges of ids. */
export function valueText(value: ExpressionValue, column: string): string {
  if (value === undefined) return '';
  if (column === 'runs' && Array.isArray(value)) return rangesText(value as number[]);
  if (Array.isArray(value)) return JSON.stringify(value.map(plainJson));
  return metricText(value as MetricValue);
}

const cellsOf = (table: ResultTable) => (row: readonly ExpressionValue[]) =>
  textsOf(table)(row).map((text, i): Cell => (typeof row[i] === 'number' ? { text, align: 'right' } : { text }));

const textsOf =
  ({ columns, earlier }: ResultTable) =>
  (row: readonly ExpressionValue[]) =>
    row.map((value, i) => markedText(valueText(value, columns[i] ?? ''), earlier?.get(row)?.get(i)));

function markdownOf(table: ResultTable): string {
  const { columns, rows } = table;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => printableLine(cell).replace(/\|/g, '\\|')).join(' | ')} |\n`;
  const isNumeric = (i: number) =>
    rows.length > 0 && rows.every((row) => row[i] === undefined || typeof row[i] === 'number');
  const rule = columns.map((_, i) => (isNumeric(i) ? '--:' : '---'));
  return [line(columns), line(rule), ...rows.map((row) => line(textsOf(table)(row)))].join('');
}

/** Writes Parquet: each column is doubles, booleans or text. */
async function writeParquet({ columns, rows }: ResultTable, io: Io): Promise<void> {
  if (io.stdout.isTTY) {
    fail({
      reason: 'bad-option-value',
      option: '--parquet',
      value: 'a terminal',
      expected: 'a file: mlx query --parquet > results.parquet',
      near: undefined,
    });
  }
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = columns.map((name, i) => {
    const values = rows.map((row) => row[i]);
    const there = values.filter((value) => value !== undefined && value !== null);
    const all = (type: string) => there.length > 0 && there.every((value) => typeof value === type);
    if (all('number'))
      return { name, data: values.map((value) => value ?? null), type: 'DOUBLE' as const, nullable: true };
    if (all('boolean'))
      return { name, data: values.map((value) => value ?? null), type: 'BOOLEAN' as const, nullable: true };
    const texts = values.map((value) =>
      value === undefined || value === null ? null : Array.isArray(value) ? JSON.stringify(value) : String(value),
    );
    return { name, data: texts, type: 'STRING' as const, nullable: true };
  });
  io.stdout.write(Buffer.from(parquetWriteBuffer({ columnData })));
}

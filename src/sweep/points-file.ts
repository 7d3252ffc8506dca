import { extname } from 'node:path';
import { fail, type ProblemOf } from '../failures/index.js';
import {
  isList,
  isMapping,
  parseYaml,
  readScalar,
  readTextFile,
  readYamlFile,
  scalarText,
  type Value,
  type YamlFile,
} from '../values/index.js';
import type { Override } from './override.js';
import { parseOverride } from './parse-override.js';
import { lineAt, wordText } from './sweep-file.js';

/**
 * The points of a file, one list of overrides each: a CSV file whose first line names the keys (an empty cell leaves its key as
 * the config has it), JSON lines of objects, or a YAML list of mappings. Throws `unreadable-file`, `yaml-syntax`,
 * `bad-points-file`, or what `parseOverride` throws.
 */
export async function readPointsFile(path: string, name: string): Promise<Override[][]> {
  const rows = await rowsOf(path, name);
  return rows.length === 0 ? badPoints(name, 1, { kind: 'no-points' }) : rows;
}

function rowsOf(path: string, name: string): Override[][] | Promise<Override[][]> {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return csvRows(readTextFile(path, name), name);
    case '.jsonl':
    case '.ndjson':
      return readTextFile(path, name)
        .split('\n')
        .flatMap((line, i) => (line.trim() === '' ? [] : [jsonRow(line, name, i + 1)]));
    case '.yaml':
    case '.yml':
    case '.json': {
      const file = readYamlFile(path, name);
      if (!isList(file.value)) return badPoints(name, 1, { kind: 'not-a-list' });
      return file.value.map((point, i) => mappingRow(file, point, [i], lineAt(file, [i])));
    }
    default:
      return badPoints(name, 1, { kind: 'unknown-ending' });
  }
}

function badPoints(path: string, line: number, problem: ProblemOf<'bad-points-file'>): never {
  return fail({ reason: 'bad-points-file', path, line, problem });
}

function jsonRow(line: string, name: string, number: number): Override[] {
  try {
    JSON.parse(line);
  } catch {
    return badPoints(name, number, { kind: 'not-json' });
  }
  // Read as YAML, which JSON is a part of, since that keeps spellings and large ints.
  const file = parseYaml({ name, text: line });
  return mappingRow(file, file.value, [], number);
}

function mappingRow(file: YamlFile, point: Value, path: readonly number[], line: number): Override[] {
  const { name } = file.source;
  if (!isMapping(point)) return badPoints(name, line, { kind: 'not-a-mapping' });
  return [...point].map(([key, value]) => {
    const word = wordText(value, file.spelling([...path, String(key)]));
    return parseOverride(`${scalarText(key)}=${word}`, { name: `override in ${name}:${line}` });
  });
}

async function csvRows(text: string, name: string): Promise<Override[][]> {
  const { parse } = await import('csv-parse/sync');
  let records: { readonly record: string[]; readonly info: { readonly lines: number } }[];
  try {
    records = parse(text, { info: true, skip_empty_lines: true, relax_column_count: true }) as never;
  } catch (error) {
    const line = typeof error === 'object' && error !== null && 'lines' in error ? Number(error.lines) : 1;
    return badPoints(name, line, { kind: 'bad-quotes' });
  }
  const [header, ...rows] = records;
  const keys = header?.record.map((key) => key.trim()) ?? [];
  const odd = keys.find((key, i) => key === '' || keys.indexOf(key) !== i);
  if (odd !== undefined)
    badPoints(name, 1, odd === '' ? { kind: 'column-without-name' } : { kind: 'column-twice', name: odd });
  return rows.map(({ record, info: { lines } }) => {
    if (record.length !== keys.length)
      badPoints(name, lines, { kind: 'cell-count', count: record.length, expected: keys.length });
    return keys.flatMap((key, i) => {
      const cell = record[i]?.trim() ?? '';
      if (cell === '') return [];
      // A cell is one value of the override grammar; text that would be none there needs no quotes.
      const word = /^[["'{]/.test(cell) ? cell : wordText(readScalar(cell), cell);
      return parseOverride(`${key}=${word}`, { name: `override in ${name}:${lines}` });
    });
  });
}

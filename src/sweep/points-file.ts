import { extname } from 'node:path';
import { fail, type ProblemOf } from '../failures/index.js';
import {
  isList,
  isMapping,
  parseYaml,
  readScalar,
  readTextFile,
  readYamlFile,
  type Value,
  type YamlFile,
} from '../values/index.js';
import { type FileLine, fileOverride, lineAt, wordText } from './file-words.js';
import type { Override } from './override.js';

/**
 * Reads the points of a file, as one list of overrides per point. The file is CSV with
 * the keys in its first line (an empty cell leaves the config's value), JSON lines of
 * objects, or a YAML list of mappings. `name` is its name in messages. Throws
 * `unreadable-file`, `yaml-syntax`, `bad-points-file`, or what `parseOverride` throws.
 */
export async function readPointsFile(path: string, name: string): Promise<Override[][]> {
  const rows = await rowsOf(path, name);
  return rows.length === 0 ? badPoints({ name, line: 1 }, { kind: 'no-points' }) : rows;
}

function rowsOf(path: string, name: string): Override[][] | Promise<Override[][]> {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return csvRows(readTextFile(path, name), name);
    case '.jsonl':
    case '.ndjson':
      return readTextFile(path, name)
        .split('\n')
        .flatMap((line, i) => (line.trim() === '' ? [] : [jsonRow(line, { name, line: i + 1 })]));
    case '.yaml':
    case '.yml':
    case '.json': {
      const file = readYamlFile(path, name);
      if (!isList(file.value)) return badPoints({ name, line: 1 }, { kind: 'not-a-list' });
      return file.value.map((point, i) => mappingRow(file, point, [i], lineAt(file, [i])));
    }
    default:
      return badPoints({ name, line: 1 }, { kind: 'unknown-ending' });
  }
}

function badPoints({ name, line }: FileLine, problem: ProblemOf<'bad-points-file'>): never {
  return fail({ reason: 'bad-points-file', path: name, line, problem });
}

function jsonRow(text: string, line: FileLine): Override[] {
  try {
    JSON.parse(text);
  } catch {
    return badPoints(line, { kind: 'not-json' });
  }
  // JSON is read as YAML, which keeps spellings and large ints.
  const file = parseYaml({ name: line.name, text });
  return mappingRow(file, file.value, [], line);
}

function mappingRow(file: YamlFile, point: Value, path: readonly number[], line: FileLine): Override[] {
  if (!isMapping(point)) return badPoints(line, { kind: 'not-a-mapping' });
  return [...point].map(([key, value]) => {
    return fileOverride(key, wordText(value, file.spelling([...path, String(key)])), line);
  });
}

async function csvRows(text: string, name: string): Promise<Override[][]> {
  const { parse } = await import('csv-parse/sync');
  let records: { readonly record: string[]; readonly info: { readonly lines: number } }[];
  try {
    records = parse(text, { info: true, skip_empty_lines: true, relax_column_count: true }) as never;
  } catch (error) {
    const line = typeof error === 'object' && error !== null && 'lines' in error ? Number(error.lines) : 1;
    return badPoints({ name, line }, { kind: 'bad-quotes' });
  }
  const [header, ...rows] = records;
  const keys = header?.record.map((key) => key.trim()) ?? [];
  const odd = keys.find((key, i) => key === '' || keys.indexOf(key) !== i);
  if (odd !== undefined)
    badPoints({ name, line: 1 }, odd === '' ? { kind: 'column-without-name' } : { kind: 'column-twice', name: odd });
  return rows.map(({ record, info }) => {
    const line = { name, line: info.lines };
    if (record.length !== keys.length)
      badPoints(line, { kind: 'cell-count', count: record.length, expected: keys.length });
    return keys.flatMap((key, i) => {
      const cell = record[i]?.trim() ?? '';
      if (cell === '') return [];
      // A cell is one value of the override grammar. Unlike
      // there, text with other characters needs no quotes.
      const word = /^[["'{]/.test(cell) ? cell : wordText(readScalar(cell), cell);
      return fileOverride(key, word, line);
    });
  });
}

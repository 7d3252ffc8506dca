import { locate } from '../core/span.js';
import { readScalar, type Scalar, sameValue, scalarText, type Value, type YamlFile } from '../values/index.js';
import { type Override, valueText } from './override.js';
import { parseOverride } from './parse-override.js';

/** A line of a file, from 1. `name` is the file's name in messages. */
export interface FileLine {
  readonly name: string;
  readonly line: number;
}

/**
 * Parses a key and its word from a file as an override.
 * Throws what `parseOverride` throws, with the file and line.
 */
export function fileOverride(key: Scalar, word: string, { name, line }: FileLine): Override {
  return parseOverride(`${scalarText(key)}=${word}`, { name: `override in ${name}:${line}` });
}

/** Returns the line of a YAML file that contains the value at a path. */
export function lineAt(file: YamlFile, path: readonly (string | number)[]): FileLine {
  return { name: file.source.name, line: locate(file.spanAt(path)).line };
}

/**
 * Returns a value of a YAML file in the override grammar. It keeps its spelling if the grammar reads the same
 * value from it (`1e-3`, `10.`). Otherwise the value that YAML reads (`yes`, `007`) is spelled again.
 */
export function wordText(value: Value, spelling: string | undefined): string {
  const isScalarValue = value === null || ['boolean', 'bigint', 'number'].includes(typeof value);
  if (!isScalarValue || spelling === undefined) return valueText(value);
  return sameValue(readScalar(spelling), value as Scalar) ? spelling : valueText(value);
}

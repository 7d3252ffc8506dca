import type { ExpressionValue } from '../expression/index.js';
import { isList, isMapping, type Scalar, scalarText, type Value } from './values.js';

/** Returns a value of a config for expressions, with ints as numbers. Returns undefined for a mapping. */
export function expressionValue(value: Value | undefined): ExpressionValue {
  if (value === undefined || isMapping(value)) return undefined;
  if (isList(value)) return value.map(expressionValue);
  return typeof value === 'bigint' ? Number(value) : value;
}

/** Returns the value under a dotted name (`optimizer.lr`, `layers.0`); undefined if there is none. */
export function valueAt(config: Value, name: string): Value | undefined {
  return name.split('.').reduce<Value | undefined>((at, part) => {
    if (isList(at)) return at[Number(part)];
    if (!isMapping(at)) return undefined;
    return at.get(part) ?? at.get(intKey(part));
  }, config);
}

const intKey = (part: string): Scalar => (/^-?\d+$/.test(part) ? BigInt(part) : part);

/** Returns the dotted names of all values that are not mappings. */
export function leafNames(config: Value, prefix = ''): string[] {
  if (!isMapping(config)) return [];
  return [...config].flatMap(([key, value]) => {
    const name = prefix + scalarText(key);
    return isMapping(value) ? leafNames(value, `${name}.`) : [name];
  });
}

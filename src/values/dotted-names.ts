import type { ExpressionValue } from '../expression/index.js';
import { isList, isMapping, type Scalar, scalarText, type Value } from './values.js';

/** A value of a config as expressions take it: ints as numbers; undefined for a mapping. */
export function expressionValue(value: Value | undefined): ExpressionValue {
  if (value === undefined || isMapping(value)) return undefined;
  if (isList(value)) return value.map(expressionValue);
  return typeof value === 'bigint' ? Number(value) : value;
}

/** What a config holds under a dotted name (`optimizer.lr`, `layers.0`); undefined where there is nothing. */
export function valueAt(config: Value, name: string): Value | undefined {
  return name.split('.').reduce<Value | undefined>((at, part) => {
    if (isList(at)) return at[Number(part)];
    if (!isMapping(at)) return undefined;
    return at.get(part) ?? at.get(intKey(part));
  }, config);
}

const intKey = (part: string): Scalar => (/^-?\d+$/.test(part) ? BigInt(part) : part);

/** The dotted names of all values in a config that are no mappings. */
export function leafNames(config: Value, prefix = ''): string[] {
  if (!isMapping(config)) return [];
  return [...config].flatMap(([key, value]) => {
    const name = prefix + scalarText(key);
    return isMapping(value) ? leafNames(value, `${name}.`) : [name];
  });
}

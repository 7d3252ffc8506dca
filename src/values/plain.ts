import { isList, isMapping, type Scalar, type Value } from './values.js';

/**
 * Returns a value as plain JavaScript data, for schemas
 * and JSON. Ints become numbers, mappings become objects.
 */
export function plainData(value: Value): unknown {
  if (isList(value)) return value.map(plainData);
  if (isMapping(value)) return Object.fromEntries([...value].map(([key, item]) => [String(key), plainData(item)]));
  return typeof value === 'bigint' ? Number(value) : value;
}

/**
 * Returns plain JavaScript data as a value. Whole numbers become ints; undefined and functions become null.
 */
export function configValue(data: unknown): Value {
  if (Array.isArray(data)) return data.map(configValue);
  if (typeof data === 'object' && data !== null) {
    return new Map(Object.entries(data).map(([key, item]): [Scalar, Value] => [key, configValue(item)]));
  }
  if (typeof data === 'number') return Number.isInteger(data) ? BigInt(data) : data;
  return typeof data === 'string' || typeof data === 'boolean' || typeof data === 'bigint' ? data : null;
}

/**
 * Values with the types that Hydra and OmegaConf distinguish. An int is a bigint and a float is a number, so
 * `10` and `10.0` differ. A mapping is a Map, so that no key (`__proto__`) can reach an object's prototype.
 */

/** A value without parts. */
export type Scalar = null | boolean | bigint | number | string;

/** A scalar, a list or a mapping. */
export type Value = Scalar | readonly Value[] | Mapping;

/** Keys with values, in order. */
export type Mapping = ReadonlyMap<Scalar, Value>;

/** The values that Python counts as numbers: `True` is 1. */
export type Numeric = bigint | number | boolean;

/** OmegaConf's mark for a mandatory key that has no value yet. */
export const missing = '???';

// The words of overrides: INT, FLOAT, BOOL and NULL in
// OverrideLexer.g4 of Hydra 1.3. YAML files have other numbers.
const intPattern = /^[+-]?(0|[1-9](_?\d)*)$/;
const whole = '(0|[1-9](_?\\d)*)';
const digits = '\\d(_?\\d)*';
const pointFloat = `${whole}?\\.${digits}|${whole}\\.`;
const floatPattern = new RegExp(`^[+-]?((${pointFloat})|(${pointFloat}|${whole})e[+-]?${digits}|inf|nan)$`, 'i');

/**
 * Returns the value of an unquoted word: `1_000` is an
 * int, `1e-3` a float, `True` a boolean; others are text.
 */
export function readScalar(word: string): Scalar {
  const lower = word.toLowerCase();
  if (lower === 'null') return null;
  if (lower === 'true' || lower === 'false') return lower === 'true';
  if (intPattern.test(word)) return readInt(word);
  if (floatPattern.test(word)) return readFloat(word);
  return word;
}

function readInt(word: string): bigint {
  const digits = BigInt(word.replace(/^[+-]|_/g, ''));
  return word.startsWith('-') ? -digits : digits;
}

/**
 * Returns a float from Python's spelling: underscores, `10.`, `.5`, `inf` and `nan` in any case, with a sign.
 */
export function readFloat(word: string): number {
  const plain = word.replace(/_/g, '').toLowerCase();
  const special = /^([+-]?)(inf|nan)$/.exec(plain);
  if (!special) return Number(plain);
  if (special[2] === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/**
 * Returns a float as Python's `repr` prints it, with an
 * exponent below 1e-4 and from 1e16: `10.0`, `1e-05`, `nan`.
 */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const plain = exponent < 0 ? expandNegative(mantissa, exponent) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

function expandNegative(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  return `${sign}0.${'0'.repeat(-exponent - 1)}${mantissa.replace(/[-.]/g, '')}`;
}

/** Returns a scalar as Hydra prints it in a job's overrides, without escapes: `True`, `null`, `0.001`. */
export function scalarText(value: Scalar): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? floatRepr(value) : String(value);
}

/** Returns whether a value is a mapping. */
export function isMapping(value: Value | undefined): value is Mapping {
  return value instanceof Map;
}

/** Returns whether a value is a list. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Compares two values by type and content. NaN equals itself; `1` and `1.0` differ. */
export function sameValue(a: Value, b: Value): boolean {
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i] ?? null));
  if (isMapping(a)) {
    return isMapping(b) && a.size === b.size && [...a].every(([k, v]) => b.has(k) && sameValue(v, b.get(k) ?? null));
  }
  return Object.is(a, b);
}

/** Returns the same key for all keys that are equal in Python: `1`, `1.0` and `true` become `1n`. */
export function pythonKey(key: Scalar): Scalar {
  if (typeof key === 'boolean') return BigInt(key);
  return typeof key === 'number' && Number.isInteger(key) ? BigInt(key) : key;
}

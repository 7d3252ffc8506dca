import { floatRepr, isList, isMapping, type Numeric, readFloat, scalarText, type Value } from './values.js';

/**
 * Python's built-in functions, which Hydra's casts, `sort` and `range` call: `int`, `float`, `str`, `<`, `+`.
 * They return undefined if Python raises an error.
 */

/** `int(x)` for a number. A float loses its fraction; NaN and infinity have no int. */
export function intOfNumber(value: Numeric): bigint | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  return BigInt(value);
}

/** `int(x)` for a text: a sign and digits of any script, with single underscores and outer blanks. */
export function intOfText(text: string): bigint | undefined {
  const digits = asciiDigits(strip(text));
  if (!/^[+-]?\d+(_\d+)*$/.test(digits)) return undefined;
  const size = BigInt(digits.replace(/[+_-]/g, ''));
  return digits.startsWith('-') ? -size : size;
}

/** `float(x)` for a number. An int beyond the largest float has none. */
export function floatOfNumber(value: Numeric): number | undefined {
  const float = Number(value);
  return typeof value === 'bigint' && !Number.isFinite(float) ? undefined : float;
}

/** `float(x)` for a text. */
export function floatOfText(text: string): number | undefined {
  const word = asciiDigits(strip(text))
    .toLowerCase()
    .replace(/infinity$/, 'inf');
  const digits = '\\d+(?:_\\d+)*';
  const float = new RegExp(`^[+-]?(?:inf|nan|(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:e[+-]?${digits})?)$`);
  return float.test(word) ? readFloat(word) : undefined;
}

/** `a < b`. Returns undefined if the two have no order. */
export function lessThan(a: unknown, b: unknown): boolean | undefined {
  if (isNumeric(a) && isNumeric(b)) return a < b;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  if (!Array.isArray(a) || !Array.isArray(b)) return undefined;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (!equalInPython(a[i], b[i])) return lessThan(a[i], b[i]);
  }
  return a.length < b.length;
}

/** `a == b`. `1`, `1.0` and `True` are equal. */
export function equalInPython(a: unknown, b: unknown): boolean {
  if (isNumeric(a) && isNumeric(b)) return Number(a) === Number(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => equalInPython(item, b[i]));
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, item]) => b.has(key) && equalInPython(item, b.get(key)));
  }
  return a === b;
}

/** `a + b`: an int for two ints, otherwise a float. */
export function add(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) + Number(b);
  return BigInt(a) + BigInt(b);
}

/** `-a`. */
export function negative(a: Numeric): Numeric {
  return typeof a === 'number' ? -a : -BigInt(a);
}

/** `abs(a)`. */
export function magnitude(a: Numeric): Numeric {
  if (typeof a === 'number') return Math.abs(a);
  const int = BigInt(a);
  return int < 0n ? -int : int;
}

/** Returns whether a value is a number. Booleans are numbers in Python. */
export function isNumeric(value: unknown): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

/** `json.dumps(x)`: a blank after `,` and `:`, other characters than ASCII as `\u…`, keys as text. */
export function jsonText(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return jsonFloat(value);
  if (typeof value === 'string') return asciiJson(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  const entries = [...(value as ReadonlyMap<unknown, unknown>)];
  return `{${entries.map(([key, item]) => `${jsonKey(key)}: ${jsonText(item)}`).join(', ')}}`;
}

const jsonKey = (key: unknown) => (typeof key === 'string' ? asciiJson(key) : `"${jsonText(key)}"`);

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? floatRepr(value) : value > 0 ? 'Infinity' : '-Infinity';
}

function asciiJson(text: string): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, escaped);
}

/** `str(x)`: a text itself, other values as `repr` prints them. */
export function pythonText(value: Value): string {
  return typeof value === 'string' ? value : repr(value);
}

function repr(value: Value): string {
  if (value === null) return 'None';
  if (isList(value)) return `[${value.map(repr).join(', ')}]`;
  if (isMapping(value)) return `{${[...value].map(([key, item]) => `${repr(key)}: ${repr(item)}`).join(', ')}}`;
  return typeof value === 'string' ? reprOfText(value) : scalarText(value);
}

/** `repr(x)` for a text: in single quotes, or in double quotes if the text contains only single ones. */
function reprOfText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.replace(/[\\'"\p{C}\p{Zl}\p{Zp}\p{Zs}]/gu, (character) => {
    if (character === '\\' || character === quote) return `\\${character}`;
    if (character === ' ' || character === "'" || character === '"') return character;
    const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
    if (named !== undefined) return named;
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    return hex.length <= 2
      ? `\\x${hex.padStart(2, '0')}`
      : hex.length <= 4
        ? `\\u${hex.padStart(4, '0')}`
        : `\\U${hex.padStart(8, '0')}`;
  });
  return quote + inner + quote;
}

function strip(text: string): string {
  return text.replace(/^[\s\x1c-\x1f\x85]+/, '').replace(/(?<![\s\x1c-\x1f\x85])[\s\x1c-\x1f\x85]+$/, '');
}

/**
 * Replaces decimal digits of other scripts by 0 to 9. In
 * Unicode, the ten digits of a script follow each other.
 */
function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let before = 0;
    while (/^\p{Nd}$/u.test(String.fromCodePoint(code - before - 1))) before++;
    return String(before % 10);
  });
}

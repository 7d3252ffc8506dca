/** A value in a metrics file. */
export type MetricValue = number | string | boolean | null;

/**
 * Reads one line of a metrics file. Returns undefined if it is no JSON object. Python's `NaN` and `Infinity`
 * are numbers. The keys of nested objects are joined by dots: `val.loss`.
 */
export function parseMetricLine(line: string): Record<string, MetricValue> | undefined {
  if (line.charCodeAt(0) !== 123 && !/^[ \t\r\n]*\{/.test(line)) return undefined;
  const value = parseJson(line) as Record<string, unknown> | undefined;
  return value && flatMetrics(value);
}

/** Lists and objects may be nested this deeply: what handles them recurses. Python gives up earlier. */
const mostLevels = 500;

/**
 * Reads JSON that may contain Python's `NaN`, `Infinity` and `-Infinity`. Returns undefined if the text is
 * not valid, or nested too deeply.
 */
export function parseJson(text: string): unknown {
  const value = parseAny(text);
  return text.length > 2 * mostLevels && isDeeper(value, mostLevels) ? undefined : value;
}

function parseAny(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseWithNonFinite(text);
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

const isNested = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Returns an object with the keys of nested objects joined by dots: `{"val": {"loss": 1}}` has the key
 * `val.loss`.
 */
export function flatMetrics(record: Readonly<Record<string, unknown>>): Record<string, MetricValue> {
  for (const key in record) if (isNested(record[key])) return Object.fromEntries(flatEntries(record, ''));
  return record as Record<string, MetricValue>;
}

const flatEntries = (record: Readonly<Record<string, unknown>>, prefix: string): [string, MetricValue][] =>
  Object.entries(record).flatMap(([key, value]) =>
    isNested(value) ? flatEntries(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value as MetricValue]],
  );

const nonFinite = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
const marker = '\u0000';

function parseWithNonFinite(text: string): unknown {
  if (!/NaN|Infinity/.test(text)) return undefined;
  // The pattern matches strings first, so that words inside strings stay unchanged.
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) => {
    return token.startsWith('"') ? token : `"\\u0000${token}"`;
  });
  try {
    return JSON.parse(marked, (_, value) => {
      return typeof value === 'string' && value.startsWith(marker) ? (nonFinite.get(value.slice(1)) ?? value) : value;
    });
  } catch {
    return undefined;
  }
}

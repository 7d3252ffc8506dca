import type { Span } from '../core/span.js';
import { elementValue, type PlainOverride } from '../sweep/index.js';
import { isList, isMapping, type Mapping, missing, type Scalar, scalarText, type Value } from '../values/index.js';
import type { ConfigPart } from './defaults/defaults-tree.js';

/** The origin of a value: the file or override that sets it. */
export interface Origin {
  /** Dotted, with the indices of lists. */
  readonly key: string;
  readonly value: Value;
  readonly span: Span;
}

/**
 * Yields the origins of a config's values, in order. A mapping or a list has none of its own unless it is
 * empty. `parts` and `overrides` are those that the config is composed of.
 */
export function* originsOf(
  config: Mapping,
  parts: readonly ConfigPart[],
  overrides: readonly PlainOverride[],
): Generator<Origin> {
  function* walk(value: Value, path: readonly string[]): Generator<Origin> {
    const entries: [Scalar, Value][] = isMapping(value)
      ? [...value]
      : isList(value)
        ? value.map((item, i) => [BigInt(i), item])
        : [];
    if (entries.length === 0 && path.length > 0) {
      yield {
        key: path.join('.'),
        value,
        span: originIn(parts, path, overrides) ?? (parts[0]?.file.yaml.spanAt([]) as Span),
      };
    }
    for (const [key, item] of entries) yield* walk(item, [...path, scalarText(key)]);
  }
  yield* walk(config, []);
}

/**
 * Returns the span of the last override or config that sets the value at a path, or the nearest value around
 * it. The result of an interpolation has the span of the interpolation. Returns undefined if nothing sets it.
 */
export function originIn(
  parts: readonly ConfigPart[],
  path: readonly string[],
  overrides: readonly PlainOverride[] = [],
): Span | undefined {
  for (let length = path.length; length > 0; length--) {
    const start = path.slice(0, length);
    const override = overrides.findLast((plain) => overrideHas(plain, start));
    if (override) return override.override.span;
    const config = parts.findLast((part) => partHas(part, start));
    if (config) return config.file.yaml.spanAt(start.slice(packagePath(config).length));
  }
  return undefined;
}

const packagePath = ({ package: pkg }: ConfigPart) => (pkg === '' ? [] : pkg.split('.'));

function overrideHas({ override, element }: PlainOverride, path: readonly string[]): boolean {
  const key = override.key.split('.');
  if (override.kind === 'delete' || element === undefined || !startsWith(path, key)) return false;
  return valueIn(elementValue(element), path.slice(key.length)) !== undefined;
}

function partHas(config: ConfigPart, path: readonly string[]): boolean {
  const start = packagePath(config);
  if (!startsWith(path, start)) return false;
  const value = valueIn(config.file.content, path.slice(start.length));
  return value !== undefined && value !== missing;
}

const startsWith = (path: readonly string[], start: readonly string[]) =>
  start.length <= path.length && start.every((part, i) => part === path[i]);

function valueIn(value: Value, path: readonly string[]): Value | undefined {
  let at: Value | undefined = value;
  for (const part of path) {
    if (isList(at)) at = at[Number(part)];
    else if (isMapping(at)) at = at.get(part) ?? [...at].find(([key]) => scalarText(key) === part)?.[1];
    else return undefined;
  }
  return at;
}

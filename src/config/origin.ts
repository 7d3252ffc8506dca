import type { Span } from '../core/span.js';
import { elementValue, type PlainOverride } from '../sweep/index.js';
import { isList, isMapping, type Mapping, missing, type Scalar, scalarText, type Value } from '../values/index.js';
import type { ConfigPart } from './defaults/defaults-tree.js';

/** Where a value of a config comes from. */
export interface Origin {
  /** Dotted, the indices of lists in it. */
  readonly key: string;
  readonly value: Value;
  readonly span: Span;
}

/** The origin of each value of a config that is neither a mapping nor a list with something in it, in order. */
export function* originsOf(
  config: Mapping,
  placed: readonly ConfigPart[],
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
        span: originIn(placed, path, overrides) ?? (placed[0]?.file.yaml.spanAt([]) as Span),
      };
    }
    for (const [key, item] of entries) yield* walk(item, [...path, scalarText(key)]);
  }
  yield* walk(config, []);
}

/**
 * The place that the value at a path comes from: the last override or config that has it, or the nearest thing around it (what
 * an interpolation brought has the place of that).
 */
export function originIn(
  placed: readonly ConfigPart[],
  path: readonly string[],
  overrides: readonly PlainOverride[] = [],
): Span | undefined {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const override = overrides.findLast((plain) => overrideHas(plain, part));
    if (override) return override.override.span;
    const config = placed.findLast((one) => holds(one, part));
    if (config) return config.file.yaml.spanAt(part.slice(packageParts(config).length));
  }
  return undefined;
}

const packageParts = ({ package: pkg }: ConfigPart) => (pkg === '' ? [] : pkg.split('.'));

function overrideHas({ override, element }: PlainOverride, path: readonly string[]): boolean {
  const key = override.key.split('.');
  if (override.kind === 'delete' || element === undefined || !startsWith(path, key)) return false;
  return valueIn(elementValue(element), path.slice(key.length)) !== undefined;
}

function holds(config: ConfigPart, path: readonly string[]): boolean {
  const parts = packageParts(config);
  if (!startsWith(path, parts)) return false;
  const value = valueIn(config.file.content, path.slice(parts.length));
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

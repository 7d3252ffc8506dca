import { fail } from '../core/failure.js';
import { nearest } from '../core/suggest.js';
import {
  elementValue,
  isList,
  isMapping,
  type PlainOverride,
  type Scalar,
  sameValue,
  scalarText,
  type Value,
} from '../sweep/index.js';

export type Mapping = ReadonlyMap<Scalar, Value>;

/** The config that overrides are applied to: read from a file (unknown keys are errors), or made of the overrides alone. */
export type ConfigBase =
  | { readonly kind: 'file'; readonly name: string; readonly mapping: Mapping }
  | { readonly kind: 'overrides-only' };

/**
 * The config at one point of a sweep: the base with each override applied in order, after Hydra's rules (`k=v` changes
 * what is there, `+k=v` adds, `++k=v` does either, `~k` deletes; a dict merges into a dict, a list replaces). The base is
 * left as it is. Throws `unknown-key`, `key-exists`, `not-a-container` or `value-differs`, each at the override's key.
 */
export function applyOverrides(base: ConfigBase, overrides: readonly PlainOverride[]): Mapping {
  let config: Mapping = base.kind === 'file' ? base.mapping : new Map();
  for (const plain of overrides) config = applyOverride(config, base, plain);
  return config;
}

function applyOverride(config: Mapping, base: ConfigBase, plain: PlainOverride): Mapping {
  const { override } = plain;
  const isGroup = override.package !== undefined || override.key.includes('/');
  if (isGroup && base.kind === 'file') fail({ reason: 'group-override', key: override.key, span: override.keySpan });
  const path = isGroup ? [override.span.source.text.split('=')[0] ?? ''] : override.key.split('.');
  const change = changeAt(config, path, 0, { base, plain, path });
  return isMapping(change) ? change : config;
}

interface Context {
  readonly base: ConfigBase;
  readonly plain: PlainOverride;
  readonly path: readonly string[];
}

/** `container` with the override applied at `path` from `depth` on; only the containers on the way are copied. */
function changeAt(container: Value, path: readonly string[], depth: number, context: Context): Value {
  const key = keyIn(container, path[depth] ?? '');
  if (key === undefined) {
    return fail({
      reason: 'not-a-container',
      key: path.join('.'),
      parent: path.slice(0, depth).join('.'),
      span: context.plain.override.keySpan,
    });
  }
  const present = childAt(container, key);
  if (depth === path.length - 1) return withChild(container, key, lastStep(present, context, container, depth));
  if (present === undefined) mayCreate(context, container, depth);
  return withChild(container, key, changeAt(present ?? new Map(), path, depth + 1, context));
}

/** The new value under the last key; undefined to delete it. */
function lastStep(present: Value | undefined, context: Context, container: Value, depth: number): Value | undefined {
  const { base, plain, path } = context;
  const { override, element } = plain;
  const config = base.kind === 'file' ? base.name : 'the overrides';
  const value = element ? elementValue(element) : null;
  const key = path.join('.');
  switch (override.kind) {
    case 'change':
      if (present === undefined) mayCreate(context, container, depth);
      return mergeInto(present, value);
    case 'add':
      if (present !== undefined && !(isMapping(present) && isMapping(value))) {
        fail({ reason: 'key-exists', key, span: override.keySpan, config });
      }
      return mergeInto(present, value);
    case 'set':
      return mergeInto(present, value);
    case 'delete':
      if (present === undefined) mayDelete(context, container, depth);
      else if (element && !sameValue(present, value)) {
        const found = isMapping(present) ? 'a mapping' : isList(present) ? 'a list' : scalarText(present as Scalar);
        fail({ reason: 'value-differs', key, span: override.keySpan, found, config });
      }
      return undefined;
  }
}

function mayCreate(context: Context, container: Value, depth: number): void {
  const { base, plain } = context;
  if (plain.override.kind === 'change' && base.kind === 'file') unknownKey(context, container, depth, base.name);
}

function mayDelete(context: Context, container: Value, depth: number): void {
  if (context.base.kind === 'file') unknownKey(context, container, depth, context.base.name);
}

function unknownKey(context: Context, container: Value, depth: number, config: string): never {
  const { path, plain } = context;
  const siblings = isMapping(container) ? [...container.keys()].map(scalarText) : [];
  const near =
    nearest(path[depth] ?? '', siblings) ??
    (context.base.kind === 'file' ? pathEndingIn(context.base.mapping, path.at(-1) ?? '') : undefined);
  const prefix = siblings.includes(near ?? '') ? path.slice(0, depth) : [];
  return fail({
    reason: 'unknown-key',
    key: path.join('.'),
    span: plain.override.keySpan,
    near: near === undefined ? undefined : [...prefix, near].join('.'),
    config,
  });
}

/** The one dotted path in the config whose last part is `name`: `lr` is most likely meant to be `optimizer.lr`. */
function pathEndingIn(config: Mapping, name: string): string | undefined {
  const found: string[] = [];
  const walk = (mapping: Mapping, prefix: string) => {
    for (const [key, value] of mapping) {
      if (scalarText(key) === name) found.push(prefix + name);
      if (isMapping(value)) walk(value, `${prefix}${scalarText(key)}.`);
    }
  };
  walk(config, '');
  return found.length === 1 ? found[0] : undefined;
}

/** The key as the container holds it: an index for a list, the typed key (`1`, not `'1'`) for a mapping. */
function keyIn(container: Value, part: string): Scalar | undefined {
  if (isList(container))
    return /^(0|[1-9]\d*)$/.test(part) && Number(part) < container.length ? BigInt(part) : undefined;
  if (!isMapping(container)) return undefined;
  if (container.has(part)) return part;
  return /^-?(0|[1-9]\d*)$/.test(part) && container.has(BigInt(part)) ? BigInt(part) : part;
}

function childAt(container: Value, key: Scalar): Value | undefined {
  if (isList(container)) return container[Number(key)];
  return isMapping(container) ? container.get(key) : undefined;
}

function withChild(container: Value, key: Scalar, child: Value | undefined): Value {
  if (isList(container)) {
    const items = [...container];
    if (child === undefined) items.splice(Number(key), 1);
    else items[Number(key)] = child;
    return items;
  }
  const copy = new Map(isMapping(container) ? container : []);
  if (child === undefined) copy.delete(key);
  else copy.set(key, child);
  return copy;
}

function mergeInto(present: Value | undefined, value: Value): Value {
  if (!isMapping(present) || !isMapping(value)) return value;
  const merged = new Map(present);
  for (const [key, item] of value) merged.set(key, mergeInto(merged.get(key), item));
  return merged;
}

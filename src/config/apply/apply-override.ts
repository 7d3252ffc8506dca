import { nearest } from '../../core/suggest.js';
import { attempt, fail } from '../../failures/index.js';
import { elementValue, type PlainOverride } from '../../sweep/index.js';
import {
  equalInPython,
  isList,
  isMapping,
  type Mapping,
  missing,
  pythonText,
  type Scalar,
  scalarText,
  type Value,
} from '../../values/index.js';
import { parseText } from '../interpolate/interpolation.js';
import { checkValue } from './check-value.js';
import { type MergeRules, mergeValues } from './merge.js';

/** The config that overrides are applied to. */
export interface OverrideTarget {
  /** The config's name in messages. */
  readonly name: string;
  /** Returns the value under a key, following interpolations on the way; undefined if there is none. */
  readonly foundAt: (config: Mapping, key: string) => Value | undefined;
  /** Returns the value under a key with everything in it resolved. */
  readonly valueAt: (config: Mapping, key: string) => Value | undefined;
  /**
   * Returns whether a key may have any value, even if it is missing: the program's config is unknown, or the
   * key belongs to a plugin.
   */
  readonly takesAny: (key: string) => boolean;
}

/**
 * Returns a new config with overrides of values applied in order, as in Hydra 1.3: `k=v`
 * changes an existing key, `+k=v` adds, `++k=v` does either, `~k` deletes. A dict is
 * merged into a dict, a list replaces a list. Throws `unknown-key`, `no-hydra-key`,
 * `key-exists`, `not-a-container`, `value-differs`, `nothing-to-delete`, `kinds-differ`,
 * `bad-interpolation`, `group-unknown` or `bad-config`, each at the override's key.
 */
export function applyOverrides(config: Mapping, overrides: readonly PlainOverride[], target: OverrideTarget): Mapping {
  let changed = config;
  for (const plain of overrides) changed = applyOverride(changed, plain, target);
  return changed;
}

function applyOverride(config: Mapping, plain: PlainOverride, target: OverrideTarget): Mapping {
  const { override, element } = plain;
  const { key, keySpan, kind } = override;
  const any = target.takesAny(key);
  if (override.package !== undefined && !any) fail({ reason: 'group-unknown', group: key, span: keySpan });
  const path = override.package === undefined ? key.split('.') : [`${key}@${override.package}`];
  const given = element ? elementValue(element) : null;
  const value = any ? given : checkedValue(given, plain);
  const context = { plain, path, target, whole: config, free: any || kind === 'add' || kind === 'set' };
  if (kind === 'delete') {
    if (mayDelete(context, value)) return asMapping(changedAt(config, 0, context, () => undefined));
    return config;
  }
  if (kind === 'add') {
    const present = target.foundAt(config, key);
    const mayMerge = isMapping(value) || isList(value);
    if (!mayMerge && present !== undefined && present !== null)
      fail({ reason: 'key-exists', key, span: keySpan, config: target.name });
  }
  return asMapping(changedAt(config, 0, context, (present) => merged(present, value, context)));
}

const asMapping = (value: Value) => (isMapping(value) ? value : new Map<Scalar, Value>());

interface Context {
  readonly plain: PlainOverride;
  readonly path: readonly string[];
  readonly target: OverrideTarget;
  readonly whole: Mapping;
  /** Whether the override may create keys. */
  readonly free: boolean;
}

/** Checks a value by OmegaConf's rules: interpolations are well formed, and null is no key. */
function checkedValue(value: Value, { override: { span, key } }: PlainOverride): Value {
  checkValue(value, {
    text: (text) => parseText({ name: `the value of ${key}`, text }),
    nullKey: () => fail({ reason: 'bad-config', span, problem: { kind: 'null-key' } }),
  });
  return value;
}

/**
 * Returns `container` with a change under the path from
 * `depth` on. Only the containers on the way are copied.
 */
function changedAt(
  container: Value,
  depth: number,
  context: Context,
  change: (present: Value | undefined) => Value | undefined,
): Value {
  const { path } = context;
  const key = keyIn(container, depth, context);
  const present = isList(container) ? container[Number(key)] : isMapping(container) ? container.get(key) : undefined;
  if (present === undefined && !context.free) unknownKey(context, depth);
  if (depth === path.length - 1) return withChild(container, key, change(present));
  if (present === missing && !context.free) notContainer(context, depth + 1);
  const isContainer = isMapping(present) || isList(present);
  return withChild(container, key, changedAt(isContainer ? present : new Map(), depth + 1, context, change));
}

/** Returns the value of a key after the override: merged into a container, otherwise replaced. */
function merged(present: Value | undefined, value: Value, context: Context): Value {
  // An interpolation is replaced, even if it refers to a container.
  if (!isMapping(present) && !isList(present)) return value;
  if (!isMapping(value) && !isList(value)) return value;
  const { plain, path, target, whole, free } = context;
  const rules: MergeRules = {
    referent: (below) => attempt(() => target.foundAt(whole, below.map(scalarText).join('.'))),
    refuse: (below) =>
      fail({ reason: 'kinds-differ', key: below.map(scalarText).join('.'), span: plain.override.keySpan }),
    refuseNew: free ? undefined : (below) => unknownKey({ ...context, path: below.map(scalarText) }, below.length - 1),
  };
  return mergeValues(present, value, rules, { path });
}

/**
 * Returns whether there is something to delete. Throws `nothing-to-delete` or `value-differs` as Hydra does.
 */
function mayDelete({ plain, target, whole }: Context, value: Value): boolean {
  const { key, keySpan } = plain.override;
  const found = target.foundAt(whole, key);
  if (found === undefined || found === null) {
    if (target.takesAny(key)) return found === null;
    const near = found === null ? undefined : nearestKey(whole, key.split('.'), key.split('.').length - 1);
    return fail({ reason: 'nothing-to-delete', key, span: keySpan, config: target.name, isNull: found === null, near });
  }
  if (value !== null && !equalInPython(target.valueAt(whole, key), value)) {
    fail({ reason: 'value-differs', key, span: keySpan, found: pythonText(found), config: target.name });
  }
  return true;
}

function unknownKey({ path, plain, target, whole }: Context, depth: number): never {
  const { key, keySpan: span } = plain.override;
  const near = nearestKey(whole, path, depth);
  if (path[0] === 'hydra') fail({ reason: 'no-hydra-key', key, span, near });
  return fail({ reason: 'unknown-key', key: path.slice(0, depth + 1).join('.'), span, near, config: target.name });
}

/**
 * Returns the most likely key: a sibling of the part at
 * `depth`, or the only one elsewhere with the last part's name.
 */
function nearestKey(config: Mapping, path: readonly string[], depth: number): string | undefined {
  const before = path.slice(0, depth);
  const around = before.reduce<Value | undefined>((at, part) => (isMapping(at) ? at.get(part) : undefined), config);
  const near = isMapping(around) ? nearest(path[depth] ?? '', [...around.keys()].map(scalarText)) : undefined;
  return near === undefined ? pathEndingIn(config, path.at(-1) ?? '') : [...before, near].join('.');
}

/** Returns the only dotted path in the config whose last part is `name`: for `lr`, `optimizer.lr`. */
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

/** Returns the key in a container: an index for a list, a text for a mapping. Throws `not-a-container`. */
function keyIn(container: Value, depth: number, context: Context): Scalar {
  const part = context.path[depth] ?? '';
  if (!isList(container)) return part;
  if (!/^(0|[1-9]\d*)$/.test(part) || Number(part) >= container.length) return notContainer(context, depth);
  return context.plain.override.kind === 'delete' && depth === context.path.length - 1
    ? notContainer(context, depth)
    : BigInt(part);
}

function notContainer({ path, plain }: Context, depth: number): never {
  const { key, keySpan: span } = plain.override;
  return fail({ reason: 'not-a-container', key, parent: path.slice(0, depth).join('.'), span });
}

function withChild(container: Value, key: Scalar, child: Value | undefined): Value {
  if (isList(container)) return child === undefined ? container : container.with(Number(key), child);
  const copy = new Map(isMapping(container) ? container : []);
  if (child === undefined) copy.delete(key);
  else copy.set(key, child);
  return copy;
}

import { isList, isMapping, type Mapping, missing, type Scalar, type Value } from '../../values/index.js';
import { isInterpolated } from '../interpolate/interpolation.js';

/** Rules for values that a mapping or a list is merged over. */
export interface MergeRules {
  /** Returns the value that the interpolation at a path refers to; undefined if it can't be resolved yet. */
  readonly referent: (path: readonly Scalar[]) => Value | undefined;
  /** Called for a mapping and a list at the same path. */
  readonly refuse: (path: readonly Scalar[]) => never;
  /** Called for a new key; undefined if keys may be new. */
  readonly refuseNew: ((path: readonly Scalar[]) => void) | undefined;
}

/**
 * Receives a merged mapping before its keys are merged, so that interpolations find the keys merged so far.
 */
type Attach = (merged: Mapping) => void;

/**
 * Merges one value over another, as OmegaConf 2.3 does. Mappings are merged key by key, lists are replaced.
 * `???` keeps the value below, and a mapping over an interpolation is merged over the value that it refers
 * to.
 * Throws what `rules` throw.
 */
export function mergeValues(
  under: Value | undefined,
  over: Value,
  path: readonly Scalar[],
  rules: MergeRules,
  attach: Attach = () => {},
): Value {
  if (under === undefined) return over;
  const referent = isInterpolated(under) && (over === missing || isContainer(over)) ? rules.referent(path) : undefined;
  const base = isContainer(referent) ? referent : under;
  if (over === missing) return base;
  if ((isMapping(base) && isList(over)) || (isList(base) && isMapping(over))) return rules.refuse(path);
  return isMapping(base) && isMapping(over) ? mergeMappings(base, over, path, rules, attach) : over;
}

const isContainer = (value: Value | undefined): value is Mapping | readonly Value[] =>
  isMapping(value) || isList(value);

/** `mergeValues` for two mappings. Existing keys keep their order; new ones follow. */
export function mergeMappings(
  under: Mapping,
  over: Mapping,
  path: readonly Scalar[],
  rules: MergeRules,
  attach: Attach = () => {},
): Mapping {
  const merged = new Map(under);
  attach(merged);
  for (const [key, item] of over) {
    const below = [...path, key];
    if (rules.refuseNew && !under.has(key)) rules.refuseNew(below);
    merged.set(
      key,
      mergeValues(under.get(key), item, below, rules, (child) => merged.set(key, child)),
    );
  }
  return merged;
}

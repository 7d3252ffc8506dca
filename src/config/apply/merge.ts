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

/** The part of a config that is merged. */
interface MergedPart {
  /** Its path in the config. */
  readonly path: readonly Scalar[];
  /**
   * Receives a merged mapping before its keys are merged, so that interpolations find the keys merged so far.
   */
  readonly attach?: (merged: Mapping) => void;
}

const top: MergedPart = { path: [] };

/**
 * Merges one value over another, as OmegaConf 2.3 does. Mappings are merged
 * key by key, lists are replaced. `???` keeps the value below, and a
 * mapping over an interpolation is merged over the value that it refers to.
 * Throws what `rules` throw.
 */
export function mergeValues(under: Value | undefined, over: Value, rules: MergeRules, part = top): Value {
  if (under === undefined) return over;
  const mayRefer = isInterpolated(under) && (over === missing || isContainer(over));
  const referent = mayRefer ? rules.referent(part.path) : undefined;
  const base = isContainer(referent) ? referent : under;
  if (over === missing) return base;
  if ((isMapping(base) && isList(over)) || (isList(base) && isMapping(over))) return rules.refuse(part.path);
  return isMapping(base) && isMapping(over) ? mergeMappings(base, over, rules, part) : over;
}

const isContainer = (value: Value | undefined): value is Mapping | readonly Value[] =>
  isMapping(value) || isList(value);

/** `mergeValues` for two mappings. Existing keys keep their order; new ones follow. */
export function mergeMappings(under: Mapping, over: Mapping, rules: MergeRules, { path, attach } = top): Mapping {
  const merged = new Map(under);
  attach?.(merged);
  for (const [key, item] of over) {
    const below = [...path, key];
    if (rules.refuseNew && !under.has(key)) rules.refuseNew(below);
    const part = { path: below, attach: (child: Mapping) => merged.set(key, child) };
    merged.set(key, mergeValues(under.get(key), item, rules, part));
  }
  return merged;
}

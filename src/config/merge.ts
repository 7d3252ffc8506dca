import { isList, isMapping, type Scalar, type Value } from '../sweep/index.js';
import type { Mapping } from './apply-override.js';
import { isInterpolated } from './interpolation.js';
import { missing } from './resolve.js';

/** What merging asks where a mapping comes over something else. */
export interface MergeRules {
  /** What an interpolation at this place stands for; undefined where that can't be told yet. */
  readonly standing: (path: readonly Scalar[]) => Value | undefined;
  /** A mapping and a list at the same place. */
  readonly refuse: (path: readonly Scalar[]) => never;
  /** Called for a key that is new; undefined where any may come. */
  readonly refuseNew: ((path: readonly Scalar[], beside: Mapping) => void) | undefined;
}

/**
 * One value laid over another as OmegaConf 2.3 merges them: mappings key by key, lists replaced whole; what is still to be given
 * (`???`) leaves what is there, and a mapping over an interpolation goes over what that stands for.
 */
export function mergeValues(under: Value | undefined, over: Value, path: readonly Scalar[], rules: MergeRules): Value {
  if (under === undefined) return over;
  if (over === missing) return under;
  const isContainer = isMapping(over) || isList(over);
  const ground = isContainer && isInterpolated(under) ? (rules.standing(path) ?? under) : under;
  if ((isMapping(ground) && isList(over)) || (isList(ground) && isMapping(over))) return rules.refuse(path);
  return isMapping(ground) && isMapping(over) ? mergeMappings(ground, over, path, rules) : over;
}

/** `mergeValues` of two mappings; keys keep the places that they have. */
export function mergeMappings(under: Mapping, over: Mapping, path: readonly Scalar[], rules: MergeRules): Mapping {
  const merged = new Map(under);
  for (const [key, item] of over) {
    const below = [...path, key];
    if (rules.refuseNew && !under.has(key)) rules.refuseNew(below, under);
    merged.set(key, mergeValues(under.get(key), item, below, rules));
  }
  return merged;
}

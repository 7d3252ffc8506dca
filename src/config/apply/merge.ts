import { isList, isMapping, type Mapping, missing, type Scalar, type Value } from '../../values/index.js';
import { isInterpolated } from '../interpolate/interpolation.js';

/** What merging asks where a mapping comes over something else. */
export interface MergeRules {
  /** What an interpolation at this place stands for; undefined where that can't be told yet. */
  readonly standing: (path: readonly Scalar[]) => Value | undefined;
  /** A mapping and a list at the same place. */
  readonly refuse: (path: readonly Scalar[]) => never;
  /** Called for a key that is new; undefined where any may come. */
  readonly refuseNew: ((path: readonly Scalar[]) => void) | undefined;
}

/** Is given a merged mapping before its keys are, so that interpolations find what is merged already. */
type Attach = (merged: Mapping) => void;

/**
 * One value laid over another as OmegaConf 2.3 merges them: mappings key by key, lists replaced whole; what is still to be given
 * (`???`) leaves what is there, and a mapping over an interpolation goes over what that stands for.
 */
export function mergeValues(
  under: Value | undefined,
  over: Value,
  path: readonly Scalar[],
  rules: MergeRules,
  attach: Attach = () => {},
): Value {
  if (under === undefined) return over;
  const stood = isInterpolated(under) && (over === missing || isContainer(over)) ? rules.standing(path) : undefined;
  const ground = isContainer(stood) ? stood : under;
  if (over === missing) return ground;
  if ((isMapping(ground) && isList(over)) || (isList(ground) && isMapping(over))) return rules.refuse(path);
  return isMapping(ground) && isMapping(over) ? mergeMappings(ground, over, path, rules, attach) : over;
}

const isContainer = (value: Value | undefined): value is Mapping | readonly Value[] =>
  isMapping(value) || isList(value);

/** `mergeValues` of two mappings; keys keep the places that they have. */
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

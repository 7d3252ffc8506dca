import { attempt } from '../../failures/index.js';
import { isList, isMapping, type Mapping, type Scalar, type Value } from '../../values/index.js';
import { lookUp, type ResolveContext, resolvedNode, targetOf } from './evaluate.js';
import { isInterpolated } from './interpolation.js';
import { type ConfigNode, childOf, nodeOf } from './node.js';
import type { Surroundings } from './resolvers.js';

/** The interpolations of one config, resolved as OmegaConf 2.3 resolves them. */
export interface Resolver {
  /** Resolves every interpolation. Throws `unresolvable`, `bad-interpolation` or `config-too-large`. */
  readonly all: () => Mapping;
  /**
   * Resolves the interpolations that the config alone decides. Those that depend on the environment, the time
   * or the program's own resolvers stay as they are written.
   */
  readonly settled: () => Mapping;
  /**
   * Returns the resolved value under a dotted key; undefined
   * if it is missing or still `???`. Throws as `all`.
   */
  readonly at: (key: string) => Value | undefined;
  /**
   * Returns the value under a dotted key like `at`, but without
   * resolving inside a list or a mapping. Throws as `all`.
   */
  readonly found: (key: string) => Value | undefined;
}

/** Returns the resolver of a config. It resolves each interpolation once. */
export function resolverOf(config: Mapping, surroundings: Surroundings): Resolver {
  const root = nodeOf(config, undefined, '');
  const context: ResolveContext = { root, surroundings };
  const nodeAt = (key: string) => lookUp(key, { ...context, node: root, text: key }, true);
  return {
    all: () => resolvedNode(root, context).value as Mapping,
    settled: () => {
      const fresh = nodeOf(config, undefined, '');
      return settled(config, () => fresh, { root: fresh, surroundings: undefined }) as Mapping;
    },
    at: (key) => {
      const found = nodeAt(key);
      return found && resolvedNode(found, context).value;
    },
    found: (key) => {
      const found = nodeAt(key);
      return found && targetOf(found, context).value;
    },
  };
}

/** Returns the same value object if nothing in it is resolved. `node` returns the value's node. */
function settled(value: Value, node: () => ConfigNode, context: ResolveContext): Value {
  if (isInterpolated(value)) {
    const made = attempt(() => resolvedNode(node(), context));
    return made ? made.value : value;
  }
  const below = (key: Scalar) => () => childOf(node(), key) as ConfigNode;
  if (isList(value)) {
    const items = value.map((item, index) => settled(item, below(BigInt(index)), context));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isMapping(value)) return value;
  let changed: Map<Scalar, Value> | undefined;
  for (const [key, item] of value) {
    const made = settled(item, below(key), context);
    if (made === item) continue;
    changed ??= new Map(value);
    changed.set(key, made);
  }
  return changed ?? value;
}

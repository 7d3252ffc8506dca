import { isList, isMapping, type Scalar, scalarText, type Value } from '../../values/index.js';
import type { NamedValue } from './resolvers.js';

/**
 * A value of a config with its parent, from which relative interpolations start. Its value is not resolved.
 */
export interface ConfigNode extends NamedValue {
  readonly parent: ConfigNode | undefined;
  readonly key: string;
  readonly children: Map<Scalar, ConfigNode>;
  /** The node that its interpolation refers to, once known. */
  target?: ConfigNode;
  resolved?: Sized;
  /** True while it is being resolved, to detect circles. */
  busy: boolean;
}

/**
 * A resolved value with the size it has when written out.
 * Values may be shared, so this can grow without bound.
 */
export interface Sized {
  readonly value: Value;
  readonly size: number;
}

/** Returns a new node for a value under a key of its parent. */
export function nodeOf(value: Value, parent: ConfigNode | undefined, key: string): ConfigNode {
  return {
    value,
    parent,
    key,
    children: new Map(),
    busy: false,
    get name() {
      return nameOf(this);
    },
  };
}

/** Returns whether the answer of an interpolation is a node rather than a value. */
export const isNode = (found: ConfigNode | Value): found is ConfigNode =>
  typeof found === 'object' && found !== null && 'children' in found;

/** Returns the child under a key; undefined if there is none. Each child is made once. */
export function childOf(node: ConfigNode, key: Scalar): ConfigNode | undefined {
  const known = node.children.get(key);
  if (known) return known;
  const value = isList(node.value) ? node.value[Number(key)] : isMapping(node.value) ? node.value.get(key) : undefined;
  if (value === undefined) return undefined;
  const child = nodeOf(value, node, scalarText(key));
  node.children.set(key, child);
  return child;
}

/** Returns all children of a node with their keys, in order. */
export function childrenOf(node: ConfigNode): [key: Scalar, child: ConfigNode][] {
  const keys = isList(node.value)
    ? [...node.value.keys()].map(BigInt)
    : isMapping(node.value)
      ? [...node.value.keys()]
      : [];
  return keys.map((key) => [key, childOf(node, key) as ConfigNode]);
}

/** Returns the dotted name of a node, with indices in brackets: `cb[0].v`. */
export function nameOf(node: ConfigNode): string {
  if (!node.parent) return '';
  const before = nameOf(node.parent);
  if (isList(node.parent.value)) return `${before}[${node.key}]`;
  return before === '' ? node.key : `${before}.${node.key}`;
}

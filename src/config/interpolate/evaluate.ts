import { nearest } from '../../core/suggest.js';
import { fail, type ProblemOf } from '../../failures/index.js';
import {
  isList,
  isMapping,
  missing,
  parseConfigYaml,
  pythonText,
  readScalar,
  type Scalar,
  scalarText,
  type Value,
} from '../../values/index.js';
import {
  type Argument,
  type Interpolation,
  isInterpolated,
  parseElement,
  parseText,
  type Text,
} from './interpolation.js';
import { type ConfigNode, childOf, childrenOf, isNode, nameOf, nodeOf, type Sized } from './node.js';
import { callResolver, type NamedValue, type Surroundings } from './resolvers.js';

/** The largest resolved value, in values, or characters of a text. */
const maxSize = 10_000_000;

/** The config that is being resolved. */
export interface ResolveContext {
  readonly root: ConfigNode;
  /** Undefined to resolve only what the config itself decides. */
  readonly surroundings: Surroundings | undefined;
}

/** The interpolation that is being resolved: its text, and the node that contains it. */
interface InterpolationContext extends ResolveContext {
  readonly node: ConfigNode;
  readonly text: string;
}

/** Returns the resolved value of a node. Throws `unresolvable`, `bad-interpolation` or `config-too-large`. */
export function resolvedNode(node: ConfigNode, context: ResolveContext): Sized {
  if (node.resolved) return node.resolved;
  const target = targetOf(node, context);
  if (target.resolved) return target.resolved;
  if (target.busy) {
    return unresolvable({ ...context, node, text: String(node.value) }, { kind: 'part-of-itself' });
  }
  if (!isList(target.value) && !isMapping(target.value)) return { value: target.value, size: 1 };
  target.busy = true;
  try {
    let size = 1;
    const entries = childrenOf(target).map(([key, child]): [Scalar, Value] => {
      const part = resolvedNode(child, context);
      size += part.size;
      return [key, part.value];
    });
    if (size > maxSize) fail({ reason: 'config-too-large', what: nameOf(target) });
    const value = isList(target.value) ? entries.map(([, item]) => item) : new Map(entries);
    target.resolved = { value, size };
    return target.resolved;
  } finally {
    target.busy = false;
  }
}

/**
 * Returns the node that a node's interpolation refers to,
 * through others; the node itself without an interpolation.
 * Throws as `resolvedNode`.
 */
export function targetOf(node: ConfigNode, context: ResolveContext): ConfigNode {
  if (!isInterpolated(node.value)) return node;
  if (node.target) return node.target;
  const here = { ...context, node, text: node.value };
  if (node.busy) return unresolvable(here, { kind: 'circle' });
  node.busy = true;
  try {
    const text = parseText({ name: `the value of ${nameOf(node)}`, text: node.value });
    const found = evaluate(text, here);
    node.target = isNode(found) ? targetOf(found, context) : settledNode(found, node);
    return node.target;
  } finally {
    node.busy = false;
  }
}

/** Returns the node of a resolved value. Its texts are final, even if they look like interpolations. */
function settledNode(value: Value, { parent, key }: ConfigNode): ConfigNode {
  return Object.assign(nodeOf(value, parent, key), { resolved: { value, size: sizeOf(value) } });
}

function sizeOf(value: Value): number {
  const parts = isMapping(value) ? [...value.values()] : isList(value) ? value : [];
  return parts.reduce<number>((sum, part) => sum + sizeOf(part), 1);
}

/** Returns the value of a text. A lone interpolation has a value of any type; other texts are texts. */
function evaluate(text: Text, here: InterpolationContext): ConfigNode | Value {
  const [only] = text;
  if (text.length === 1 && only !== undefined && typeof only !== 'string') return interpolated(only, here);
  return textOf(text, here);
}

function textOf(text: Text, here: InterpolationContext): string {
  let result = '';
  for (const part of text) {
    result += typeof part === 'string' ? part : pythonText(shallowValue(interpolated(part, here), here));
    if (result.length > maxSize) fail({ reason: 'config-too-large', what: nameOf(here.node) });
  }
  return result;
}

/**
 * Returns a value that is printed or passed on. Inside a list or a mapping, interpolations stay unresolved.
 */
const shallowValue = (found: ConfigNode | Value, here: InterpolationContext): Value =>
  isNode(found) ? targetOf(found, here).value : found;

function interpolated(part: Interpolation, here: InterpolationContext): ConfigNode | Value {
  if (part.kind === 'node') return nodeAtKey(keyText(part.key, here), { ...here, text: part.source });
  const name = keyText(part.name, here);
  const args = part.args.map((argument) => argumentValue(argument, here));
  const own = { ...here, text: part.source };
  const source = (text: string) => ({ name: part.source, text });
  const answer = callResolver(name, {
    args,
    argumentNode: (index) => argumentNode(part.args[index], here),
    surroundings: here.surroundings,
    found: (key) => {
      const found = lookUp(key, own, true);
      return found && targetOf(found, own);
    },
    decode: (text) => argumentValue(parseElement(source(text)), own),
    yaml: (text) => parseConfigYaml(source(text)).value,
    refuse: (problem, later) => unresolvable(own, problem, undefined, later),
  });
  if (typeof answer === 'object' && answer !== null && 'config' in answer) {
    return nodeOf(answer.config, here.node.parent, here.node.key);
  }
  return answer as Value | ConfigNode;
}

/** Returns a key whose parts may be interpolations. As in OmegaConf, these must be texts. */
function keyText(key: Text, here: InterpolationContext): string {
  return key
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = shallowValue(interpolated(part, here), here);
      return typeof value === 'string'
        ? value
        : unresolvable({ ...here, text: part.source }, { kind: 'computed-key-not-text' });
    })
    .join('');
}

function argumentValue(argument: Argument, here: InterpolationContext): Value {
  switch (argument.kind) {
    case 'quoted':
      return textOf(argument.text, here);
    case 'list':
      return argument.items.map((item) => argumentValue(item, here));
    case 'dict':
      return new Map(argument.entries.map(([key, value]) => [key, argumentValue(value, here)]));
    case 'word': {
      const [only] = argument.text;
      if (argument.text.length === 1 && typeof only === 'string') return argument.escaped ? only : readScalar(only);
      return shallowValue(evaluate(argument.text, here), here);
    }
  }
}

/** Returns the node that an argument refers to; undefined unless it is a single interpolation of a key. */
function argumentNode(argument: Argument | undefined, here: InterpolationContext): NamedValue | undefined {
  if (argument?.kind !== 'word') return undefined;
  const found = evaluate(argument.text, here);
  return isNode(found) ? found : undefined;
}

/** Returns the node under the key of an interpolation. */
function nodeAtKey(key: string, here: InterpolationContext): ConfigNode {
  const found = key === '' ? undefined : lookUp(key, here);
  if (found === undefined) {
    const names = childrenOf(here.root).map(([name]) => scalarText(name));
    return unresolvable(here, { kind: 'no-key', key }, nearest(key, names));
  }
  for (let around = here.node.parent; around; around = around.parent) {
    if (around === found) return unresolvable(here, { kind: 'part-of-itself' });
  }
  return found.value === missing ? unresolvable(here, { kind: 'no-value-yet', key }) : found;
}

/**
 * Returns the node under a key, from the top of the config, or with leading dots from the node of the
 * interpolation. Returns undefined if there is none. With `orNothing`, it also returns undefined for a value
 * that is still `???`, and for a part of a value without parts. Throws `unresolvable`.
 */
export function lookUp(key: string, here: InterpolationContext, orNothing = false): ConfigNode | undefined {
  if (/[[\]]/.test(key.replace(/\[[^[\]]*\]/g, ''))) {
    return key.startsWith('[') ? unresolvable(here, { kind: 'not-a-key', key }) : undefined;
  }
  const dots = /^\.*/.exec(key)?.[0].length ?? 0;
  if (dots === 0) return select(here.root, splitKey(key), here, orNothing);
  let from = here.node.parent;
  for (let up = 1; up < dots && from; up++) from = from.parent;
  if (!from) return unresolvable(here, { kind: 'above-config' });
  return select(from, splitKey(key.slice(dots)), here, orNothing);
}

/** Returns the parts of a key: `a.b`, `a[b]`, `[a].b`. */
const splitKey = (key: string) =>
  key === ''
    ? []
    : key
        .replace(/\[([^[\]]*)\]/g, '.$1')
        .replace(/^\./, '')
        .split('.');

function select(
  from: ConfigNode,
  keys: readonly string[],
  here: InterpolationContext,
  orNothing: boolean,
): ConfigNode | undefined {
  let at: ConfigNode | undefined = from;
  for (const [depth, key] of keys.entries()) {
    const container: ConfigNode = targetOf(at, here);
    if (orNothing && !isMapping(container.value) && !isList(container.value)) return undefined;
    if (container.value === missing) return unresolvable(here, { kind: 'no-value-yet', key: nameOf(container) });
    if (isList(container.value)) {
      if (!/^-?\d+$/.test(key)) return unresolvable(here, { kind: 'not-an-index', key, list: nameOf(container) });
      at = childOf(container, BigInt(key));
    } else if (isMapping(container.value)) {
      at = childOf(container, key);
    } else {
      return unresolvable(here, { kind: 'no-parts', key: keys.slice(0, depth).join('.') });
    }
    if (at === undefined) return undefined;
  }
  return orNothing && at.value === missing ? undefined : at;
}

function unresolvable(
  { node, text }: InterpolationContext,
  problem: ProblemOf<'unresolvable'>,
  near?: string,
  later = false,
): never {
  return fail({ reason: 'unresolvable', key: nameOf(node), text, problem, near, later });
}

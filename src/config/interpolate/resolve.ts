import { nearest } from '../../core/suggest.js';
import { attempt, fail, type ProblemOf } from '../../failures/index.js';
import type { Mapping } from '../../values/index.js';
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
import { callResolver, type Place, type Surroundings } from './resolvers.js';

/** Interpolations of one config as OmegaConf 2.3 resolves them. */
export interface Resolver {
  /** Every interpolation resolved. Throws `unresolvable`, `bad-interpolation` or `config-too-large`. */
  readonly all: () => Mapping;
  /** All that the config alone decides; what the environment, the time or resolvers of the program decide is left as it stands. */
  readonly settled: () => Mapping;
  /** The resolved value under a dotted key; undefined where there is none, or one that is still to be given. */
  readonly at: (key: string) => Value | undefined;
  /** What stands under a dotted key when the interpolations that lead to it are followed, unresolved inside. Throws as `all`. */
  readonly found: (key: string) => Value | undefined;
}

/** A value of the config at its place, which relative interpolations go from. */
interface Node extends Place {
  readonly parent: Node | undefined;
  readonly key: string;
  readonly children: Map<Scalar, Node>;
  /** What its interpolation stands for. */
  target?: Node;
  resolved?: Sized;
  busy: boolean;
}

/** A resolved value with what it would take if written out: values may be shared, and grow without bound when they are not. */
interface Sized {
  readonly value: Value;
  readonly size: number;
}

const maxSize = 10_000_000;

/** Resolves a config's interpolations, each once. */
export function resolverOf(config: Mapping, surroundings: Surroundings): Resolver {
  const root = nodeOf(config, undefined, '');
  const context = { root, surroundings };
  return {
    all: () => resolved(root, context).value as Mapping,
    settled: () => {
      const fresh = nodeOf(config, undefined, '');
      return settled(config, () => fresh, { root: fresh, surroundings: undefined }) as Mapping;
    },
    at: (key) => {
      const found = lookUp(key, { ...context, node: root, text: key }, true);
      return found && resolved(found, context).value;
    },
    found: (key) => {
      const found = lookUp(key, { ...context, node: root, text: key }, true);
      return found && targetOf(found, context).value;
    },
  };
}

interface Context {
  readonly root: Node;
  /** Undefined where only what the config itself decides is to be resolved. */
  readonly surroundings: Surroundings | undefined;
}

/** An interpolation that is being resolved. */
interface Task extends Context {
  readonly node: Node;
  readonly text: string;
}

function nodeOf(value: Value, parent: Node | undefined, key: string): Node {
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

function childOf(node: Node, key: Scalar): Node | undefined {
  const known = node.children.get(key);
  if (known) return known;
  const value = isList(node.value) ? node.value[Number(key)] : isMapping(node.value) ? node.value.get(key) : undefined;
  if (value === undefined) return undefined;
  const child = nodeOf(value, node, scalarText(key));
  node.children.set(key, child);
  return child;
}

function childrenOf(node: Node): [key: Scalar, child: Node][] {
  const keys = isList(node.value)
    ? [...node.value.keys()].map(BigInt)
    : isMapping(node.value)
      ? [...node.value.keys()]
      : [];
  return keys.map((key) => [key, childOf(node, key) as Node]);
}

/** The dotted name of a value, lists with their indices in brackets: `cb[0].v`. */
function nameOf(node: Node): string {
  if (!node.parent) return '';
  const before = nameOf(node.parent);
  if (isList(node.parent.value)) return `${before}[${node.key}]`;
  return before === '' ? node.key : `${before}.${node.key}`;
}

function resolved(node: Node, context: Context): Sized {
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
      const part = resolved(child, context);
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
 * As much of a value as the config itself decides: an interpolation that is not to be resolved now stays as it is written. What holds
 * none is given as it is.
 */
function settled(value: Value, at: () => Node, context: Context): Value {
  if (isInterpolated(value)) {
    const made = attempt(() => resolved(at(), context));
    return made ? made.value : value;
  }
  const below = (key: Scalar) => () => childOf(at(), key) as Node;
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

/** The value that a node's interpolation stands for, through others; the node itself where it has none. */
function targetOf(node: Node, context: Context): Node {
  if (!isInterpolated(node.value)) return node;
  if (node.target) return node.target;
  const task = { ...context, node, text: node.value };
  if (node.busy) return unresolvable(task, { kind: 'circle' });
  node.busy = true;
  try {
    const text = parseText({ name: `the value of ${nameOf(node)}`, text: node.value });
    const found = evaluate(text, task);
    node.target = isNode(found) ? targetOf(found, context) : finished(found, node);
    return node.target;
  } finally {
    node.busy = false;
  }
}

/** The node of a value that holds no interpolation, whatever its texts look like. */
function finished(value: Value, { parent, key }: Node): Node {
  return Object.assign(nodeOf(value, parent, key), { resolved: { value, size: sizeOf(value) } });
}

function sizeOf(value: Value): number {
  const parts = isMapping(value) ? [...value.values()] : isList(value) ? value : [];
  return parts.reduce<number>((sum, part) => sum + sizeOf(part), 1);
}

/** What a text stands for: a lone interpolation is a value of any type, all else text. */
function evaluate(text: Text, task: Task): Node | Value {
  const [only] = text;
  if (text.length === 1 && only !== undefined && typeof only !== 'string') return interpolated(only, task);
  return textOf(text, task);
}

function textOf(text: Text, task: Task): string {
  let result = '';
  for (const part of text) {
    result += typeof part === 'string' ? part : pythonText(standingIn(interpolated(part, task), task));
    if (result.length > maxSize) fail({ reason: 'config-too-large', what: nameOf(task.node) });
  }
  return result;
}

const isNode = (found: Node | Value): found is Node =>
  typeof found === 'object' && found !== null && 'children' in found;

/** A value as it stands: what is inside of a list or a mapping is not resolved for being printed or passed on. */
const standingIn = (found: Node | Value, task: Task): Value => (isNode(found) ? targetOf(found, task).value : found);

function interpolated(part: Interpolation, task: Task): Node | Value {
  if (part.kind === 'node') return placeOf(keyText(part.key, task), { ...task, text: part.source });
  const name = keyText(part.name, task);
  const args = part.args.map((argument) => argumentValue(argument, task));
  const own = { ...task, text: part.source };
  const source = (text: string) => ({ name: part.source, text });
  const answer = callResolver(name, {
    args,
    placeOf: (index) => placeOfArgument(part.args[index], task),
    surroundings: task.surroundings,
    found: (key) => {
      const found = lookUp(key, own, true);
      return found && targetOf(found, own);
    },
    decode: (text) => argumentValue(parseElement(source(text)), own),
    yaml: (text) => parseConfigYaml(source(text)).value,
    refuse: (problem, later) => unresolvable(own, problem, undefined, later),
  });
  if (typeof answer === 'object' && answer !== null && 'config' in answer) {
    return nodeOf(answer.config, task.node.parent, task.node.key);
  }
  return answer as Value | Node;
}

/** A key in which interpolations may stand for parts; OmegaConf takes only text for one. */
function keyText(key: Text, task: Task): string {
  return key
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = standingIn(interpolated(part, task), task);
      return typeof value === 'string'
        ? value
        : unresolvable({ ...task, text: part.source }, { kind: 'computed-key-not-text' });
    })
    .join('');
}

function argumentValue(argument: Argument, task: Task): Value {
  switch (argument.kind) {
    case 'quoted':
      return textOf(argument.text, task);
    case 'list':
      return argument.items.map((item) => argumentValue(item, task));
    case 'dict':
      return new Map(argument.entries.map(([key, value]) => [key, argumentValue(value, task)]));
    case 'word': {
      const [only] = argument.text;
      if (argument.text.length === 1 && typeof only === 'string') return argument.escaped ? only : readScalar(only);
      return standingIn(evaluate(argument.text, task), task);
    }
  }
}

/** Where in the config an argument stands that is an interpolation and nothing else. */
function placeOfArgument(argument: Argument | undefined, task: Task): Place | undefined {
  if (argument?.kind !== 'word') return undefined;
  const found = evaluate(argument.text, task);
  return isNode(found) ? found : undefined;
}

/** The value at a key that an interpolation names. */
function placeOf(key: string, task: Task): Node {
  const found = key === '' ? undefined : lookUp(key, task);
  if (found === undefined) {
    const names = childrenOf(task.root).map(([name]) => scalarText(name));
    return unresolvable(task, { kind: 'no-key', key }, nearest(key, names));
  }
  for (let around = task.node.parent; around; around = around.parent) {
    if (around === found) return unresolvable(task, { kind: 'part-of-itself' });
  }
  return found.value === missing ? unresolvable(task, { kind: 'no-value-yet', key }) : found;
}

/**
 * Where a key leads to, from the top or with leading dots from where the interpolation stands. With `orNothing`, what is still to
 * be given is not there, and neither is a part of what has none.
 */
function lookUp(key: string, task: Task, orNothing = false): Node | undefined {
  if (/[[\]]/.test(key.replace(/\[[^[\]]*\]/g, ''))) {
    return key.startsWith('[') ? unresolvable(task, { kind: 'not-a-key', key }) : undefined;
  }
  const dots = /^\.*/.exec(key)?.[0].length ?? 0;
  if (dots === 0) return select(task.root, splitKey(key), task, orNothing);
  let from = task.node.parent;
  for (let up = 1; up < dots && from; up++) from = from.parent;
  if (!from) return unresolvable(task, { kind: 'above-config' });
  return select(from, splitKey(key.slice(dots)), task, orNothing);
}

/** The parts of a key: `a.b`, `a[b]`, `[a].b`. */
const splitKey = (key: string) =>
  key === ''
    ? []
    : key
        .replace(/\[([^[\]]*)\]/g, '.$1')
        .replace(/^\./, '')
        .split('.');

function select(from: Node, keys: readonly string[], task: Task, orNothing: boolean): Node | undefined {
  let at: Node | undefined = from;
  for (const [depth, key] of keys.entries()) {
    const container: Node = targetOf(at, task);
    if (orNothing && !isMapping(container.value) && !isList(container.value)) return undefined;
    if (container.value === missing) return unresolvable(task, { kind: 'no-value-yet', key: nameOf(container) });
    if (isList(container.value)) {
      if (!/^-?\d+$/.test(key)) return unresolvable(task, { kind: 'not-an-index', key, list: nameOf(container) });
      at = childOf(container, BigInt(key));
    } else if (isMapping(container.value)) {
      at = childOf(container, key);
    } else {
      return unresolvable(task, { kind: 'no-parts', key: keys.slice(0, depth).join('.') });
    }
    if (at === undefined) return undefined;
  }
  return orNothing && at.value === missing ? undefined : at;
}

function unresolvable({ node, text }: Task, problem: ProblemOf<'unresolvable'>, near?: string, later = false): never {
  return fail({ reason: 'unresolvable', key: nameOf(node), text, problem, near, later });
}

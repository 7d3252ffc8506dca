import max from 'lodash/max.js';
import memoize from 'lodash/memoize.js';
import sortBy from 'lodash/sortBy.js';
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  stringify,
  type ToStringOptions,
  visit,
  type YAMLMap,
  type YAMLParseError,
  type YAMLSeq,
  type Scalar as YamlScalar,
} from 'yaml';
import { closeRecord, isClosedRecord } from '../core/flat-record.js';
import type { Source, Span } from '../core/span.js';
import { escapeUnprintable } from '../core/text.js';
import { unprintable } from '../core/unprintable.js';
import { fail, MlxError, type ProblemOf } from '../failures/index.js';
import { readTextFile } from './text-file.js';
import { isList, isMapping, pythonKey, type Scalar, type Value } from './values.js';
import { readingTags, writingTags } from './yaml-tags.js';

/** The value of a YAML file, with the span of each key in it. */
export interface YamlFile {
  readonly source: Source;
  readonly value: Value;
  /**
   * Returns the span of the key at a path, of the item of a list, or of the nearest collection around them.
   */
  spanAt(path: readonly (string | number)[]): Span;
  /** Returns an unquoted scalar as the file spells it (`1e-3`, `10.`); undefined for any other value. */
  spelling(path: readonly (string | number)[]): string | undefined;
}

/** Parses YAML text. Throws `yaml-syntax` at the first problem. */
export function parseYaml(source: Source): YamlFile {
  return fileOf(parse(source), source);
}

/**
 * Parses the YAML of a config, which the program reads with PyYAML. Text that PyYAML refuses is refused, and
 * keys that are equal in Python are merged. Throws `yaml-syntax` at the first problem.
 */
export function parseConfigYaml(source: Source): YamlFile {
  const document = parse(source);
  const [doubt] = document.warnings;
  if (doubt) refuse(source, doubt.pos, { kind: 'parser', message: doubt.message });
  followPyYaml(document, source);
  const file = fileOf(document, source);
  return { ...file, value: withPythonKeys(file.value) };
}

/** Lists and mappings may be nested this deeply. PyYAML gives up earlier. */
const mostLevels = 500;

function parse(source: Source): Document {
  try {
    return parseTree(source);
  } catch (error) {
    // The parser and the visit of its nodes recurse.
    if (!(error instanceof RangeError)) throw error;
    return refuse(source, [0, 1], { kind: 'too-deep' });
  }
}

function parseTree(source: Source): Document {
  const document = parseDocument(source.text, {
    customTags: readingTags,
    merge: true,
    prettyErrors: false,
    lineCounter: new LineCounter(),
    // The parser would compare each key with all before it.
    uniqueKeys: false,
  });
  const [problem] = document.errors;
  if (problem) {
    refuse(source, problem.pos, parserProblem(problem));
  }
  refuseNoTree(document, source);
  return document;
}

function parserProblem({ code, message }: YAMLParseError): YamlProblem {
  if (code === 'MULTIPLE_DOCS') return { kind: 'second-document' };
  return /call stack/.test(message) ? { kind: 'too-deep' } : { kind: 'parser', message };
}

/** Refuses what is no tree of a sensible depth, and a key that a mapping already has. */
function refuseNoTree(document: Document, source: Source): void {
  const anchors = new Map<string, unknown>();
  visit(document, {
    Node: (_, node, path) => {
      if (path.length > 2 * mostLevels) refuse(source, node.range ?? [0, 1], { kind: 'too-deep' });
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        if (isMap(node)) refuseSecondKey(node, source);
        return;
      }
      const meant: unknown = anchors.get(node.source);
      if (path.some((around) => around === meant))
        refuse(source, node.range ?? [0, 1], { kind: 'own-alias', name: node.source });
    },
  });
}

function refuseSecondKey({ items }: YAMLMap, source: Source): void {
  const known = new Set<unknown>();
  for (const { key } of items) {
    // In Python too, NaN does not equal itself.
    if (!isScalar(key) || Number.isNaN(key.value)) continue;
    if (known.has(key.value)) refuse(source, key.range ?? [0, 1], { kind: 'second-key' });
    known.add(key.value);
  }
}

function fileOf(document: Document, source: Source): YamlFile {
  let value: Value;
  try {
    value = document.toJS({ mapAsMap: true, maxAliasCount: 100 });
    if (levelsOf(value) > mostLevels) return refuse(source, [0, 1], { kind: 'too-deep' });
  } catch (error) {
    if (error instanceof MlxError) throw error;
    if (error instanceof RangeError) return refuse(source, [0, 1], { kind: 'too-deep' });
    return refuse(source, [0, 1], { kind: 'parser', message: error instanceof Error ? error.message : String(error) });
  }
  const nodes = nodesOf(document);
  return {
    source,
    value: value ?? null,
    spanAt: (path) => spanAt(nodes, source, path),
    spelling: (path) => {
      const node = nodes.at(path);
      return isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
    },
  };
}

/** Returns how deeply a value is nested. What aliases share is looked at once. */
function levelsOf(value: Value, known = new Map<Value, number>()): number {
  if (!isList(value) && !isMapping(value)) return 0;
  const levels = known.get(value) ?? 1 + (max([...value.values()].map((item) => levelsOf(item, known))) ?? 0);
  known.set(value, levels);
  return levels;
}

/**
 * Refuses what PyYAML refuses. It also moves merged keys
 * (`<<`) to the start of their mapping, where PyYAML has them.
 */
function followPyYaml(document: Document, source: Source): void {
  visit(document, {
    Scalar: (_, node, path) => {
      const wrong = wrongInPython(node, path);
      if (wrong !== undefined) refuse(source, node.range ?? [0, 1], wrong);
    },
    Collection: (_, node) => {
      const wrong =
        wrongAnchor(node) ??
        (/^tag:yaml.org,2002:(?:map|seq)$/.test(node.tag ?? mapTag) ? undefined : unknownTag(node.tag ?? ''));
      if (wrong !== undefined) refuse(source, node.range ?? [0, 1], wrong);
      if (isMap(node) && node.items.some(isMerge)) node.items = sortBy(node.items, (pair) => !isMerge(pair));
    },
    Pair: (_, { key }) => {
      if (isCollection(key)) refuse(source, key.range ?? [0, 1], { kind: 'collection-as-key' });
    },
  });
}

/** Merges keys that are equal in Python (`1`, `1.0`, `true`): the first spelling and the last value count. */
function withPythonKeys(value: Value): Value {
  if (isList(value)) return value.map(withPythonKeys);
  if (!isMapping(value)) return value;
  const same = new Map<Scalar, Scalar>();
  const result = new Map<Scalar, Value>();
  for (const [key, item] of value) {
    const name = typeof key === 'string' ? key : pythonKey(key);
    if (typeof name !== 'string' && !same.has(name)) same.set(name, key);
    result.set(same.get(name) ?? key, withPythonKeys(item));
  }
  return result;
}

const isMerge = ({ key }: Pair) => isScalar(key) && key.type === 'PLAIN' && key.source === '<<';

function refuse(source: Source, [start, end]: readonly number[], problem: YamlProblem): never {
  const offset = Math.min(start ?? 0, source.text.length);
  return fail({ reason: 'yaml-syntax', span: { source, offset, length: Math.max(1, (end ?? 0) - offset) }, problem });
}

type YamlProblem = ProblemOf<'yaml-syntax'>;

const mapTag = 'tag:yaml.org,2002:map';

/** Returns why PyYAML refuses the name of an anchor; undefined if it accepts it. */
const wrongAnchor = ({ anchor = 'a' }: { readonly anchor?: string | undefined }) =>
  /^[\w-]+$/.test(anchor) ? undefined : ({ kind: 'anchor-name' } as const);

const unknownTag = (tag: string) => ({ kind: 'unknown-tag', tag: tag.replace('tag:yaml.org,2002:', '!!') }) as const;

/** Returns why PyYAML refuses a scalar that YAML 1.2 allows; undefined if it accepts it. */
function wrongInPython(node: YamlScalar, path: readonly unknown[]): YamlProblem | undefined {
  const { source = '', type, tag } = node;
  if (tag !== undefined && !/^tag:yaml.org,2002:(?:str|int|float|bool|null|merge)$/.test(tag)) return unknownTag(tag);
  const anchor = wrongAnchor(node);
  if (anchor !== undefined || type !== 'PLAIN') return anchor;
  const parent = path.at(-1);
  const isKey = isPair(parent) && parent.key === node;
  if (tag === undefined && (source === '=' || (source === '<<' && !isKey))) return { kind: 'lone-sign', sign: source };
  if (/[\u0085\u2028\u2029]/.test(source)) return { kind: 'unicode-line-break' };
  const inFlow = path.some((around) => isCollection(around) && around.flow === true);
  return inFlow && source.startsWith('?') ? { kind: 'question-mark-in-brackets' } : undefined;
}

/** The nodes of a document by their paths. */
interface YamlNodes {
  readonly at: (path: readonly (string | number)[]) => unknown;
  /** Returns the range of a key of a mapping, which shows more in a message than the range of its value. */
  readonly keyRange: (parent: unknown, key: string | number | undefined) => readonly number[] | undefined;
}

/** Returns the nodes of a document. Each mapping is searched once, however many of its keys are asked for. */
function nodesOf(document: Document): YamlNodes {
  const byValue = memoize((map: YAMLMap) => firstOf(map, (key) => (isScalar(key) ? key.value : key)));
  const byName = memoize((map: YAMLMap) => firstOf(map, String));
  const child = (parent: YAMLMap | YAMLSeq, key: string | number): unknown =>
    isMap(parent) ? byValue(parent).get(key)?.value : parent.get(key, true);
  return {
    at: (path) =>
      path.reduce<unknown>(
        (node, key) => (isMap(node) || isSeq(node) ? child(node, key) : undefined),
        document.contents,
      ),
    keyRange: (parent, key) => {
      const node = isMap(parent) && key !== undefined ? byName(parent).get(String(key))?.key : undefined;
      return isNode(node) ? (node.range ?? undefined) : undefined;
    },
  };
}

/** Returns the first pair of a mapping for each of these names of its keys. */
function firstOf<Name>({ items }: YAMLMap, nameOf: (key: unknown) => Name): ReadonlyMap<Name, Pair> {
  const pairs = new Map<Name, Pair>();
  for (const pair of items) if (!pairs.has(nameOf(pair.key))) pairs.set(nameOf(pair.key), pair);
  return pairs;
}

function spanAt(nodes: YamlNodes, source: Source, path: readonly (string | number)[]): Span {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = nodes.at(path.slice(0, depth));
    const parent = nodes.at(path.slice(0, Math.max(0, depth - 1)));
    const range = nodes.keyRange(parent, path[depth - 1]) ?? (isNode(node) ? node.range : undefined);
    if (!range) continue;
    const [offset = 0, end = offset] = range;
    return { source, offset, length: Math.max(1, end - offset) };
  }
  return { source, offset: 0, length: 1 };
}

/** Reads a YAML file. `name` is its name in messages. Throws `unreadable-file` or `yaml-syntax`. */
export function readYamlFile(path: string, name: string): YamlFile {
  return parseYaml({ name, text: readTextFile(path, name) });
}

const writeOptions: ToStringOptions = { lineWidth: 0, blockQuote: false, defaultKeyType: 'PLAIN' };

/** Returns a value as YAML. The yaml package, PyYAML and OmegaConf all read the same value back. */
export const formatYaml = (value: Value) => formatWith(value, writeOptions);

/** Returns a value as YAML for people, with texts of several lines as blocks. */
export const formatYamlBlocks = (value: Value) => formatWith(value, { ...writeOptions, blockQuote: 'literal' });

function formatWith(value: Value, options: ToStringOptions): string {
  const text = stringified(value, options);
  if (text.search(unprintable) === -1) return text;
  // Only between double quotes can such a character be escaped, so all texts are put there.
  return escapeUnprintable(
    stringified(value, {
      ...options,
      blockQuote: false,
      defaultStringType: 'QUOTE_DOUBLE',
      defaultKeyType: 'QUOTE_DOUBLE',
    }),
  );
}

const stringified = (value: Value, options: ToStringOptions) =>
  stringify(value, { ...options, compat: 'yaml-1.1', customTags: writingTags, aliasDuplicateObjects: false });

/** Returns a value as the YAML of a store's record. A reader can detect a record that was cut short. */
export function formatYamlRecord(value: Value): string {
  return closeRecord(formatYaml(value));
}

/**
 * Reads a record that `formatYamlRecord` wrote.
 * Throws `unreadable-file`, `yaml-syntax`, or `broken-record` if it was cut short.
 */
export function readYamlRecord(path: string): Value {
  const { source, value } = readYamlFile(path, path);
  return isClosedRecord(source.text) ? value : fail({ reason: 'broken-record', path, problem: { kind: 'cut-short' } });
}

import sortBy from 'lodash/sortBy.js';
import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  type ScalarTag,
  stringify,
  type Tags,
  type ToStringOptions,
  visit,
  type Scalar as YamlScalar,
} from 'yaml';
import { closeRecord, isClosedRecord } from '../core/flat-record.js';
import type { Source, Span } from '../core/span.js';
import { yamlScalar } from '../core/yaml-scalar.js';
import { fail, type ProblemOf } from '../failures/index.js';
import { readTextFile } from './text-file.js';
import { floatRepr, isList, isMapping, pythonKey, readFloat, type Scalar, type Value } from './values.js';

/** A YAML file as read: its value, and the place of each key in it. */
export interface YamlFile {
  readonly source: Source;
  readonly value: Value;
  /** The place of the value at a path, or of the nearest collection around it. */
  spanAt(path: readonly (string | number)[]): Span;
  /** A word at a path as it is spelled there (`1e-3`, `10.`); undefined for text in quotes and for what is no word. */
  spelling(path: readonly (string | number)[]): string | undefined;
}

// OmegaConf's resolvers for plain scalars: YAML 1.1 as PyYAML has it, save that `1e3` is a float and dates are text.
const booleanTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  identify: (value) => typeof value === 'boolean',
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|t|on)/i.test(text),
  stringify: ({ value }) => String(value),
};

const intTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  identify: (value) => typeof value === 'bigint',
  test: /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][\d_]*)|[-+]?0x[\da-fA-F_]+|[-+]?[1-9][\d_]*(?::[0-5]?\d)+)$/,
  resolve: readYamlInt,
  stringify: ({ value }) => String(value),
};

const floatTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => typeof value === 'number',
  test: /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|[-+]?\d[\d_]*[eE][-+]?\d+|\.\d[\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  resolve: readYamlFloat,
  stringify: ({ value }) => yamlFloat(Number(value)),
};

// PyYAML gives a lone `=` a tag of its own and refuses it; `<<` means a merge; `+.5` is text to it and a float to others: as text
// all need quotes.
const quoteOnlyTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:value',
  default: true,
  identify: () => false,
  test: /^(?:=|<<|[-+]?\.\d[\d_]*(?:[eE][-+]?\d+)?)$/,
  resolve: (text) => text,
};

// What YAML 1.1 takes for a line break or does not allow, and YAML 1.2 takes for text: written as escapes.
const onlyEscaped = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

const escapedTextTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string' && onlyEscaped.test(value),
  resolve: (text) => text,
  stringify: ({ value }) => yamlScalar(String(value)),
};

// `!!float 1`, whatever the word looks like.
const namedFloatTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  identify: () => false,
  resolve: (text, onError) => (/^[-+]?\d[\d_]*$/.test(text) ? readYamlFloat(text) : onError(`${text} is no float`)),
};

const numberTags: Tags = [booleanTag, intTag, floatTag];

function readYamlInt(text: string): bigint {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]|_/g, '');
  return negative ? -unsignedInt(digits) : unsignedInt(digits);
}

function unsignedInt(digits: string): bigint {
  if (digits.includes(':')) return digits.split(':').reduce((total, part) => total * 60n + BigInt(part), 0n);
  if (/^0[xb]/.test(digits)) return BigInt(digits);
  return BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits);
}

function readYamlFloat(text: string): number {
  if (!text.includes(':')) return readFloat(text.replace(/^([-+]?)\.(inf|nan)$/i, '$1$2'));
  const negative = text.startsWith('-');
  const parts = text.replace(/^[-+]|_/g, '').split(':');
  const total = parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  return negative ? -total : total;
}

/** A float that YAML 1.1 and 1.2 readers both take for one: PyYAML needs a dot before the exponent. */
function yamlFloat(value: number): string {
  const text = floatRepr(value);
  if (/^-?inf$|^nan$/.test(text)) return text.replace(/inf|nan/, '.$&');
  return text.replace(/^(-?\d+)e/, '$1.0e');
}

/** Parses YAML text. Throws `yaml-syntax` with the first problem's place. */
export function parseYaml(source: Source): YamlFile {
  return fileOf(parse(source), source);
}

/**
 * Parses the YAML of a config, which the program reads with PyYAML: what that refuses is refused, and of keys that are one in Python
 * one is kept. Throws `yaml-syntax` with the first problem's place.
 */
export function parseConfigYaml(source: Source): YamlFile {
  const document = parse(source);
  const [doubt] = document.warnings;
  if (doubt) refuse(source, doubt.pos, { kind: 'parser', message: doubt.message });
  refuseBeyondPython(document, source);
  const file = fileOf(document, source);
  return { ...file, value: withPythonKeys(file.value) };
}

function parse(source: Source): Document {
  const document = parseDocument(source.text, {
    customTags: (tags) => [...tags.filter(keepsTag), ...numberTags, namedFloatTag],
    merge: true,
    prettyErrors: false,
    lineCounter: new LineCounter(),
    uniqueKeys: true,
  });
  const [problem] = document.errors;
  if (problem) {
    const isSecond = problem.code === 'MULTIPLE_DOCS';
    refuse(source, problem.pos, isSecond ? { kind: 'second-document' } : { kind: 'parser', message: problem.message });
  }
  return document;
}

function fileOf(document: Document, source: Source): YamlFile {
  let value: Value;
  try {
    value = document.toJS({ mapAsMap: true, maxAliasCount: 100 });
  } catch (error) {
    return refuse(source, [0, 1], { kind: 'parser', message: error instanceof Error ? error.message : String(error) });
  }
  return {
    source,
    value: value ?? null,
    spanAt: (path) => spanAt(document, source, path),
    spelling: (path) => {
      const node: unknown = document.getIn(path, true);
      return isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
    },
  };
}

/** Also puts what is merged (`<<`) in front of the other keys of its mapping, which is where PyYAML has it. */
function refuseBeyondPython(document: Document, source: Source): void {
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

/** Of keys that are equal in Python (`1`, `1.0`, `true`) the first spelling and the last value count. */
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

/** The names of anchors in PyYAML. */
const wrongAnchor = ({ anchor = 'a' }: { readonly anchor?: string | undefined }) =>
  /^[\w-]+$/.test(anchor) ? undefined : ({ kind: 'anchor-name' } as const);

const unknownTag = (tag: string) => ({ kind: 'unknown-tag', tag: tag.replace('tag:yaml.org,2002:', '!!') }) as const;

/** Why PyYAML, which reads the same file for the program, does not take a scalar that YAML 1.2 allows; undefined where it does. */
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

function keepsTag(tag: Tags[number]): boolean {
  return typeof tag === 'string' || !/:(bool|int|float)$/.test(tag.tag);
}

function spanAt(document: Document, source: Source, path: readonly (string | number)[]): Span {
  for (let depth = path.length; depth >= 0; depth--) {
    const node: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const parent: unknown = depth <= 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const range = keyRange(parent, path[depth - 1]) ?? (isNode(node) ? node.range : undefined);
    if (!range) continue;
    const [offset = 0, end = offset] = range;
    return { source, offset, length: Math.max(1, end - offset) };
  }
  return { source, offset: 0, length: 1 };
}

/** Where the key itself stands, which says more than where its value does. */
function keyRange(parent: unknown, key: string | number | undefined): readonly number[] | undefined {
  if (!isCollection(parent) || key === undefined) return undefined;
  for (const item of parent.items) {
    const keyNode: unknown = typeof item === 'object' && item !== null && 'key' in item ? item.key : undefined;
    if (isNode(keyNode) && keyNode.range && String(keyNode) === String(key)) return keyNode.range;
  }
  return undefined;
}

/** Reads a YAML file under the name that a person knows it by. Throws `unreadable-file` or `yaml-syntax`. */
export function readYamlFile(path: string, name: string): YamlFile {
  return parseYaml({ name, text: readTextFile(path, name) });
}

const writeOptions: ToStringOptions = { lineWidth: 0, blockQuote: false, defaultKeyType: 'PLAIN' };

/** A value as YAML that the yaml package, PyYAML and OmegaConf read back as the same value. */
export const formatYaml = (value: Value) => formatWith(value, writeOptions);

/** The same with texts of several lines as blocks, for people. */
export const formatYamlBlocks = (value: Value) => formatWith(value, { ...writeOptions, blockQuote: 'literal' });

function formatWith(value: Value, options: ToStringOptions): string {
  return stringify(value, {
    ...options,
    compat: 'yaml-1.1',
    // The first tag that knows a value writes it.
    customTags: (tags: Tags) => [escapedTextTag, ...tags.filter(keepsTag), ...numberTags, quoteOnlyTag],
    aliasDuplicateObjects: false,
  });
}

/** `formatYaml` as a record of the store, which can be told from one that was cut short. */
export function formatYamlRecord(value: Value): string {
  return closeRecord(formatYaml(value));
}

/** Reads a record that `formatYamlRecord` wrote. Throws `unreadable-file`, `yaml-syntax`, or `broken-record` for one cut short. */
export function readYamlRecord(path: string): Value {
  const { source, value } = readYamlFile(path, path);
  return isClosedRecord(source.text) ? value : fail({ reason: 'broken-record', path, problem: { kind: 'cut-short' } });
}

/** Plain JavaScript data as a config value: every whole number is an int. */
export function configValue(data: unknown): Value {
  if (Array.isArray(data)) return data.map(configValue);
  if (typeof data === 'object' && data !== null) {
    return new Map(Object.entries(data).map(([key, item]): [Scalar, Value] => [key, configValue(item)]));
  }
  if (typeof data === 'number') return Number.isInteger(data) ? BigInt(data) : data;
  return typeof data === 'string' || typeof data === 'boolean' || typeof data === 'bigint' ? data : null;
}

import type { Span } from '../core/span.js';
import { fail } from '../failures/index.js';
import { isList, isMapping, type Numeric, readScalar, type Scalar, scalarText, type Value } from '../values/index.js';

interface Spanned {
  readonly span: Span;
}

interface Written extends Spanned {
  /** True if a function made the value or a part of it. The user's spelling then does not exist. */
  readonly made: boolean;
}

/** One value of an override. Its span is where the user wrote the value, or the function that made it. */
export type Element =
  | (Written & { readonly kind: 'plain'; readonly value: Scalar })
  | (Written & { readonly kind: 'quoted'; readonly value: string; readonly quote: "'" | '"' })
  | (Written & { readonly kind: 'list'; readonly items: readonly OverrideValue[] })
  | (Written & { readonly kind: 'dict'; readonly entries: readonly DictEntry[] });

/** An entry of a dict. Of keys that are equal in Python, the first spelling and the last value count. */
export interface DictEntry {
  readonly key: Scalar;
  readonly value: OverrideValue;
}

/** `a,b` or `choice(a,b)`. */
export interface ChoiceSweep extends Spanned {
  readonly kind: 'choice';
  readonly items: readonly OverrideValue[];
  /** True if it is written `a,b`, not `choice(a,b)`. */
  readonly simple: boolean;
  readonly shuffle: boolean;
  readonly tags: readonly string[];
}

/** `range(start,stop,step)`. Booleans count as 0 and 1, as in Hydra. */
export interface RangeSweep extends Spanned {
  readonly kind: 'range';
  readonly start: Numeric;
  readonly stop: Numeric;
  readonly step: Numeric;
  readonly shuffle: boolean;
  readonly tags: readonly string[];
}

/** `interval(start,end)`. */
export interface IntervalSweep extends Spanned {
  readonly kind: 'interval';
  readonly start: Numeric;
  readonly end: Numeric;
  readonly tags: readonly string[];
}

/** `glob(pattern)`: the options of a config group. */
export interface GlobSweep extends Spanned {
  readonly kind: 'glob';
  /**
   * Patterns. As in Hydra, a list may hold other values, which
   * are refused only when an option is compared with them.
   */
  readonly include: readonly OverrideValue[];
  readonly exclude: readonly OverrideValue[];
}

type SweepValue = ChoiceSweep | RangeSweep | IntervalSweep | GlobSweep;

/**
 * The value after the `=`. As in Hydra, lists and choices may contain sweeps; only enumerating them fails.
 */
export type OverrideValue = Element | SweepValue;

/** Returns whether a value is a sweep over several values. */
export function isSweep(value: OverrideValue | undefined): value is SweepValue {
  return value !== undefined && !['plain', 'quoted', 'list', 'dict'].includes(value.kind);
}

/** Returns the value as an element. Throws `nested-sweep` if it, or a part of it, is a sweep. */
export function requireElement(value: OverrideValue): Element {
  if (isSweep(value)) return fail({ reason: 'nested-sweep', span: value.span });
  const parts =
    value.kind === 'list' ? value.items : value.kind === 'dict' ? value.entries.map((entry) => entry.value) : [];
  parts.forEach(requireElement);
  return value;
}

/** The effect of an override: `k=v` changes, `+k=v` adds, `++k=v` changes or adds, `~k` and `~k=v` delete. */
export type OverrideKind = 'change' | 'add' | 'set' | 'delete';

const kindPrefix: Readonly<Record<OverrideKind, string>> = { change: '', add: '+', set: '++', delete: '~' };

/** A parsed override. */
export interface Override {
  readonly kind: OverrideKind;
  /** The key or config group: `optimizer.lr`, `db`, `a/b`. */
  readonly key: string;
  /** The part after `@`; undefined without one. */
  readonly package: string | undefined;
  readonly keySpan: Span;
  /** Undefined for `~k`. */
  readonly value: OverrideValue | undefined;
  readonly span: Span;
}

/** An override at one point of a sweep: its kind, its key and at most one value. */
export interface PlainOverride {
  readonly override: Override;
  readonly element: Element | undefined;
  /** True if other points of the sweep may have other values. */
  readonly swept: boolean;
}

/** Returns an override with a single value at its only point. Throws `nested-sweep` if it is a sweep. */
export function plainOverride(override: Override): PlainOverride {
  return { override, element: override.value && requireElement(override.value), swept: false };
}

/** Returns prefix, key and package in Hydra's spelling. Overrides with the same text set the same key. */
export function keyElement({ kind, key, package: pkg }: Pick<Override, 'kind' | 'key' | 'package'>): string {
  return `${kindPrefix[kind]}${key}${pkg === undefined ? '' : `@${pkg}`}`;
}

/** Returns the override as one word in the user's spelling: `lr=1e-3` stays `lr=1e-3`. */
export function sourceToken({ override, element }: PlainOverride): string {
  return element ? `${keyElement(override)}=${sourceText(element)}` : keyElement(override);
}

/**
 * Returns the override as one word in Hydra's spelling: `lr=1e-3` becomes
 * `lr=0.001`. The value is put in quotes if Hydra would read its own spelling
 * back as another value (`choice('1','2')` and `str(1)` lose their quotes).
 */
export function canonicalToken({ override, element }: PlainOverride): string {
  return element ? `${keyElement(override)}=${readableText(element)}` : keyElement(override);
}

/** Returns an element as the user wrote it, or in Hydra's spelling if a function made it. */
function sourceText(element: Element): string {
  if (!element.made) {
    const { source, offset, length } = element.span;
    return source.text.slice(offset, offset + length);
  }
  return textOf(element, { string: readableString, part: (part) => sourceText(requireElement(part)) });
}

/** Returns an element exactly as Hydra prints it in a job's overrides. */
export function canonicalText(element: Element): string {
  return textOf(element, { string: escapePlain, part: (part) => canonicalText(requireElement(part)) });
}

function readableText(element: Element): string {
  return textOf(element, { string: readableString, part: (part) => readableText(requireElement(part)) });
}

interface Printer {
  /** Prints a string that the user wrote without quotes. */
  readonly string: (value: string) => string;
  readonly part: (value: OverrideValue) => string;
}

function textOf(element: Element, { string, part }: Printer): string {
  switch (element.kind) {
    case 'plain':
      return typeof element.value === 'string' ? string(element.value) : scalarText(element.value);
    case 'quoted':
      return quoted(element.value, element.quote);
    case 'list':
      return `[${element.items.map(part).join(',')}]`;
    case 'dict':
      return `{${element.entries.map(({ key, value }) => `${dictKeyText(key)}:${part(value)}`).join(',')}}`;
  }
}

const dictKeyText = (key: Scalar) => (typeof key === 'string' ? escapePlain(key) : scalarText(key));

function escapePlain(value: string): string {
  return value.replace(/[\\()[\]{}:=, \t]/g, '\\$&');
}

/** Returns a string without quotes if it is read back as the same string, else in quotes. */
export function readableString(value: string): string {
  const escaped = escapePlain(value);
  const isWord = /^[A-Za-z0-9_/\-+.$%*@?|\\()[\]{}:=, \t]+$/.test(value);
  return isWord && (escaped !== value || typeof readScalar(value) === 'string') ? escaped : quoted(value, "'");
}

/** Returns a text in quotes, so that the grammar reads back the same text. */
export function quoted(text: string, quote: string): string {
  const inner = text.replace(/\\+|['"]/g, (run, offset: number) => {
    if (run === quote) return `\\${run}`;
    const next = text[offset + run.length];
    // Backslashes have a meaning only before the quote.
    return run.startsWith('\\') && (next === undefined || next === quote) ? run + run : run;
  });
  return quote + inner + quote;
}

/** Returns a value of the config in the override grammar, which reads back the same value. */
export function valueText(value: Value): string {
  if (isList(value)) return `[${value.map(valueText).join(',')}]`;
  if (isMapping(value)) {
    return `{${[...value].map(([key, item]) => `${dictKeyText(key)}:${valueText(item)}`).join(',')}}`;
  }
  return typeof value === 'string' ? readableString(value) : scalarText(value);
}

/** Returns the text of an element without its quotes, as `--key=value` and `{key}` receive it. */
export function unquotedText(element: Element): string {
  if (element.kind === 'quoted') return element.value;
  return element.kind === 'plain' && typeof element.value === 'string' ? element.value : sourceText(element);
}

/** Returns the value of an element as the config has it. */
export function elementValue(element: Element): Value {
  switch (element.kind) {
    case 'plain':
    case 'quoted':
      return element.value;
    case 'list':
      return element.items.map((item) => elementValue(requireElement(item)));
    case 'dict':
      return new Map(element.entries.map(({ key, value }) => [key, elementValue(requireElement(value))]));
  }
}

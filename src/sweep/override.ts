import type { Span } from '../core/span.js';
import { fail } from '../failures/index.js';
import type { Numeric } from '../values/index.js';
import { isList, isMapping, readScalar, type Scalar, scalarText, type Value } from '../values/index.js';

interface Placed {
  readonly span: Span;
}

/** What every value of an override tells beside itself. */
interface Written extends Placed {
  /** Whether a function made it or a part of it, so that it has no spelling of its user's. */
  readonly made: boolean;
}

/** One value of an override, with the place where it, or the function that made it, was written. */
export type Element =
  | (Written & { readonly kind: 'plain'; readonly value: Scalar })
  | (Written & { readonly kind: 'quoted'; readonly value: string; readonly quote: "'" | '"' })
  | (Written & { readonly kind: 'list'; readonly items: readonly OverrideValue[] })
  | (Written & {
      readonly kind: 'dict' /** Distinct keys: of equal ones the first spelling and the last value count, as in Python. */;
      readonly entries: readonly DictEntry[];
    });

export interface DictEntry {
  readonly key: Scalar;
  readonly value: OverrideValue;
}

/** A number of a range or an interval; of booleans Hydra makes 0 and 1. */

export interface ChoiceSweep extends Placed {
  readonly kind: 'choice';
  readonly items: readonly OverrideValue[];
  /** Written `a,b`, not `choice(a,b)`. */
  readonly simple: boolean;
  readonly shuffle: boolean;
  readonly tags: readonly string[];
}

export interface RangeSweep extends Placed {
  readonly kind: 'range';
  readonly start: Numeric;
  readonly stop: Numeric;
  readonly step: Numeric;
  readonly shuffle: boolean;
  readonly tags: readonly string[];
}

export interface IntervalSweep extends Placed {
  readonly kind: 'interval';
  readonly start: Numeric;
  readonly end: Numeric;
  readonly tags: readonly string[];
}

export interface GlobSweep extends Placed {
  readonly kind: 'glob';
  /** Patterns; Hydra lets lists hold what is none, and stumbles over it only when it is reached. */
  readonly include: readonly OverrideValue[];
  readonly exclude: readonly OverrideValue[];
}

export type SweepValue = ChoiceSweep | RangeSweep | IntervalSweep | GlobSweep;

/** What stands behind the `=`. Hydra's parser takes sweeps inside of lists and choices too; only enumerating refuses them. */
export type OverrideValue = Element | SweepValue;

/** Whether a value stands for several. */
export function isSweep(value: OverrideValue | undefined): value is SweepValue {
  return value !== undefined && !['plain', 'quoted', 'list', 'dict'].includes(value.kind);
}

/** A value that is to be one. Throws `nested-sweep` where it, or a part of it, stands for several. */
export function requireElement(value: OverrideValue): Element {
  if (isSweep(value)) return fail({ reason: 'nested-sweep', span: value.span });
  const parts =
    value.kind === 'list' ? value.items : value.kind === 'dict' ? value.entries.map((entry) => entry.value) : [];
  parts.forEach(requireElement);
  return value;
}

/** What an override does: `k=v` change, `+k=v` add, `++k=v` set, `~k` or `~k=v` delete. */
export type OverrideKind = 'change' | 'add' | 'set' | 'delete';

export const kindPrefix: Readonly<Record<OverrideKind, string>> = { change: '', add: '+', set: '++', delete: '~' };

/** A parsed override. */
export interface Override {
  readonly kind: OverrideKind;
  /** The key or config group: `optimizer.lr`, `db`, `a/b`. */
  readonly key: string;
  /** The part after `@`; undefined where there is none. */
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
  /** Whether other points of its sweep may have another value. */
  readonly swept: boolean;
}

/** An override that is no sweep, as it is at its one point. Throws `nested-sweep` for one that is. */
export function plainOverride(override: Override): PlainOverride {
  return { override, element: override.value && requireElement(override.value), swept: false };
}

/** Prefix, key and package as Hydra writes them back: two overrides with the same one set the same thing. */
export function keyElement({ kind, key, package: pkg }: Pick<Override, 'kind' | 'key' | 'package'>): string {
  return `${kindPrefix[kind]}${key}${pkg === undefined ? '' : `@${pkg}`}`;
}

/** The override as one word in the spelling of the user: `lr=1e-3` stays `lr=1e-3`. */
export function sourceToken({ override, element }: PlainOverride): string {
  return element ? `${keyElement(override)}=${sourceText(element)}` : keyElement(override);
}

/**
 * The override as one word in Hydra's own spelling: `lr=1e-3` becomes `lr=0.001`. Where Hydra's spelling would be read back
 * as something else (`choice('1','2')` and `str(1)` lose their quotes), the value is put in quotes.
 */
export function canonicalToken({ override, element }: PlainOverride): string {
  return element ? `${keyElement(override)}=${readableText(element)}` : keyElement(override);
}

/** The characters that the user typed for an element; for what a function made, Hydra's spelling. */
export function sourceText(element: Element): string {
  if (!element.made) {
    const { source, offset, length } = element.span;
    return source.text.slice(offset, offset + length);
  }
  return textOf(element, { string: readableString, part: (part) => sourceText(requireElement(part)) });
}

/** An element as Hydra prints it in a job's overrides, to the letter. */
export function canonicalText(element: Element): string {
  return textOf(element, { string: escapePlain, part: (part) => canonicalText(requireElement(part)) });
}

function readableText(element: Element): string {
  return textOf(element, { string: readableString, part: (part) => readableText(requireElement(part)) });
}

interface Printer {
  /** A string without quotes. */
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

/** Without quotes where that reads back as this very string, else in quotes. */
export function readableString(value: string): string {
  const escaped = escapePlain(value);
  const isWord = /^[A-Za-z0-9_/\-+.$%*@?|\\()[\]{}:=, \t]+$/.test(value);
  return isWord && (escaped !== value || typeof readScalar(value) === 'string') ? escaped : quoted(value, "'");
}

/** A text in quotes, so that the grammar reads it back as it is. */
export function quoted(text: string, quote: string): string {
  const inner = text.replace(/\\+|['"]/g, (run, offset: number) => {
    if (run === quote) return `\\${run}`;
    const next = text[offset + run.length];
    // Backslashes count only in front of the quote.
    return run.startsWith('\\') && (next === undefined || next === quote) ? run + run : run;
  });
  return quote + inner + quote;
}

/** A value of the config in the override grammar, as one that is read back as this very value. */
export function valueText(value: Value): string {
  if (isList(value)) return `[${value.map(valueText).join(',')}]`;
  if (isMapping(value)) {
    return `{${[...value].map(([key, item]) => `${dictKeyText(key)}:${valueText(item)}`).join(',')}}`;
  }
  return typeof value === 'string' ? readableString(value) : scalarText(value);
}

/** The text of an element without its quotes: what `--key=value` and `{key}` receive. */
export function unquotedText(element: Element): string {
  if (element.kind === 'quoted') return element.value;
  return element.kind === 'plain' && typeof element.value === 'string' ? element.value : sourceText(element);
}

/** The value of an element as the config holds it. */
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

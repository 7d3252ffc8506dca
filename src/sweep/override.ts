import type { Span } from '../core/span.js';
import { type Scalar, scalarText, type Value } from './values.js';

/** One value of an override as it was written, with its place. */
export type Element =
  | { readonly kind: 'plain'; readonly value: Scalar; readonly span: Span }
  | { readonly kind: 'quoted'; readonly value: string; readonly quote: "'" | '"'; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly Element[]; readonly span: Span }
  | {
      readonly kind: 'dict' /** Distinct keys: of equal ones the first spelling and the last value count, as in Python. */;
      readonly entries: readonly DictEntry[];
      readonly span: Span;
    };

export interface DictEntry {
  readonly key: Scalar;
  readonly value: Element;
}

/** What an override does: `k=v` change, `+k=v` add, `++k=v` set, `~k` or `~k=v` delete. */
export type OverrideKind = 'change' | 'add' | 'set' | 'delete';

export const kindPrefix: Readonly<Record<OverrideKind, string>> = { change: '', add: '+', set: '++', delete: '~' };

/** A parsed override. `choices` are the elements of `a,b,c`, or the one element, or none (`~k`). */
export interface Override {
  readonly kind: OverrideKind;
  /** The key or config group: `optimizer.lr`, `db`, `a/b`. */
  readonly key: string;
  /** The part after `@`; undefined where there is none. */
  readonly package: string | undefined;
  readonly keySpan: Span;
  readonly choices: readonly Element[];
  readonly span: Span;
}

/** An override at one point of a sweep: its kind, its key and at most one value. */
export interface PlainOverride {
  readonly override: Override;
  readonly element: Element | undefined;
}

/** Prefix, key and package as Hydra writes them back: two overrides with the same one set the same thing. */
export function keyElement({ kind, key, package: pkg }: Override): string {
  return `${kindPrefix[kind]}${key}${pkg === undefined ? '' : `@${pkg}`}`;
}

/** The override as one word in the spelling of the user: `lr=1e-3` stays `lr=1e-3`. */
export function sourceToken({ override, element }: PlainOverride): string {
  return element ? `${keyElement(override)}=${sourceText(element)}` : keyElement(override);
}

/** The override as one word in Hydra's own spelling: `lr=1e-3` becomes `lr=0.001`. */
export function canonicalToken({ override, element }: PlainOverride): string {
  return element ? `${keyElement(override)}=${canonicalText(element)}` : keyElement(override);
}

/** The characters that the user typed for an element. */
export function sourceText({ span }: Element): string {
  return span.source.text.slice(span.offset, span.offset + span.length);
}

/** An element as Hydra prints it in a job's overrides. */
export function canonicalText(element: Element): string {
  switch (element.kind) {
    case 'plain':
      return plainText(element.value);
    case 'quoted':
      return element.quote + escapeQuoted(element.value, element.quote) + element.quote;
    case 'list':
      return `[${element.items.map(canonicalText).join(',')}]`;
    case 'dict':
      return `{${element.entries.map(({ key, value }) => `${plainText(key)}:${canonicalText(value)}`).join(',')}}`;
  }
}

function plainText(value: Scalar): string {
  return typeof value === 'string' ? value.replace(/[\\()[\]{}:=, \t]/g, '\\$&') : scalarText(value);
}

function escapeQuoted(text: string, quote: string): string {
  return text.replace(new RegExp(`(\\\\*)(${quote}|$)`, 'g'), (_, slashes: string, end: string) => {
    return slashes + slashes + (end === '' ? '' : `\\${end}`);
  });
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
      return element.items.map(elementValue);
    case 'dict':
      return new Map(element.entries.map(({ key, value }) => [key, elementValue(value)]));
  }
}

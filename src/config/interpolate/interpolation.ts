import type { Source } from '../../core/span.js';
import { attempt, type Failure, fail } from '../../failures/index.js';
import { take as taken } from '../../sweep/index.js';
import { isList, isMapping, readScalar, type Scalar, type Value } from '../../values/index.js';

/** A text of a config in parts: plain texts and interpolations. */
export type Text = readonly (string | Interpolation)[];

/** `${a.b}` or `${.a}` (a value of the config), or `${oc.env:USER,nobody}` (a call of a resolver). */
export type Interpolation =
  | {
      readonly kind: 'node';
      /** With its dots and brackets. */
      readonly key: Text;
      readonly source: string;
    }
  | {
      readonly kind: 'resolver';
      readonly name: Text;
      readonly args: readonly Argument[];
      readonly source: string;
    };

/** An argument of a resolver. */
export type Argument =
  /** A word. With an escape in it, it is always text. */
  | { readonly kind: 'word'; readonly text: Text; readonly escaped: boolean }
  | { readonly kind: 'quoted'; readonly text: Text }
  | { readonly kind: 'list'; readonly items: readonly Argument[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [key: Scalar, value: Argument])[] };

/** Returns whether a value is a text with an interpolation, or an escaped one. */
export function isInterpolated(value: unknown): value is string {
  return typeof value === 'string' && value.includes('${');
}

/** Returns whether a value, or a part of it, is a text with an interpolation. */
export function holdsInterpolation(value: Value): boolean {
  if (isList(value)) return value.some(holdsInterpolation);
  return isMapping(value) ? [...value.values()].some(holdsInterpolation) : isInterpolated(value);
}

/** The deepest nesting of lists, dicts and interpolations. */
const maxDepth = 100;

interface Cursor {
  readonly source: Source;
  readonly text: string;
  at: number;
  depth: number;
}

const cursorOf = (source: Source): Cursor => ({ source, text: source.text, at: 0, depth: 0 });

/**
 * Parses a text of a config in OmegaConf 2.3's grammar (OmegaConfGrammarLexer.g4, default mode). Before `${`,
 * each pair of backslashes stands for one, and an odd one makes it plain text. Throws `bad-interpolation`.
 */
export function parseText(source: Source): Text {
  return textParts(cursorOf(source), undefined);
}

/**
 * Returns the interpolation that begins at an offset, and the offset of its end. Its name is undefined if it
 * is not plain text. Returns undefined if no interpolation begins there.
 */
export function interpolationAt(
  source: Source,
  at: number,
): { readonly kind: Interpolation['kind']; readonly name: string | undefined; readonly end: number } | undefined {
  const cursor = { ...cursorOf(source), at };
  const found = attempt(() => parseInterpolation(cursor));
  if (!found) return undefined;
  const parts = found.kind === 'node' ? found.key : found.name;
  const isPlain = parts.every((part) => typeof part === 'string');
  return { kind: found.kind, name: isPlain ? parts.join('') : undefined, end: cursor.at };
}

/**
 * Parses one argument of a resolver, which is also the grammar of `oc.decode`. Throws `bad-interpolation`.
 */
export function parseElement(source: Source): Argument {
  const cursor = cursorOf(source);
  const element = parseArgument(cursor);
  if (cursor.at < source.text.length) unexpected(cursor, { kind: 'end' });
  if (source.text.trim() === '') unexpected({ source, at: 0 }, { kind: 'value' });
  return element;
}

/** Returns the parts of a text up to its end, or up to the closing quote. */
function textParts(cursor: Cursor, quote: string | undefined): Text {
  const { text } = cursor;
  const parts: (string | Interpolation)[] = [];
  let plain = '';
  while (cursor.at < text.length && text[cursor.at] !== quote) {
    const slashes = take(cursor, /\\+/y).length;
    const opens = text.startsWith('${', cursor.at);
    const closes = quote !== undefined && text[cursor.at] === quote;
    if (slashes > 0 && !opens && !closes) {
      plain += '\\'.repeat(slashes);
      continue;
    }
    plain += '\\'.repeat(slashes / 2);
    if (slashes % 2 === 1) plain += opens ? take(cursor, /\$\{/y) : take(cursor, /./y);
    else if (opens) {
      if (plain !== '') parts.push(plain);
      plain = '';
      parts.push(parseInterpolation(cursor));
    } else if (!closes) plain += take(cursor, /\$|[^\\$'"]+|['"]/y);
  }
  if (plain !== '' || parts.length === 0) parts.push(plain);
  return parts;
}

function parseInterpolation(cursor: Cursor): Interpolation {
  const start = cursor.at;
  descend(cursor);
  take(cursor, /\$\{[ \t]*/y);
  const dots = take(cursor, /\.*/y);
  const key: (string | Interpolation)[] = dots === '' ? [] : [dots];
  // A resolver's name consists of names and dots. A key may have other characters.
  let isName = dots === '';
  for (let first = true; ; first = false) {
    const bracket = take(cursor, /\[/y);
    if (bracket === '' && !first && take(cursor, /\./y) === '') break;
    const part = cursor.text.startsWith('${', cursor.at)
      ? parseInterpolation(cursor)
      : take(cursor, /[^\\{}()[\]:. \t'"]+/y);
    if (part === '') unexpected(cursor, { kind: 'key' });
    isName &&= bracket === '' && (typeof part !== 'string' || /^[A-Za-z_]\w*$/.test(part));
    if (bracket !== '') {
      if (take(cursor, /\]/y) === '') unexpected(cursor, { kind: 'closing-bracket', bracket: ']' });
      key.push('[', part, ']');
    } else {
      key.push(...(first ? [part] : ['.', part]));
    }
  }
  if (isName && take(cursor, /[ \t]*:[ \t]*/y) !== '') {
    const args = parseArguments(cursor, '}');
    close(cursor, '}');
    return { kind: 'resolver', name: key, args, source: cursor.text.slice(start, cursor.at) };
  }
  close(cursor, '}');
  return { kind: 'node', key, source: cursor.text.slice(start, cursor.at) };
}

function close(cursor: Cursor, end: '}' | ']'): void {
  if (take(cursor, end === '}' ? /[ \t]*\}/y : /[ \t]*\]/y) === '') {
    unexpected(cursor, { kind: 'closing-bracket', bracket: end });
  }
  cursor.depth--;
}

function descend(cursor: Cursor): void {
  if (++cursor.depth > maxDepth) unexpected(cursor, { kind: 'fewer-levels', most: maxDepth });
}

/** Parses arguments between commas. A missing one is the empty text. */
function parseArguments(cursor: Cursor, end: '}' | ']'): Argument[] {
  if (peek(cursor, new RegExp(`[ \\t]*\\${end}`, 'y'))) return [];
  const items: Argument[] = [];
  do {
    const missing = peek(cursor, new RegExp(`[ \\t]*[,\\${end}]`, 'y'));
    items.push(missing ? { kind: 'quoted', text: [''] } : parseArgument(cursor));
  } while (take(cursor, /[ \t]*,[ \t]*/y) !== '');
  return items;
}

function parseArgument(cursor: Cursor): Argument {
  const character = cursor.text[cursor.at] ?? '';
  switch (character) {
    case '[': {
      descend(cursor);
      take(cursor, /\[[ \t]*/y);
      const items = parseArguments(cursor, ']');
      close(cursor, ']');
      return { kind: 'list', items };
    }
    case '{':
      return parseDict(cursor);
    case "'":
    case '"': {
      const start = cursor.at++;
      const text = textParts(cursor, character);
      if (cursor.text[cursor.at] !== character) {
        unexpected({ ...cursor, at: start }, { kind: 'closing-quote', quote: character });
      }
      cursor.at++;
      return { kind: 'quoted', text };
    }
    default:
      return parseWord(cursor);
  }
}

function parseDict(cursor: Cursor): Argument {
  descend(cursor);
  take(cursor, /\{[ \t]*/y);
  const entries: (readonly [Scalar, Argument])[] = [];
  if (!peek(cursor, /[ \t]*\}/y)) {
    do {
      const { text, escaped } = takeWord(cursor, false);
      const key = String(text[0] ?? '');
      if (take(cursor, /[ \t]*:[ \t]*/y) === '') unexpected(cursor, { kind: 'colon-and-value' });
      entries.push([escaped ? key : readScalar(key), parseArgument(cursor)]);
    } while (take(cursor, /[ \t]*,[ \t]*/y) !== '');
  }
  close(cursor, '}');
  return { kind: 'dict', entries };
}

function parseWord(cursor: Cursor): Argument {
  return { kind: 'word', ...takeWord(cursor, true) };
}

// UNQUOTED_CHAR, ID and numbers of OmegaConf 2.3's lexer. Blanks belong to a word unless its end follows; a
// backslash belongs to it unless it is an escape.
const valuePiece = /\$(?!\{)|[ \t]*:[ \t]*|[\w/\-+.%*@?|]+|\\|[ \t]+(?![ \t]*[,\]}])/y;
const keyPiece = /\$|[\w/\-+.%*@?|]+|\\|[ \t]+(?![ \t]*[:,\]}])/y;

/** Parses a word without quotes. A key of a dict has neither interpolations nor colons. */
function takeWord(cursor: Cursor, isValue: boolean): { readonly text: Text; readonly escaped: boolean } {
  const parts: (string | Interpolation)[] = [];
  let escaped = false;
  let plain = '';
  for (;;) {
    const escapes = take(cursor, /\\[\\()[\]{}:=, \t]/y);
    if (escapes !== '') {
      plain += escapes.slice(1);
      escaped = true;
    } else if (cursor.text.startsWith('${', cursor.at) && isValue) {
      if (plain !== '') parts.push(plain);
      plain = '';
      parts.push(parseInterpolation(cursor));
    } else {
      const piece = take(cursor, isValue ? valuePiece : keyPiece);
      if (piece === '') break;
      plain += piece;
    }
  }
  if (plain !== '') parts.push(plain);
  if (parts.length === 0) unexpected(cursor, { kind: isValue ? 'value' : 'key' });
  return { text: parts, escaped };
}

const take = (cursor: Cursor, pattern: RegExp) => taken(cursor, pattern) ?? '';

const peek = (cursor: Cursor, pattern: RegExp) => taken({ ...cursor }, pattern) !== undefined;

type Expected = Extract<Failure, { readonly reason: 'bad-interpolation' }>['expected'];

function unexpected({ source, at }: Pick<Cursor, 'source' | 'at'>, expected: Expected): never {
  return fail({ reason: 'bad-interpolation', span: { source, offset: at, length: 1 }, expected });
}

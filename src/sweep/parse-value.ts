import { pythonKey, readScalar, type Scalar } from '../values/index.js';
import {
  type Cursor,
  close,
  expected,
  peekDelimiter,
  skipBlanks,
  spanFrom,
  take,
  takeDelimiter,
  unexpectedHere,
} from './cursor.js';
import { type Argument, callFunction } from './functions.js';
import type { DictEntry, Element, OverrideValue } from './override.js';

// Characters that need no quotes in a value, besides blanks and escapes (OverrideLexer.g4 of Hydra 1.3).
const unquotedCharacters = /[A-Za-z0-9_/\-+.$%*@?|:]/;
const escapable = /[\\()[\]{}:=, \t]/;

/** The deepest nesting of lists, dicts and calls. It protects the stack. */
const maxDepth = 200;

/**
 * Parses one value: a word, text in quotes, a list, a dict or a call. The cursor ends after the value.
 * Throws what `parseOverride` throws.
 */
export function parseValue(cursor: Cursor, depth = 0): OverrideValue {
  if (depth > maxDepth) expected(cursor, cursor.at, { kind: 'fewer-levels', most: maxDepth });
  const nested = () => parseValue(cursor, depth + 1);
  const character = cursor.text[cursor.at];
  if (character === '[') return parseList(cursor, nested);
  if (character === '{') return parseDict(cursor, nested);
  if (character === "'" || character === '"') return parseQuoted(cursor, character);
  return parseCall(cursor, nested) ?? parsePlain(cursor, false);
}

/** Parses what a pair of brackets encloses, piece by piece. */
function parseBetween(cursor: Cursor, end: ']' | '}' | ')', piece: () => void): void {
  const start = cursor.at;
  takeDelimiter(cursor);
  if (peekDelimiter(cursor) !== end) parseSeparated(cursor, piece);
  close(cursor, end, start);
}

/** Parses one piece, and another one after each comma. */
export function parseSeparated(cursor: Cursor, piece: () => void): void {
  piece();
  while (peekDelimiter(cursor) === ',') {
    takeDelimiter(cursor);
    piece();
  }
}

function parseList(cursor: Cursor, nested: () => OverrideValue): Element {
  const start = cursor.at;
  const items: OverrideValue[] = [];
  parseBetween(cursor, ']', () => items.push(nested()));
  return { kind: 'list', items, span: spanFrom(cursor, start), made: items.some(isMade) };
}

function parseDict(cursor: Cursor, nested: () => OverrideValue): Element {
  const start = cursor.at;
  const entries = new Map<Scalar, DictEntry>();
  let made = false;
  parseBetween(cursor, '}', () => {
    const key = parsePlain(cursor, true).value;
    if (peekDelimiter(cursor) !== ':') unexpectedHere(cursor, { kind: 'colon-and-value' });
    takeDelimiter(cursor);
    const value = nested();
    made ||= isMade(value);
    const same = pythonKey(key);
    entries.set(same, { key: entries.get(same)?.key ?? key, value });
  });
  return { kind: 'dict', entries: [...entries.values()], span: spanFrom(cursor, start), made };
}

const isMade = (value: OverrideValue) => 'made' in value && value.made;

/** Parses `name(…)`. Throws `override-syntax` if the name is a value: `true(1)` is no call. */
function parseCall(cursor: Cursor, nested: () => OverrideValue): OverrideValue | undefined {
  const start = cursor.at;
  const name = take(cursor, /[A-Za-z_][A-Za-z0-9_-]*(?=[ \t]*\()/y);
  if (name === undefined) return undefined;
  if (typeof readScalar(name) !== 'string') {
    skipBlanks(cursor);
    unexpectedHere(cursor, { kind: 'comma-after-value', name });
  }
  const nameSpan = spanFrom(cursor, start);
  skipBlanks(cursor);
  const args: Argument[] = [];
  parseBetween(cursor, ')', () => args.push(parseArgument(cursor, nested, args.at(-1))));
  return callFunction({ name, nameSpan, args, span: spanFrom(cursor, start) });
}

function parseArgument(cursor: Cursor, nested: () => OverrideValue, before: Argument | undefined): Argument {
  const start = cursor.at;
  const name = take(cursor, /[A-Za-z_][A-Za-z0-9_-]*(?=[ \t]*=)/y);
  const isName = name !== undefined && typeof readScalar(name) === 'string';
  if (isName) takeDelimiter(cursor);
  else cursor.at = start;
  if (!isName && before?.name !== undefined) {
    expected(cursor, start, { kind: 'named-argument' });
  }
  const value = nested();
  return { name: isName ? name : undefined, value, span: spanFrom(cursor, start) };
}

function parseQuoted(cursor: Cursor, quote: "'" | '"'): Element {
  const start = cursor.at;
  let value = '';
  for (let at = start + 1; at < cursor.text.length; at++) {
    const character = cursor.text[at] ?? '';
    if (character === quote) {
      cursor.at = at + 1;
      return { kind: 'quoted', value, quote, span: spanFrom(cursor, start), made: false };
    }
    // Backslashes have a meaning only before a quote of the same kind: each pair stands for one backslash,
    // and an odd one escapes the quote.
    const slashes = character === '\\' ? runOfBackslashes(cursor.text, at) : 0;
    if (slashes > 0 && cursor.text[at + slashes] === quote) {
      value += '\\'.repeat(Math.floor(slashes / 2));
      if (slashes % 2 === 1) value += quote;
      at += slashes - (slashes % 2 === 1 ? 0 : 1);
    } else if (slashes > 0) {
      value += '\\'.repeat(slashes);
      at += slashes - 1;
    } else {
      value += character;
    }
  }
  return expected(cursor, cursor.text.length, { kind: 'closing-quote', quote, column: start + 1 });
}

function runOfBackslashes(text: string, at: number): number {
  let end = at;
  while (text[end] === '\\') end++;
  return end - at;
}

type PlainElement = Extract<Element, { kind: 'plain' }>;

function parsePlain(cursor: Cursor, dictKey: boolean): PlainElement {
  const first = cursor.at;
  let value = '';
  let typed = true;
  let end = first;
  let trimmedLength = 0;
  while (cursor.at < cursor.text.length) {
    const piece = plainPiece(cursor, dictKey);
    if (piece === undefined) break;
    value += piece.value;
    cursor.at += piece.length;
    typed &&= !piece.special;
    if (piece.blank) continue;
    end = cursor.at;
    trimmedLength = value.length;
  }
  if (end === first) unexpectedHere(cursor, { kind: dictKey ? 'key' : 'value' });
  cursor.at = end;
  const text = value.slice(0, trimmedLength);
  const span = spanFrom(cursor, first);
  skipBlanks(cursor);
  return { kind: 'plain', value: typed ? readScalar(text) : text, span, made: false };
}

interface PlainPiece {
  readonly value: string;
  readonly length: number;
  readonly blank: boolean;
  /** True for an escape or an interpolation, which make the whole word text. */
  readonly special: boolean;
}

function plainPiece(cursor: Cursor, dictKey: boolean): PlainPiece | undefined {
  const { text, at } = cursor;
  const character = text[at] ?? '';
  const next = text[at + 1];
  if (character === '\\') {
    return next !== undefined && escapable.test(next)
      ? { value: next, length: 2, blank: false, special: true }
      : { value: '\\', length: 1, blank: false, special: false };
  }
  if (character === '$' && next === '{') return dictKey ? undefined : interpolationPiece(cursor);
  if (character === ' ' || character === '\t') return { value: character, length: 1, blank: true, special: false };
  if (!unquotedCharacters.test(character) || (dictKey && character === ':')) return undefined;
  return { value: character, length: 1, blank: false, special: false };
}

// Hydra's lexer ends an interpolation at the first brace, so interpolations can't be nested without quotes.
function interpolationPiece(cursor: Cursor): PlainPiece {
  const { text, at } = cursor;
  const value = take({ ...cursor }, /\$\{[^{}]+\}/y);
  if (value !== undefined) return { value, length: value.length, blank: false, special: true };
  const stop = at + 2 + (take({ ...cursor, at: at + 2 }, /[^{}]*/y)?.length ?? 0);
  const kind = stop === at + 2 && text[stop] === '}' ? 'interpolation-name' : 'interpolation-end';
  return expected(cursor, stop, { kind }, { kind: 'quote-value' });
}

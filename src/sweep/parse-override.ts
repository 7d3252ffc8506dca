import { fail } from '../core/failure.js';
import type { Source, Span } from '../core/span.js';
import type { DictEntry, Element, Override, OverrideKind } from './override.js';
import { pythonKey, readScalar, type Scalar } from './values.js';

/** A position that moves through the text of one override. */
interface Cursor {
  readonly source: Source;
  readonly text: string;
  at: number;
}

// Hydra 1.3's OverrideLexer.g4: what may stand unquoted in a value beside letters, digits, blanks and escapes.
const unquotedCharacters = /[A-Za-z0-9_/\-+.$%*@?|:]/;
const escapable = /[\\()[\]{}:=, \t]/;
const keyPart = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;
const pathPart = /^([A-Za-z_$][A-Za-z0-9_$-]*|0|[1-9](_?\d)*)$/;
const groupPart = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Lists and dicts may be nested this deep; deeper ones are refused rather than left to the stack. */
const maxDepth = 200;

/**
 * Parses one override in Hydra's grammar, without the functions (`range(…)`, `choice(…)`).
 * Throws `override-syntax` with the place and what was expected there, or `sweep-function`.
 */
export function parseOverride(text: string, sourceName = 'override'): Override {
  const cursor: Cursor = { source: { name: sourceName, text }, text, at: 0 };
  const kind = parseKind(cursor);
  const keyStart = cursor.at;
  const { key, package: pkg } = parseKey(cursor, kind);
  const keySpan = spanFrom(cursor, keyStart);
  const choices = cursor.at < text.length ? parseChoices(cursor) : [];
  return { kind, key, package: pkg, keySpan, choices, span: { source: cursor.source, offset: 0, length: text.length } };
}

function parseKind(cursor: Cursor): OverrideKind {
  const prefix = /^(\+\+?|~)?/.exec(cursor.text)?.[0] ?? '';
  cursor.at = prefix.length;
  if (prefix === '~') return 'delete';
  if (prefix === '+') return 'add';
  return prefix === '++' ? 'set' : 'change';
}

function parseKey(cursor: Cursor, kind: OverrideKind): { key: string; package: string | undefined } {
  const { text } = cursor;
  const start = cursor.at;
  const equals = text.indexOf('=', start);
  const end = equals === -1 ? text.length : equals;
  const keyText = text.slice(start, end);
  const at = keyText.indexOf('@');
  const group = at === -1 ? keyText : keyText.slice(0, at);
  const pkg = at === -1 ? undefined : keyText.slice(at + 1);

  checkGroup(cursor, start, group);
  if (pkg !== undefined) checkPath(cursor, start + at + 1, pkg);
  cursor.at = end;
  if (equals === -1 && kind !== 'delete') {
    const program = /\.(py|sh|R|jl|m?js)$/.test(text)
      ? 'one PROGRAM is enough; words meant for it go after --'
      : undefined;
    expected(cursor, text.length, "'=' and a value", program ?? `words meant for the program go after --: -- ${text}`);
  }
  return { key: group, package: pkg };
}

function checkGroup(cursor: Cursor, start: number, group: string): void {
  if (!group.includes('/')) {
    checkPath(cursor, start, group);
    return;
  }
  let at = start;
  for (const part of group.split('/')) {
    if (!groupPart.test(part)) expected(cursor, at + badOffset(part, /[A-Za-z0-9_-]/), 'the name of a config group');
    at += part.length + 1;
  }
}

function checkPath(cursor: Cursor, start: number, path: string): void {
  if (path === '' || keyPart.test(path)) return;
  let at = start;
  const parts = path.split('.');
  for (const part of parts) {
    if (!pathPart.test(part) || (parts.length === 1 && !keyPart.test(part))) {
      const offset = badOffset(part, /[A-Za-z0-9_$-]/);
      expected(cursor, at + offset, part === '' ? 'a key between the dots' : 'a key', keyHint(part));
    }
    at += part.length + 1;
  }
}

function keyHint(part: string): string | undefined {
  if (part.startsWith('-'))
    return 'options of mlx come before or after the overrides; words for the program go after --';
  return part.includes(' ') ? 'no blanks around the =' : undefined;
}

function badOffset(part: string, allowed: RegExp): number {
  const offset = [...part].findIndex((character) => !allowed.test(character));
  return Math.max(0, offset);
}

function parseChoices(cursor: Cursor): Element[] {
  cursor.at++;
  skipBlanks(cursor);
  if (cursor.at === cursor.text.length) return [emptyElement(cursor)];
  const choices = [parseElement(cursor, 0)];
  while (peekDelimiter(cursor) === ',') {
    takeDelimiter(cursor);
    choices.push(parseElement(cursor, 0));
  }
  if (cursor.at < cursor.text.length) unexpectedHere(cursor, "',' or the end");
  return choices;
}

function emptyElement(cursor: Cursor): Element {
  return { kind: 'plain', value: '', span: { source: cursor.source, offset: cursor.at, length: 0 } };
}

function parseElement(cursor: Cursor, depth: number): Element {
  if (depth > maxDepth) expected(cursor, cursor.at, `at most ${maxDepth} levels of brackets`);
  const character = cursor.text[cursor.at];
  if (character === '[') return parseList(cursor, depth);
  if (character === '{') return parseDict(cursor, depth);
  if (character === "'" || character === '"') return parseQuoted(cursor, character);
  refuseFunction(cursor);
  return parsePlain(cursor, false);
}

function parseList(cursor: Cursor, depth: number): Element {
  const start = cursor.at;
  takeDelimiter(cursor);
  const items: Element[] = [];
  if (peekDelimiter(cursor) !== ']') {
    items.push(parseElement(cursor, depth + 1));
    while (peekDelimiter(cursor) === ',') {
      takeDelimiter(cursor);
      items.push(parseElement(cursor, depth + 1));
    }
  }
  close(cursor, ']', start);
  return { kind: 'list', items, span: spanFrom(cursor, start) };
}

function parseDict(cursor: Cursor, depth: number): Element {
  const start = cursor.at;
  takeDelimiter(cursor);
  const entries = new Map<Scalar, DictEntry>();
  const add = () => {
    const { key, value } = parseEntry(cursor, depth);
    const same = pythonKey(key);
    entries.set(same, { key: entries.get(same)?.key ?? key, value });
  };
  if (peekDelimiter(cursor) !== '}') {
    add();
    while (peekDelimiter(cursor) === ',') {
      takeDelimiter(cursor);
      add();
    }
  }
  close(cursor, '}', start);
  return { kind: 'dict', entries: [...entries.values()], span: spanFrom(cursor, start) };
}

function parseEntry(cursor: Cursor, depth: number): DictEntry {
  const key = parsePlain(cursor, true);
  if (peekDelimiter(cursor) !== ':') unexpectedHere(cursor, "':' and a value");
  takeDelimiter(cursor);
  return { key: key.value, value: parseElement(cursor, depth + 1) };
}

/** Moves past a closing bracket and the blanks before it; blanks after it belong to what follows. */
function close(cursor: Cursor, bracket: ']' | '}', openedAt: number): void {
  if (peekDelimiter(cursor) !== bracket) {
    skipBlanks(cursor);
    if (cursor.at === cursor.text.length) {
      expected(cursor, cursor.at, `'${bracket}' that closes '${cursor.text[openedAt]}'`);
    }
    unexpectedHere(cursor, `',' or '${bracket}'`);
  }
  skipBlanks(cursor);
  cursor.at++;
}

function parseQuoted(cursor: Cursor, quote: "'" | '"'): Element {
  const start = cursor.at;
  let value = '';
  for (let at = start + 1; at < cursor.text.length; at++) {
    const character = cursor.text[at] ?? '';
    if (character === quote) {
      cursor.at = at + 1;
      return { kind: 'quoted', value, quote, span: spanFrom(cursor, start) };
    }
    // A backslash counts only in a run of them in front of a quote of the same kind: there each pair is one, and an
    // odd one keeps the quote from closing.
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
  return expected(cursor, cursor.text.length, `the ${quote} that closes the one at column ${start + 1}`);
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
  if (end === first) unexpectedHere(cursor, dictKey ? 'a key' : 'a value');
  cursor.at = end;
  const text = value.slice(0, trimmedLength);
  const span = spanFrom(cursor, first);
  skipBlanks(cursor);
  return { kind: 'plain', value: typed ? readScalar(text) : text, span };
}

interface PlainPiece {
  readonly value: string;
  readonly length: number;
  readonly blank: boolean;
  /** An escape or an interpolation, which make the whole word text. */
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

function interpolationPiece(cursor: Cursor): PlainPiece {
  const { text, at } = cursor;
  const stop = text.slice(at + 2).search(/[{}]/);
  if (stop <= 0 || text[at + 2 + stop] !== '}') {
    expected(cursor, stop === -1 ? text.length : at + 2 + stop, stop === 0 ? "a name after '${'" : "'}'", quoteHint);
  }
  const value = text.slice(at, at + 2 + stop + 1);
  return { value, length: value.length, blank: false, special: true };
}

function refuseFunction(cursor: Cursor): void {
  const call = /^[A-Za-z_][A-Za-z0-9_]*(?=[ \t]*\()/.exec(cursor.text.slice(cursor.at));
  if (!call) return;
  const span = { source: cursor.source, offset: cursor.at, length: call[0].length };
  fail({ reason: 'sweep-function', span, name: call[0] });
}

/** The delimiter that comes next, blanks before it skipped; undefined where something else does. */
function peekDelimiter({ text, at }: Cursor): string | undefined {
  let ahead = at;
  while (text[ahead] === ' ' || text[ahead] === '\t') ahead++;
  const character = text[ahead];
  return character !== undefined && ',[]{}:'.includes(character) ? character : undefined;
}

/** Moves past a delimiter and the blanks on both sides of it. */
function takeDelimiter(cursor: Cursor): void {
  skipBlanks(cursor);
  cursor.at++;
  skipBlanks(cursor);
}

function skipBlanks(cursor: Cursor): void {
  while (cursor.text[cursor.at] === ' ' || cursor.text[cursor.at] === '\t') cursor.at++;
}

const quoteHint = 'put the value in quotes to take it as it is';

const quoteOnShellHint = 'text with other characters needs quotes inside the override: \'key="…"\'';

function unexpectedHere(cursor: Cursor, what: string): never {
  const character = cursor.text[cursor.at];
  const missing = character === undefined || character === ',' || character === ']' || character === '}';
  return expected(cursor, cursor.at, what, missing ? undefined : quoteOnShellHint);
}

function expected(cursor: Cursor, offset: number, what: string, hint?: string): never {
  const length = offset < cursor.text.length ? 1 : 0;
  const span: Span = { source: cursor.source, offset, length };
  return fail({ reason: 'override-syntax', span, expected: what, hint });
}

function spanFrom(cursor: Cursor, start: number): Span {
  return { source: cursor.source, offset: start, length: cursor.at - start };
}

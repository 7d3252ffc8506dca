import { type Cursor, expected, skipBlanks, spanFrom, take, unexpectedHere } from './cursor.js';
import type { Override, OverrideKind, OverrideValue } from './override.js';
import { parseSeparated, parseValue } from './parse-value.js';

// Hydra 1.3's OverrideLexer.g4 (KEY_SPECIAL, DOT_PATH, ID).
const keyPart = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;
const pathPart = /^([A-Za-z_$][A-Za-z0-9_$-]*|0|[1-9](_?\d)*)$/;
const groupPart = /^[A-Za-z_][A-Za-z0-9_-]*$/;

interface ParseOptions {
  /** The name of the text in messages: `override`, or the file and line that contain it. */
  readonly name?: string;
}

/**
 * Parses one override in Hydra's grammar (GRAMMAR.md). Throws `override-syntax` with a span and what was
 * expected there, `unknown-function`, or `sweep-function` for a function with wrong arguments.
 */
export function parseOverride(text: string, { name = 'override' }: ParseOptions = {}): Override {
  const cursor: Cursor = { source: { name, text }, text, at: 0 };
  const kind = parseKind(cursor);
  const keyStart = cursor.at;
  const { key, package: pkg } = parseKey(cursor, kind);
  const keySpan = spanFrom(cursor, keyStart);
  const value = cursor.at < text.length ? parseValues(cursor) : undefined;
  return { kind, key, package: pkg, keySpan, value, span: { source: cursor.source, offset: 0, length: text.length } };
}

function parseKind(cursor: Cursor): OverrideKind {
  const prefix = take(cursor, /\+\+?|~/y);
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
    const kind = /\.(py|sh|R|jl|m?js)$/.test(text)
      ? 'one-program'
      : /^[\d'"]/.test(text)
        ? 'no-blank-after-equals'
        : undefined;
    expected(cursor, text.length, { kind: 'equals' }, kind ? { kind } : { kind: 'words-after-dashes', text });
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
    if (!groupPart.test(part)) expected(cursor, at + badOffset(part, /[A-Za-z0-9_-]/), { kind: 'group-name' });
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
      expected(cursor, at + offset, { kind: part === '' ? 'key-between-dots' : 'key' }, keyHint(part));
    }
    at += part.length + 1;
  }
}

function keyHint(part: string): Parameters<typeof expected>[3] {
  if (/^[\w.]+:[\w.]*$/.test(part)) {
    return { kind: 'package-renaming' };
  }
  if (part.startsWith('-')) return { kind: 'options-elsewhere' };
  return part.includes(' ') ? { kind: 'no-blanks' } : undefined;
}

function badOffset(part: string, allowed: RegExp): number {
  const offset = [...part].findIndex((character) => !allowed.test(character));
  return Math.max(0, offset);
}

function parseValues(cursor: Cursor): OverrideValue {
  cursor.at++;
  skipBlanks(cursor);
  const start = cursor.at;
  if (start === cursor.text.length) return { kind: 'plain', value: '', span: spanFrom(cursor, start), made: false };
  const items: OverrideValue[] = [];
  parseSeparated(cursor, () => items.push(parseValue(cursor)));
  if (cursor.at < cursor.text.length) unexpectedHere(cursor, { kind: 'comma-or-end' });
  const [first, ...others] = items;
  if (first && others.length === 0) return first;
  return { kind: 'choice', items, simple: true, shuffle: false, tags: [], span: spanFrom(cursor, start) };
}

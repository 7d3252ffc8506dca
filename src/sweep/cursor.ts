import type { Source, Span } from '../core/span.js';
import { type Failure, fail } from '../failures/index.js';

type SyntaxFailure = Extract<Failure, { readonly reason: 'override-syntax' }>;
type Expected = SyntaxFailure['expected'];
type Hint = SyntaxFailure['hint'];

/** A position that advances through the text of one override. */
export interface Cursor {
  readonly source: Source;
  readonly text: string;
  at: number;
}

/**
 * Returns the text that a sticky pattern matches at the cursor,
 * and moves past it. Returns undefined without a match.
 */
export function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

const delimiters = ',[](){}:=';

/** Returns the next delimiter after any blanks; undefined if another character comes next. */
export function peekDelimiter({ text, at }: Cursor): string | undefined {
  let ahead = at;
  while (text[ahead] === ' ' || text[ahead] === '\t') ahead++;
  const character = text[ahead];
  return character !== undefined && delimiters.includes(character) ? character : undefined;
}

/** Moves past a delimiter and the blanks around it. */
export function takeDelimiter(cursor: Cursor): void {
  skipBlanks(cursor);
  cursor.at++;
  skipBlanks(cursor);
}

/**
 * Moves past a closing bracket and the blanks before it,
 * but not past blanks after it, which may belong to a word.
 * Throws `override-syntax` if something else comes next.
 */
export function close(cursor: Cursor, bracket: ']' | '}' | ')', openedAt: number): void {
  if (peekDelimiter(cursor) !== bracket) {
    skipBlanks(cursor);
    if (cursor.at === cursor.text.length) {
      const opened = cursor.text[openedAt] ?? '';
      expected(cursor, cursor.at, { kind: 'closing-bracket', bracket, opened }, { kind: 'quote-override' });
    }
    unexpectedHere(cursor, { kind: 'comma-or-bracket', bracket });
  }
  skipBlanks(cursor);
  cursor.at++;
}

/** Moves past blanks. */
export function skipBlanks(cursor: Cursor): void {
  while (cursor.text[cursor.at] === ' ' || cursor.text[cursor.at] === '\t') cursor.at++;
}

/** Returns the span from `start` to the cursor. */
export function spanFrom(cursor: Cursor, start: number): Span {
  return { source: cursor.source, offset: start, length: cursor.at - start };
}

/** Returns the hint that shows the value of an override in quotes. */
function valueInQuotes(text: string): Hint {
  const [, key = 'key', value = '…'] = /^([^=]*)=([^'"]*)$/.exec(text) ?? [];
  return { kind: 'quotes-inside', key, value };
}

/** Throws `override-syntax` for the character at the cursor; `what` was expected there. */
export function unexpectedHere(cursor: Cursor, what: Expected): never {
  const character = cursor.text[cursor.at];
  const missing = character === undefined || ',])}'.includes(character);
  const cut = character === undefined && /[[{(]/.test(cursor.text) ? ({ kind: 'quote-override' } as const) : undefined;
  return expected(cursor, cursor.at, what, missing ? cut : valueInQuotes(cursor.text));
}

/** Throws `override-syntax` for the character at `offset`; `what` was expected there. */
export function expected(cursor: Cursor, offset: number, what: Expected, hint?: Hint): never {
  const length = offset < cursor.text.length ? 1 : 0;
  const span: Span = { source: cursor.source, offset, length };
  return fail({ reason: 'override-syntax', span, expected: what, hint });
}

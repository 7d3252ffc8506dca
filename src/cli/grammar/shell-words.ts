/** Shells whose command lines are completed. They quote alike, except as noted. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** An open quotation of a shell: single, double, or `$'…'`. */
type Quote = "'" | '"' | "$'";

/** The last word of a command line that is being typed. */
interface OpenWord {
  /** As it was typed, with quotes and backslashes. */
  readonly raw: string;
  /** What the command would receive. Expansions (`$X`, `~`) are not done. */
  readonly value: string;
  /** The quotation that is still open at the end. */
  readonly quote: Quote | undefined;
  /** Where in `raw` bash begins to complete: after its word breaks, and after an open quote. */
  readonly breakAt: number;
}

/** A command line up to the cursor, in words. */
interface ShellLine {
  /** The values of the words before the last one. */
  readonly before: readonly string[];
  readonly last: OpenWord;
}

/** Characters at which bash breaks words for completion: COMP_WORDBREAKS in bash(1). */
const wordBreaks = /[=:@]/;

/** Characters after which another command begins, outside quotes. */
const separators = /[;|&\n]/;

/** Characters that a backslash escapes in double quotes: bash(1), QUOTING. In fish, only some of them. */
const escapedInDouble = /[$`"\\\n]/;

const ansiEscapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', e: '\u001b', a: '\u0007', b: '\b' };

/** Splits the last command of a line into words, as the shell does. The last word may be empty. */
export function readShellLine(line: string, shell: Shell): ShellLine {
  let before: string[] = [];
  let start = 0;
  let value = '';
  let begun = false;
  let quote: Quote | undefined;
  let breakAt = 0;
  let at = 0;
  const add = (text: string, length: number) => {
    value += text;
    begun = true;
    at += length;
  };
  const endWord = () => {
    if (begun) before.push(value);
    at++;
    [value, begun, start, breakAt] = ['', false, at, at];
  };
  while (at < line.length) {
    const [first = '', next = ''] = [line.charAt(at), line.charAt(at + 1)];
    if (quote === undefined) {
      if (/\s/.test(first) && first !== '\n') endWord();
      else if (separators.test(first)) {
        endWord();
        before = [];
      } else if (first === "'" || first === '"') {
        quote = first;
        add('', 1);
        breakAt = at;
      } else if (first === '$' && next === "'" && shell !== 'fish') {
        quote = "$'";
        add('', 2);
        breakAt = at;
      } else if (first === '\\' && next !== '')
        add(shell === 'fish' ? (ansiEscapes[next] ?? next) : next === '\n' ? '' : next, 2);
      else {
        add(first, 1);
        if (wordBreaks.test(first)) breakAt = at;
      }
    } else if (first === quote.at(-1)) {
      quote = undefined;
      add('', 1);
    } else if (first === '\\' && escapes(quote, next, shell)) {
      add(quote === "$'" ? (ansiEscapes[next] ?? next) : next === '\n' ? '' : next, 2);
    } else add(first, 1);
  }
  return { before, last: { raw: line.slice(start), value, quote, breakAt: breakAt - start } };
}

/** Whether a backslash means something before a character in a quotation. */
function escapes(quote: Quote, next: string, shell: Shell): boolean {
  if (next === '') return false;
  if (quote === '"') return escapedInDouble.test(next);
  return quote === "$'" || (shell === 'fish' && (next === "'" || next === '\\'));
}

/**
 * Returns the text that bash puts in place of what it completes, the end `replaced` of a typed word, so that
 * the word becomes `wanted`. Undefined if the word can't be continued to that.
 */
export function bashContinuation(typed: string, replaced: string, wanted: string): string | undefined {
  if (!typed.endsWith(replaced)) return undefined;
  const kept = typed.slice(0, typed.length - replaced.length);
  const { value, quote } = readShellLine(kept, 'bash').last;
  if (!wanted.startsWith(value)) return undefined;
  const text = bashQuoted(wanted.slice(value.length), quote);
  if (quote === undefined) return text;
  // Readline closes an open quote, unless the text ends in that character. It drops the opening one if the
  // text begins with that character (complete.c: append_to_match, insert_match).
  const mark = quote.slice(-1);
  if (text === '' && kept.endsWith(mark)) return mark + mark;
  return `${text.startsWith(mark) ? mark : ''}${text}${text.endsWith(mark) ? mark : ''}`;
}

/** Returns a text as bash reads it, outside quotes or inside of a quotation, which stays open. */
function bashQuoted(text: string, quote: Quote | undefined): string {
  switch (quote) {
    case undefined:
      return text.replace(/[^\w,.:=@%+/\u0080-\uffff-]/g, (one) => ansiText[one] ?? `\\${one}`);
    case "'":
      return text.replace(/[\n\t']/g, (one) => `'${ansiText[one] ?? "\\'"}'`);
    case '"':
      // An exclamation mark has a meaning even in double quotes, and a backslash before it stays.
      return text.replace(/[\n\t!]|[$`"\\]/g, (one) => {
        if (one === '!') return '"\\!"';
        return one in ansiText ? `"${ansiText[one]}"` : `\\${one}`;
      });
    case "$'":
      return text.replace(/[\n\t'\\]/g, (one) => ansiText[one]?.slice(2, -1) ?? `\\${one}`);
  }
}

/** Blanks that a backslash does not keep, or that would disturb the line, as bash writes them. */
const ansiText: Readonly<Record<string, string>> = { '\n': "$'\\n'", '\t': "$'\\t'" };

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bashContinuation, readShellLine } from '../../src/cli/grammar/shell-words.js';
import { quoteWord } from '../../src/core/quote.js';

const text = fc
  .array(fc.constantFrom(...'ab \n\t\'"`$(){}[];&|<>\\!~#*?=:@,.-ü日%^'), { maxLength: 12 })
  .map((characters) => characters.join(''));

/** What a word may begin with: its value, how it is typed, and how much of the end of that bash replaces. */
const beginnings = [
  { value: '', typed: '', replaced: '' },
  { value: 'k=a', typed: 'k=a', replaced: 'a' },
  { value: "it's ", typed: "it\\'s\\ ", replaced: "it\\'s\\ " },
  { value: 'a b', typed: "'a b", replaced: 'a b' },
  { value: 'k=', typed: "k='", replaced: '' },
  { value: 'k=!$', typed: 'k="!\\$', replaced: '!\\$' },
  { value: 'k=', typed: 'k="', replaced: '' },
  { value: 'k=', typed: "k=$'", replaced: '' },
] as const;

/** The line after readline has inserted a match: complete.c, insert_match and append_to_match. */
function inserted({ typed, replaced }: (typeof beginnings)[number], match: string): string {
  const kept = typed.slice(0, typed.length - replaced.length);
  const open = readShellLine(kept, 'bash').last.quote?.slice(-1);
  if (open === undefined) return kept + match;
  const line = (match.startsWith(open) && kept.endsWith(open) ? kept.slice(0, -1) : kept) + match;
  return line.endsWith(open) ? line : line + open;
}

test('what bash inserts makes the word that was offered, whatever is in it', () => {
  const cases = fc.sample(fc.record({ beginning: fc.constantFrom(...beginnings), rest: text }), 500);
  const lines = cases.map(({ beginning, rest }) => {
    const match = bashContinuation(beginning.typed, beginning.replaced, beginning.value + rest) ?? 'none';
    return inserted(beginning, match);
  });
  // Nothing that ends or disturbs the line is in it.
  expect(lines.filter((line) => /[\n\t]/.test(line))).toEqual([]);
  const script = lines.map((line) => `printf '%s\\0' _${line}\n`).join('');
  const output = execFileSync('bash', ['--norc'], { input: script, encoding: 'utf8' });
  expect(output.split('\0').slice(0, -1)).toEqual(cases.map(({ beginning, rest }) => `_${beginning.value}${rest}`));
});

test('a line is split as the shell does', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), text, (words, last) => {
      const line = [...words, last].map(quoteWord).join(' ');
      const read = readShellLine(line, 'bash');
      expect([read.before, read.last.value, read.last.quote]).toEqual([words, last, undefined]);
    }),
  );
});

test.for([
  ['bash', 'cd x; A=1 mlx run a\\ b "c d', { before: ['A=1', 'mlx', 'run', 'a b'], value: 'c d', quote: '"' }],
  ['bash', "mlx show k='x y", { before: ['mlx', 'show'], value: 'k=x y', quote: "'" }],
  ['bash', "mlx $'a\\nb' $'c\\'", { before: ['mlx', 'a\nb'], value: "c'", quote: "$'" }],
  ['bash', 'mlx ', { before: ['mlx'], value: '', quote: undefined }],
  ['fish', "mlx 'it\\'s' a\\nb '", { before: ['mlx', "it's", 'a\nb'], value: '', quote: "'" }],
] as const)('%s reads %s', ([shell, line, expected]) => {
  const { before, last } = readShellLine(line, shell);
  expect({ before, value: last.value, quote: last.quote }).toEqual(expected);
});

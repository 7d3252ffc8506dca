import { expect, expectTypeOf, test } from 'vitest';
import {
  firstGiven,
  inGroup,
  type OptionsOf,
  optionText,
  parseArgs,
  refuseTogether,
} from '../../src/arguments/index.js';
import { commands } from '../../src/cli/commands/index.js';
import { MlxError } from '../../src/failures/index.js';

const rows = inGroup('output', [
  { name: 'dry-run', short: 'n', type: 'flag', help: '' },
  { name: 'max-runs', type: 'count', help: '' },
  { name: 'run-from', type: 'text', choices: ['copy', 'here'], help: '' },
  { name: 'after', type: 'list', help: '' },
  { name: 'scheduler', type: 'optional', help: '' },
  { name: 'store', type: 'text', help: '' },
]);

const parse = (...words: string[]) => parseArgs(words, { name: 'test', options: rows });

test('options that are not given are false, empty lists or undefined', () => {
  expect(parse('a', 'b')).toEqual({
    positionals: ['a', 'b'],
    rest: undefined,
    options: {
      dryRun: false,
      maxRuns: undefined,
      runFrom: undefined,
      after: [],
      scheduler: undefined,
      store: undefined,
    },
  });
});

test('options have their values in their types', () => {
  const words = ['-n', '--max-runs', '3', '--run-from=copy', '--after', '1', '--after=2', '--scheduler', '--', 'c'];
  expect(parse(...words)).toEqual({
    positionals: [],
    rest: ['c'],
    options: {
      dryRun: true,
      maxRuns: 3,
      runFrom: 'copy',
      after: ['1', '2'],
      scheduler: 'auto',
      store: undefined,
    },
  });
});

test('the rows of a command decide the types of its options', () => {
  expectTypeOf<OptionsOf<typeof rows>>().toEqualTypeOf<{
    readonly dryRun: boolean;
    readonly maxRuns: number | undefined;
    readonly runFrom: 'copy' | 'here' | undefined;
    readonly after: readonly string[];
    readonly scheduler: string | undefined;
    readonly store: string | undefined;
  }>();
  // @ts-expect-error: a misspelt name does not compile.
  expect(parse().options.dryrun).toBeUndefined();
});

test('options that exclude each other are named as they are typed', () => {
  const { options } = parse('-n', '--max-runs', '3');
  expect(() => refuseTogether(options, 'dryRun', 'maxRuns')).toThrow(MlxError);
  expect(() => refuseTogether(options, 'dryRun', 'store')).not.toThrow();
  expect(firstGiven(options, ['store', 'after', 'maxRuns'])).toBe('maxRuns');
  expect(optionText('maxRuns')).toBe('--max-runs');
});

test('a command has each option once, and each short form once', () => {
  for (const { name, options } of commands) {
    const words = options.flatMap((option) => [`--${option.name}`, ...(option.short ? [`-${option.short}`] : [])]);
    expect([name, words.filter((word, i) => words.indexOf(word) < i)]).toEqual([name, []]);
  }
});

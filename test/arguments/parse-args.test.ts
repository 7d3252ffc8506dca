import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inGroup, isGiven, parseArgs, splitWords } from '../../src/arguments/index.js';
import { MlxError } from '../../src/failures/index.js';

const rows = inGroup('output', [
  { name: 'dry-run', short: 'n', type: 'flag', help: '' },
  { name: 'quiet', short: 'q', type: 'flag', help: '' },
  { name: 'max-runs', short: 'm', type: 'count', shape: 'N', help: '' },
  { name: 'from', type: 'index', help: '' },
  { name: 'priority', type: 'integer', help: '' },
  { name: 'x-min', type: 'number', help: '' },
  { name: 'time', type: 'duration', help: '' },
  { name: 'run-from', type: 'text', choices: ['copy', 'here'], help: '' },
  { name: 'store', short: 's', type: 'text', help: '' },
  { name: 'after', short: 'a', type: 'list', help: '' },
  { name: 'columns', type: 'list', accepts: (word: string) => /^c\d$/.test(word), help: '' },
  { name: 'scheduler', type: 'optional', accepts: (word: string) => word === 'slurm', help: '' },
]);
const spec = { name: 'test', options: rows };

/** What is given of a command line: its options, its positionals. */
function given(...words: string[]): { options: object; positionals: readonly string[] } {
  const { options, positionals } = parseArgs(words, spec);
  return { options: Object.fromEntries(Object.entries(options).filter(([, value]) => isGiven(value))), positionals };
}

function failure(...words: string[]): unknown {
  try {
    given(...words);
    return undefined;
  } catch (error) {
    return error instanceof MlxError ? error.failure : error;
  }
}

describe('a value is read', () => {
  test.for<[string[], object]>([
    [['--max-runs', '3'], { maxRuns: 3 }],
    [['--max-runs=3'], { maxRuns: 3 }],
    [['-m', '3'], { maxRuns: 3 }],
    [['-m3'], { maxRuns: 3 }],
    [['-m=3'], { maxRuns: 3 }],
    [['--from', '0'], { from: 0 }],
    [['--priority', '-5'], { priority: -5 }],
    [['--priority=-5'], { priority: -5 }],
    [['--x-min', '-.5e1'], { xMin: -5 }],
    [['--time', '1:30:00'], { time: 5400 }],
    [['--run-from', 'copy'], { runFrom: 'copy' }],
    [['--store', '007'], { store: '007' }],
    [['--store', 'a.b=c'], { store: 'a.b=c' }],
    [['--store=--'], { store: '--' }],
    [['--store', 'true'], { store: 'true' }],
    [['-s', ' a '], { store: ' a ' }],
  ])('from %o', ([words, options]) => {
    expect(given(...words)).toEqual({ options, positionals: [] });
  });

  test('of the last one, if an option is repeated', () => {
    expect(given('--max-runs', '1', '-m', '2').options).toEqual({ maxRuns: 2 });
  });
});

describe('a value is refused', () => {
  test.for<[string[], object]>([
    [['--max-runs', '0'], { reason: 'bad-option-value', option: '--max-runs', value: '0' }],
    [['--max-runs', '0x10'], { reason: 'bad-option-value', value: '0x10' }],
    [['--max-runs', '1.5'], { reason: 'bad-option-value' }],
    [['--from', '-1'], { reason: 'bad-option-value', option: '--from' }],
    [['--priority', 'high'], { reason: 'bad-option-value' }],
    [['--x-min', '1e999'], { reason: 'bad-option-value' }],
    [['--x-min', 'nan'], { reason: 'bad-option-value' }],
    [['--time', 'soon'], { reason: 'bad-option-value', value: 'soon' }],
    [['--run-from', 'her'], { reason: 'bad-option-value', near: 'here' }],
    [['--max-runs'], { reason: 'option-needs-value', option: '--max-runs', shape: 'N' }],
    [['--store', '--quiet'], { reason: 'option-needs-value', option: '--store', shape: 'VALUE' }],
    [['--store='], { reason: 'option-needs-value' }],
    [['--after'], { reason: 'option-needs-value', option: '--after' }],
    [['--after='], { reason: 'option-needs-value', option: '--after' }],
    [['--scheduler='], { reason: 'option-needs-value' }],
  ])('in %o', ([words, expected]) => {
    expect(failure(...words)).toMatchObject(expected);
  });
});

describe('a flag', () => {
  test('may stand in a group with others', () => {
    expect(given('-nq').options).toEqual({ dryRun: true, quiet: true });
  });

  test.for([
    ['--dry-run', 'true'],
    ['--dry-run', 'false'],
    ['-n', 'false'],
    ['-qn', 'false'],
  ])('takes no value from the next word: %s %s', ([flag = '', word = '']) => {
    expect(given(flag, word)).toMatchObject({ options: { dryRun: true }, positionals: [word] });
  });

  test.for<[string, string]>([
    ['--dry-run=true', '--dry-run'],
    ['--dry-run=', '--dry-run'],
    ['-n=false', '--dry-run'],
    ['-n=3', '--dry-run'],
    ['-n3', '--dry-run'],
    ['-qn=x', '--dry-run'],
  ])('refuses the value of %s', ([word, option]) => {
    expect(failure(word)).toMatchObject({ reason: 'option-takes-no-value', option });
  });
});

describe('a list', () => {
  test.for<[string[], string[]]>([
    [
      ['--after', '1', '--after=2', '-a', '3'],
      ['1', '2', '3'],
    ],
    [['--after', '-l core=1'], ['-l core=1']],
    [['--after=a=b'], ['a=b']],
    [
      ['-a1', '-a', '2'],
      ['1', '2'],
    ],
    [['-a=2'], ['2']],
    [['-a', 'x=y'], ['x=y']],
  ])('collects the values of %o', ([words, after]) => {
    expect(given(...words)).toEqual({ options: { after }, positionals: [] });
  });

  test('may end a group of flags', () => {
    expect(given('-qa', '1')).toEqual({ options: { quiet: true, after: ['1'] }, positionals: [] });
  });

  test('takes the following words that it knows, and no others', () => {
    expect(given('--columns', 'c1', 'c2', 'd', 'c3')).toEqual({
      options: { columns: ['c1', 'c2'] },
      positionals: ['d', 'c3'],
    });
  });
});

describe('an option with an optional value', () => {
  test.for<[string[], string, string[]]>([
    [['--scheduler'], 'auto', []],
    [['--scheduler', 'slurm', 'x'], 'slurm', ['x']],
    [['--scheduler', 'x'], 'auto', ['x']],
    [['--scheduler=./mine.js'], './mine.js', []],
  ])('reads %o', ([words, scheduler, positionals]) => {
    expect(given(...words)).toEqual({ options: { scheduler }, positionals });
  });
});

describe('an option that does not exist', () => {
  test.for<[string, string | undefined]>([
    ['--dry-rum', '--dry-run'],
    ['--dryRun', '--dry-run'],
    ['--no-dry-run', '--dry-run'],
    ['--dry-run.x', '--dry-run'],
    ['--n-foo', undefined],
    ['-N', '-n'],
    ['--__proto__=1', undefined],
    ['--constructor', undefined],
  ])('is refused: %s', ([word, near]) => {
    expect(failure(word)).toEqual({
      reason: 'unknown-option',
      option: word.replace(/=.*/, ''),
      command: 'test',
      near,
    });
  });
});

test('a word with bytes that are no UTF-8 is refused', () => {
  expect(failure('a', 'b\uFFFD')).toEqual({ reason: 'unreadable-argument', position: 2, problem: 'not-utf8' });
});

test('words that are no options stay as they are typed, in their order', () => {
  const plain = fc.constantFrom('true', 'false', '-', '007', '1e3', '0x10', 'a=b', 'null', '', 'x y', '~k', '+k=1');
  const option = fc.constantFrom(['--quiet'], ['-n'], ['--max-runs', '3'], ['--store=true'], ['-a', 'false'], ['-nq']);
  const piece = fc.oneof(
    plain.map((word) => ({ words: [word], isOption: false })),
    option.map((words) => ({ words, isOption: true })),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const wanted = pieces.filter(({ isOption }) => !isOption).flatMap(({ words }) => words);
      expect(given(...pieces.flatMap(({ words }) => words)).positionals).toEqual(wanted);
    }),
  );
});

test('any words are read or refused, and no value is of another type', () => {
  const start = fc.constantFrom('', '-', '--', '---', '-n', '-a', '--store', '--x-min', '--scheduler', '--quiet');
  const end = fc.oneof(fc.constantFrom('', '=', '=1', '1', '-1', 'true', ' '), fc.string({ maxLength: 3 }));
  const word = fc.tuple(start, end).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (words) => {
      try {
        const { options } = parseArgs(words, spec);
        for (const value of [options.dryRun, options.quiet]) expect(typeof value).toBe('boolean');
        for (const list of [options.after, options.columns]) expect(list.every((one) => one !== '')).toBe(true);
        for (const number of [options.maxRuns, options.from, options.xMin]) {
          expect(number === undefined || Number.isFinite(number)).toBe(true);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(MlxError);
      }
    }),
    { numRuns: 500 },
  );
});

describe('the words of a program', () => {
  const program = { options: rows, programAfter: 1, underscores: true } as const;

  test('begin at --', () => {
    expect(parseArgs(['a', '--', '--quiet', '--'], spec)).toMatchObject({
      positionals: ['a'],
      rest: ['--quiet', '--'],
    });
  });

  test('begin after the positionals, with options of their own', () => {
    expect(splitWords(['-q', 'one', '--store', 'x', 'prog', '-n'], program)).toEqual({
      own: ['-q', 'one', '--store', 'x'],
      rest: ['prog', '-n'],
    });
  });

  test('do not begin at the values of lists', () => {
    expect(splitWords(['--columns', 'c1', 'c2', 'one', 'c3'], program)).toEqual({
      own: ['--columns', 'c1', 'c2', 'one'],
      rest: ['c3'],
    });
  });

  test('keep their underscores', () => {
    expect(splitWords(['--dry_run', 'a_b', 'prog', '--x_y'], program)).toEqual({
      own: ['--dry-run', 'a_b'],
      rest: ['prog', '--x_y'],
    });
  });

  test('are not there if nothing follows', () => {
    expect(splitWords(['one'], program)).toEqual({ own: ['one'], rest: undefined });
  });
});

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeFileAtomic } from '../../src/core/atomic-file.js';
import { clockDuration, humanDuration, localIso, parseDuration } from '../../src/core/clock.js';
import { formatFlatRecord, parseFlatRecord } from '../../src/core/flat-record.js';
import { shortNumber } from '../../src/core/number-text.js';
import { locate } from '../../src/core/span.js';
import { nearest } from '../../src/core/suggest.js';
import { jsonText, printable, printableLine } from '../../src/core/text.js';
import { unprintable } from '../../src/core/unprintable.js';
import { shortNames, wholeName } from '../../src/plots/names/short-names.js';

describe('a time limit', () => {
  const forms: Record<string, number> = {
    '90': 90,
    '1.5': 1.5,
    '90m': 5400,
    '2h30m': 9000,
    '1d': 86_400,
    '1:30': 90,
    '1:30:00': 5400,
    '1-12': 129_600,
    '1-12:30:10': 131_410,
  };
  test.for(Object.entries(forms))('%s is %i seconds', ([text, seconds]) => {
    expect(parseDuration(text)).toBe(seconds);
  });
  test.for(['', '0', '-5', '1x', '1:60', 'h', '1:2:3:4', '12:', 'NaN', '1e3'])('%s is refused', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

test('durations and moments are written as people read them', () => {
  expect([0.04, 12.34, 59.96, 123, 3900, 273_600].map(humanDuration)).toEqual([
    '0.0s',
    '12.3s',
    '1m 00s',
    '2m 03s',
    '1h 05m',
    '3d 04h',
  ]);
  expect(clockDuration(3661.2)).toBe('01:01:02');
  expect(new Date(localIso(new Date(1_795_000_000_000))).getTime()).toBe(1_795_000_000_000);
});

describe('a flat record', () => {
  test('reads back as it was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.string({ unit: 'binary' })), (fields) => {
        fc.pre(Object.keys(fields).length > 0 && Object.values(fields).every((text) => text.isWellFormed()));
        expect(Object.fromEntries(parseFlatRecord(formatFlatRecord(fields)) ?? [])).toEqual(fields);
      }),
    );
  });

  test('cut anywhere is no record, never another one', () => {
    const text = formatFlatRecord({ token: 'abc', launch: 'x y', point: 3, job_id: null });
    for (let length = 0; length < text.length; length++) expect(parseFlatRecord(text.slice(0, length))).toBeUndefined();
    expect(parseFlatRecord(text)?.get('launch')).toBe('x y');
    expect(parseFlatRecord(text)?.has('job_id')).toBe(false);
  });
});

test('a place in a text is told by line and column', () => {
  const source = { name: 'f', text: 'one\ntwö three\r\nfour' };
  expect(locate({ source, offset: 8, length: 5 })).toEqual({
    line: 2,
    column: 5,
    lineText: 'twö three',
    before: 'twö ',
    covered: 'three',
  });
});

test('suggestions are near, or none', () => {
  expect(nearest('slrum', ['slurm', 'sge', 'oar'])).toBe('slurm');
  expect(nearest('--paralel', ['--parallel', '--program'])).toBe('--parallel');
  expect(nearest('rnu', ['run', 'ls'])).toBe('run');
  expect(nearest('xyz', ['slurm', 'sge'])).toBeUndefined();
});

test('text from elsewhere loses what could drive a terminal', () => {
  expect(printable('a\u001b[31mred\u001b[0m\u0007b\u009b\r')).toBe('aredb');
});

test('a file that could not be written leaves nothing behind', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-atomic-'));
  writeFileAtomic(join(directory, 'a'), 'one');
  writeFileAtomic(join(directory, 'a'), 'two');
  expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('two');
  expect(() => writeFileAtomic(join(directory, 'missing', 'a'), 'x')).toThrow(/ENOENT/);
  expect(() => writeFileAtomic(directory, 'x')).toThrow();
  expect(readdirSync(directory)).toEqual(['a']);
});

describe('a number as people read it', () => {
  test.for([
    [0, '0'],
    [-0, '0'],
    [735, '735'],
    [1234567, '1234567'],
    [-123456789012345, '-123456789012345'],
    [0.30000000000000004, '0.3'],
    [0.383449, '0.3834'],
    [1.2345e-17, '1.235e-17'],
    [2.1841467433308296e79, '2.184e+79'],
    [-2.1841467433308296e79, '-2.184e+79'],
    [280800000000000000000, '2.808e+20'],
    [2 ** 53, '9.007e+15'],
    [1e15, '1e+15'],
    [999999999999999.9, '1e+15'],
    [1.7e308, '1.7e+308'],
    [Number.MAX_VALUE, '1.798e+308'],
    [5e-324, '5e-324'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ] as const)('%d is %s', ([value, text]) => {
    expect(shortNumber(value)).toBe(text);
  });

  test('is never long, and never far from the number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(shortNumber(value).length).toBeLessThanOrEqual(17);
        if (Math.abs(value) < 1.797e308)
          expect(Math.abs(Number(shortNumber(value)) - value)).toBeLessThanOrEqual(Math.abs(value) * 5.1e-4);
      }),
    );
  });
});

describe('names that are too long', () => {
  const room = (width: number) => ({ width, between: '  ', widthOf: (text: string) => text.length });
  const name = (head: string, ...pairs: string[]) => ({ head, pairs, tail: '' });

  test('lose the pairs in the middle that tell least', () => {
    const names = [
      name('run 1', 'optimizer.lr=1e-3', 'model=small', 'batch_size=128', 'seed=1'),
      name('run 2', 'optimizer.lr=1e-3', 'model=small', 'batch_size=128', 'seed=2'),
      name('run 3', 'optimizer.lr=1e-2', 'model=small', 'batch_size=128', 'seed=1'),
    ];
    expect(shortNames(names, room(46))).toEqual([
      'run 1  optimizer.lr=1e-3 model=small … seed=1',
      'run 2  optimizer.lr=1e-3 model=small … seed=2',
      'run 3  optimizer.lr=1e-2 model=small … seed=1',
    ]);
    expect(shortNames(names, room(34))).toEqual([
      'run 1  optimizer.lr=1e-3 … seed=1',
      'run 2  optimizer.lr=1e-3 … seed=2',
      'run 3  optimizer.lr=1e-2 … seed=1',
    ]);
  });

  test('keep what differs, also where it is in the middle of a long value', () => {
    const long = 'x'.repeat(60);
    const names = [name('run 1', `path=${long}a${'y'.repeat(10)}`), name('run 2', `path=${long}b${'y'.repeat(10)}`)];
    const short = shortNames(names, room(40));
    expect(new Set(short.map((text) => text.slice(5))).size).toBe(2);
  });

  test('have the number of runs where a list of them is long', () => {
    const group = { head: '', pairs: ['optimizer.lr=1e-3'], tail: 'runs 1, 3, 5, 7, 9, 11, 13', briefTail: '7 runs' };
    expect(shortNames([group], room(30))).toEqual(['optimizer.lr=1e-3  7 runs']);
    expect(shortNames([group], room(60))).toEqual(['optimizer.lr=1e-3  runs 1, 3, 5, 7, 9, 11, 13']);
  });

  test('fit, begin with the head, and are whole where all of them fit', () => {
    const pair = fc.oneof(fc.constant(''), fc.string({ maxLength: 30 }));
    const some = fc
      .integer({ min: 0, max: 6 })
      .chain((count) =>
        fc.array(fc.array(pair, { minLength: count, maxLength: count }), { minLength: 1, maxLength: 8 }),
      );
    fc.assert(
      fc.property(some, fc.integer({ min: 20, max: 80 }), (all, width) => {
        const names = all.map((pairs, i) => ({ head: `run ${i}`, pairs, tail: '' }));
        const short = shortNames(names, room(width));
        expect(Math.max(...short.map((text) => text.length))).toBeLessThanOrEqual(width);
        expect(new Set(short).size).toBe(names.length);
        for (const [i, text] of short.entries()) expect(text.startsWith(`run ${i}`)).toBe(true);
        const whole = names.map((one) => wholeName(one));
        if (whole.every((text) => text.length <= width)) expect(short).toEqual(whole);
      }),
    );
  });
});

test('what is printed has nothing unprintable, and JSON is read back as it was', () => {
  const sign = fc.constantFrom(
    '\u202e',
    '\u2066',
    '\u200f',
    '\u061c',
    '\x1b[31m',
    '\x1b]52;c;x\x07',
    '\x9b1m',
    '\x7f',
    '\n',
    'a',
  );
  const text = fc.array(fc.oneof(sign, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (one) => {
      expect(printable(one)).not.toMatch(unprintable);
      expect(printableLine(one)).not.toMatch(/\n|\t/);
      expect(jsonText({ [one]: [one] })).not.toMatch(unprintable);
      expect(JSON.parse(jsonText({ [one]: [one] }))).toEqual({ [one]: [one] });
    }),
  );
});

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeFileAtomic } from '../../src/core/atomic-file.js';
import { clockDuration, humanDuration, localIso, parseDuration } from '../../src/core/clock.js';
import { formatFlatRecord, parseFlatRecord } from '../../src/core/flat-record.js';
import { locate } from '../../src/core/span.js';
import { nearest } from '../../src/core/suggest.js';
import { printable } from '../../src/core/text.js';

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

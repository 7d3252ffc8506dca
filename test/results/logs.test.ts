import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { LogFollower, type LogLine, readLogTail, readTail } from '../../src/results/index.js';

function newRun(): string {
  const run = mkdtempSync(join(tmpdir(), 'mlx-logs-'));
  onTestFinished(() => rmSync(run, { recursive: true, force: true }));
  return run;
}

/** All lines and pieces of lines that there are. */
function readAll(follower: LogFollower, last: boolean): LogLine[] {
  const lines: LogLine[] = [];
  for (let more = true; more; ) {
    const read = follower.read(last);
    ({ more } = read);
    lines.push(...read.stdout);
  }
  return lines;
}

const joined = (lines: readonly LogLine[]) => lines.map(({ text, whole }) => (whole ? `${text}\n` : text)).join('');

test('however a log grows, its lines are those of a terminal', () => {
  const piece = fc.oneof(
    fc.constantFrom('\n', '\r', '\r\n', 'é', '😀'),
    fc.string({ maxLength: 4 }),
    fc.integer({ min: 65_530, max: 65_540 }).map((size) => 'x'.repeat(size)),
  );
  fc.assert(
    fc.property(fc.array(fc.array(piece, { maxLength: 6 }), { maxLength: 5 }), (writes) => {
      // Pieces of a long line are passed on before a carriage return in it is known.
      fc.pre(writes.flat().every((text) => text.length < 10) || !writes.flat().some((text) => text.includes('\r')));
      const run = newRun();
      const follower = new LogFollower(run, 'all');
      const lines: LogLine[] = [];
      for (const texts of writes) {
        appendFileSync(join(run, 'log.stdout'), texts.join(''));
        lines.push(...readAll(follower, false));
      }
      lines.push(...readAll(follower, true));
      const expected = writes
        .flat()
        .join('')
        .split('\n')
        .map((line) => line.replace(/\r+$/, ''))
        .map((line) => line.slice(line.lastIndexOf('\r') + 1));
      // Without a newline at the end, what is left is a line unless it is empty.
      if (writes.flat().join('').endsWith('\n') || writes.flat().join('') === '') expected.pop();
      expect(joined(lines)).toBe(expected.map((line) => `${line}\n`).join(''));
    }),
    { numRuns: 60 },
  );
});

test('a look at a log takes a bounded piece of it', () => {
  const run = newRun();
  writeFileSync(join(run, 'log.stdout'), 'x'.repeat(3_000_000));
  const follower = new LogFollower(run, 'all');
  const pieces = readAll(follower, true);
  expect(Math.max(...pieces.map(({ text }) => text.length))).toBeLessThan(400_000);
  expect(pieces.map(({ whole }) => whole)).toEqual([...pieces.slice(1).map(() => false), true]);
  expect(pieces.map(({ text }) => text).join('')).toHaveLength(3_000_000);
});

test('a follower that is behind can skip to the end, and stops where it was closed', () => {
  const run = newRun();
  const path = join(run, 'log.stdout');
  writeFileSync(path, 'a line\n'.repeat(100_000));
  const follower = new LogFollower(run, 'all');
  follower.read(false);
  follower.close();
  appendFileSync(path, 'of the next attempt\n');
  const skipped = follower.skip();
  expect(skipped).toBeGreaterThan(300_000);
  const lines = readAll(follower, true);
  expect(lines.length).toBeLessThan(10_000);
  expect(lines.at(-1)?.text).toBe('a line');
  expect(follower.skip()).toBe(0);
});

test('an unfinished progress bar is what was written last', () => {
  const run = newRun();
  const follower = new LogFollower(run, 'all');
  for (let i = 0; i < 100; i++) appendFileSync(join(run, 'log.stderr'), `\r ${i}%|${'#'.repeat(i * 20)}`);
  expect(follower.read(false).stderr).toEqual([]);
  expect(follower.unfinished).toEqual([` 99%|${'#'.repeat(1980)}`]);
});

test('the last lines of a log are short enough to be read', () => {
  const run = newRun();
  writeFileSync(join(run, 'log.stderr'), `${'x'.repeat(1_000_000)}\nValueError\n`);
  expect(readTail(join(run, 'log.stderr'), 2).map((line) => line.length)).toEqual([2001, 10]);
});

test('the last lines of a run are those of its last attempt', () => {
  const run = mkdtempSync(join(tmpdir(), "mlx log's "));
  onTestFinished(() => rmSync(run, { recursive: true }));
  const next = '--- attempt 2, 2026-11-28T07:30:12+00:00 on n1 ---\n';
  writeFileSync(join(run, 'log.stdout'), `first\n${next}second\n`);
  writeFileSync(join(run, 'log.stderr'), `## OAR [2026-11-28 07:30:00] Job 23 KILLED ##\n${next}`);
  expect(readLogTail(run, 5)).toEqual(['second']);
  writeFileSync(join(run, 'log.stderr'), `killed\n${next}warning\n`);
  expect(readLogTail(run, 5)).toEqual(['warning']);
});

import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listArtifacts, openFile, readText } from '../../src/ui/run-files.js';
import { removeAfterTest } from '../rig/rig.js';

function makeRun(): string {
  const run = mkdtempSync(join(tmpdir(), 'mlx-run-'));
  removeAfterTest(run);
  return run;
}

const most = 4096;

test('what follows is read in parts as it comes, and the parts are the whole', () => {
  const run = makeRun();
  let number = 0;
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('\n', 'a\r', '\r\n', '\x1b[31mred\x1b[0m\n', '世界', '\u202e').map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), (pieces, each) => {
      const path = `log.${number++}`;
      writeFileSync(join(run, path), '');
      let at = 0;
      let text = '';
      for (let i = 0; i < pieces.length; i += each) {
        appendFileSync(join(run, path), Buffer.concat(pieces.slice(i, i + each)));
        const part = readText(run, path, { from: at, last: false }, most);
        expect(part?.from).toBe(at);
        at = part?.next ?? 0;
        text += part?.text ?? '';
      }
      text += readText(run, path, { from: at, last: true }, most)?.text ?? '';
      expect(text).toBe(readText(run, path, { from: 0, last: true }, 1e6)?.text);
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

test('from the end backwards the parts are the whole too', () => {
  const run = makeRun();
  const lines = Array.from({ length: 3000 }, (_, i) => `line ${i} ${'ü'.repeat(i % 40)}\n`);
  writeFileSync(join(run, 'log'), lines.join(''));
  const parts = [readText(run, 'log', { tail: most, last: true }, most)];
  while ((parts[0]?.from ?? 0) > 0) parts.unshift(readText(run, 'log', { before: parts[0]!.from }, most));
  expect(parts.map((part) => part?.text).join('')).toBe(lines.join(''));
});

test('a progress bar is the line that it has come to', () => {
  const run = makeRun();
  writeFileSync(join(run, 'log'), 'begun\n 10%\r 20%\r 30%\r');
  expect(readText(run, 'log', { from: 0, last: false }, most)).toMatchObject({
    text: 'begun\n',
    unfinished: ' 30%',
    next: 6,
  });
  appendFileSync(join(run, 'log'), 'done\n');
  expect(readText(run, 'log', { from: 6, last: false }, most)).toMatchObject({ text: 'done\n', unfinished: '' });
});

test('a progress bar with very many states is the last of them', () => {
  const run = makeRun();
  const states = Array.from({ length: 5000 }, (_, i) => `\r ${i} of 5000`);
  writeFileSync(join(run, 'log'), `begun\n${states.join('')}`);
  let [at, text, unfinished] = [0, '', ''];
  for (let i = 0; i < 50; i++) {
    const part = readText(run, 'log', { from: at, last: false }, most);
    [at, text, unfinished] = [part?.next ?? 0, text + part?.text, part?.unfinished ?? ''];
  }
  expect([text, unfinished]).toEqual(['begun\n', ' 4999 of 5000']);
});

test('a line without an end is cut, and a file that was begun anew is read anew', () => {
  const run = makeRun();
  writeFileSync(join(run, 'log'), 'x'.repeat(10_000));
  expect(readText(run, 'log', { from: 0, last: false }, most)).toMatchObject({ next: most });
  writeFileSync(join(run, 'log'), 'anew\n');
  expect(readText(run, 'log', { from: most, last: false }, most)).toMatchObject({ from: 0, text: 'anew\n' });
});

test.for(['../secret', 'artifacts/../../secret', '/etc/passwd', '', '.', 'artifacts', 'artifacts/', 'a\0b', 'missing'])(
  '%j is no file of a run',
  (path) => {
    const run = makeRun();
    mkdirSync(join(run, 'artifacts'));
    writeFileSync(join(run, '..', 'secret'), 'no');
    expect(openFile(run, path)).toBeUndefined();
  },
);

test('a named pipe is not waited for', () => {
  const run = makeRun();
  mkdirSync(join(run, 'artifacts'));
  execFileSync('mkfifo', [join(run, 'artifacts', 'pipe')]);
  symlinkSync('nowhere', join(run, 'artifacts', 'broken'));
  writeFileSync(join(run, 'artifacts', 'a.PNG'), '');
  writeFileSync(join(run, 'artifacts', 'b.json'), '{}');
  expect(listArtifacts(run).files).toEqual([
    { path: 'artifacts/a.PNG', bytes: 0, shows: 'image' },
    { path: 'artifacts/b.json', bytes: 2, shows: 'text' },
  ]);
});

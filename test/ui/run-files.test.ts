import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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
        const part = readText({ directory: run, followLinks: false }, path, { from: at, last: false }, most);
        expect(part?.from).toBe(at);
        at = part?.next ?? 0;
        text += part?.text ?? '';
      }
      text += readText({ directory: run, followLinks: false }, path, { from: at, last: true }, most)?.text ?? '';
      expect(text).toBe(readText({ directory: run, followLinks: false }, path, { from: 0, last: true }, 1e6)?.text);
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

test('from the end backwards the parts are the whole too', () => {
  const run = makeRun();
  const lines = Array.from({ length: 3000 }, (_, i) => `line ${i} ${'ü'.repeat(i % 40)}\n`);
  writeFileSync(join(run, 'log'), lines.join(''));
  const parts = [readText({ directory: run, followLinks: false }, 'log', { tail: most, last: true }, most)];
  while ((parts[0]?.from ?? 0) > 0)
    parts.unshift(readText({ directory: run, followLinks: false }, 'log', { before: parts[0]!.from }, most));
  expect(parts.map((part) => part?.text).join('')).toBe(lines.join(''));
});

test('a progress bar is the line that it has come to', () => {
  const run = makeRun();
  writeFileSync(join(run, 'log'), 'begun\n 10%\r 20%\r 30%\r');
  expect(readText({ directory: run, followLinks: false }, 'log', { from: 0, last: false }, most)).toMatchObject({
    text: 'begun\n',
    unfinished: ' 30%',
    next: 6,
  });
  appendFileSync(join(run, 'log'), 'done\n');
  expect(readText({ directory: run, followLinks: false }, 'log', { from: 6, last: false }, most)).toMatchObject({
    text: 'done\n',
    unfinished: '',
  });
});

test('a progress bar with very many states is the last of them', () => {
  const run = makeRun();
  const states = Array.from({ length: 5000 }, (_, i) => `\r ${i} of 5000`);
  writeFileSync(join(run, 'log'), `begun\n${states.join('')}`);
  let [at, text, unfinished] = [0, '', ''];
  for (let i = 0; i < 50; i++) {
    const part = readText({ directory: run, followLinks: false }, 'log', { from: at, last: false }, most);
    [at, text, unfinished] = [part?.next ?? 0, text + part?.text, part?.unfinished ?? ''];
  }
  expect([text, unfinished]).toEqual(['begun\n', ' 4999 of 5000']);
});

test('a line without an end is cut, and a file that was begun anew is read anew', () => {
  const run = makeRun();
  writeFileSync(join(run, 'log'), 'x'.repeat(10_000));
  expect(readText({ directory: run, followLinks: false }, 'log', { from: 0, last: false }, most)).toMatchObject({
    next: most,
  });
  writeFileSync(join(run, 'log'), 'anew\n');
  expect(readText({ directory: run, followLinks: false }, 'log', { from: most, last: false }, most)).toMatchObject({
    from: 0,
    text: 'anew\n',
  });
});

test.for(['../secret', 'artifacts/../../secret', '/etc/passwd', '', '.', 'artifacts', 'artifacts/', 'a\0b', 'missing'])(
  '%j is no file of a run',
  (path) => {
    const run = makeRun();
    mkdirSync(join(run, 'artifacts'));
    writeFileSync(join(run, '..', 'secret'), 'no');
    expect(openFile({ directory: run, followLinks: false }, path)).toBeUndefined();
  },
);

test('a named pipe is not waited for', async () => {
  const run = makeRun();
  mkdirSync(join(run, 'artifacts'));
  execFileSync('mkfifo', [join(run, 'artifacts', 'pipe')]);
  symlinkSync('nowhere', join(run, 'artifacts', 'broken'));
  writeFileSync(join(run, 'artifacts', 'a.PNG'), '');
  writeFileSync(join(run, 'artifacts', 'b.json'), '{}');
  expect(await listArtifacts({ directory: run, followLinks: false })).toEqual({
    files: [
      { path: 'artifacts/a.PNG', bytes: 0, shows: 'image' },
      { path: 'artifacts/b.json', bytes: 2, shows: 'text' },
      { path: 'artifacts/broken', target: 'nowhere' },
    ],
    more: false,
  });
});

describe('links', () => {
  /** A run with links in it, beside a directory with a file. */
  function makeLinks(): { readonly run: string; readonly elsewhere: string } {
    const run = makeRun();
    const elsewhere = makeRun();
    mkdirSync(join(elsewhere, 'deep'));
    writeFileSync(join(elsewhere, 'secret.txt'), 'secret');
    symlinkSync('..', join(elsewhere, 'deep', 'up'));
    const artifacts = join(run, 'artifacts');
    mkdirSync(artifacts);
    writeFileSync(join(artifacts, 'f.txt'), 'hi');
    symlinkSync('.', join(artifacts, 'a'));
    symlinkSync('.', join(artifacts, 'b'));
    symlinkSync('f.txt', join(artifacts, 'same.txt'));
    symlinkSync(join(elsewhere, 'secret.txt'), join(artifacts, 'file.txt'));
    symlinkSync(elsewhere, join(artifacts, 'out'));
    return { run, elsewhere };
  }
  const served = (run: string, path: string, followLinks: boolean) => {
    const opened = openFile({ directory: run, followLinks }, path);
    if (opened) closeSync(opened.file);
    return opened?.size;
  };

  test('out of a run are listed as links and not served; links to its own files are', async () => {
    const { run, elsewhere } = makeLinks();
    expect(await listArtifacts({ directory: run, followLinks: false })).toEqual({
      files: [
        { path: 'artifacts/a', target: '.' },
        { path: 'artifacts/b', target: '.' },
        { path: 'artifacts/f.txt', bytes: 2, shows: 'text' },
        { path: 'artifacts/file.txt', target: join(elsewhere, 'secret.txt') },
        { path: 'artifacts/out', target: elsewhere },
        { path: 'artifacts/same.txt', bytes: 2, shows: 'text' },
      ],
      more: false,
    });
    expect(served(run, 'artifacts/same.txt', false)).toBe(2);
    for (const path of ['artifacts/file.txt', 'artifacts/out/secret.txt', 'artifacts/out/deep/up/secret.txt'])
      expect(served(run, path, false)).toBeUndefined();
  });

  test('are looked into once where that is asked for', async () => {
    const { run, elsewhere } = makeLinks();
    const { files } = await listArtifacts({ directory: run, followLinks: true });
    expect(files.filter(({ path }) => /file|out/.test(path))).toEqual([
      { path: 'artifacts/file.txt', bytes: 6, shows: 'text' },
      { path: 'artifacts/out/secret.txt', bytes: 6, shows: 'text' },
    ]);
    expect(served(run, 'artifacts/out/secret.txt', true)).toBe(6);
    rmSync(join(run, 'artifacts'), { recursive: true });
    symlinkSync(elsewhere, join(run, 'artifacts'));
    expect((await listArtifacts({ directory: run, followLinks: false })).files).toEqual([
      { path: 'artifacts', target: elsewhere },
    ]);
    expect((await listArtifacts({ directory: run, followLinks: true })).files.map(({ path }) => path)).toEqual([
      'artifacts/secret.txt',
    ]);
  });

  test('in place of a run are followed to a run that was moved, and to nothing else', () => {
    const { run, elsewhere } = makeLinks();
    const link = join(elsewhere, 'link');
    symlinkSync(run, link);
    expect(served(link, 'artifacts/f.txt', false)).toBeUndefined();
    mkdirSync(join(run, 'metadata'));
    expect(served(link, 'artifacts/f.txt', false)).toBe(2);
    expect(served(link, 'artifacts/file.txt', false)).toBeUndefined();
  });
});

test('no more is listed than is shown', async () => {
  const run = makeRun();
  mkdirSync(join(run, 'artifacts', 'many'), { recursive: true });
  for (let i = 0; i < 700; i++) writeFileSync(join(run, 'artifacts', 'many', `${i}`), '');
  writeFileSync(join(run, 'artifacts', 'one'), '');
  const { files, more } = await listArtifacts({ directory: run, followLinks: false });
  expect([files.length, more]).toEqual([500, true]);
  expect(files.map(({ path }) => path)).toContain('artifacts/one');
});

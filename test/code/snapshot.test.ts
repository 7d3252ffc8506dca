import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkOut } from '../../src/code/check-out.js';
import { commitAll } from '../../src/code/commit.js';
import { findRepository, type Repository } from '../../src/code/repository.js';
import { takeSnapshot } from '../../src/code/snapshot.js';
import { inspectWorkTree } from '../../src/code/work-tree.js';
import { soak } from '../rig/rig.js';
import { contentsOf, type GitRig, gitAt, makeGitRig, stateOf } from './git-rig.js';

type Entry =
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string };

const name = fc.constantFrom(
  'a',
  'b',
  'ü n',
  "it's",
  'x;y',
  '-dash',
  '[g]',
  'new\nline',
  '日本',
  '.dot',
  'a.py',
  'c.txt',
);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const entry: fc.Arbitrary<Entry> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('file' as const),
      bytes: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(Buffer.from('one\r\ntwo\r\n'))),
      mode: fc.constantFrom(0o644, 0o755),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('link' as const),
      target: fc.constantFrom('a', '../b', '/nowhere', 'ü n/c.txt'),
    }),
  },
);
const tree = fc.dictionary(path, entry, { maxKeys: 8 });

/** Writes a tree over what is there; where a name is a file and a directory, the first one stands. */
function lay(directory: string, entries: Readonly<Record<string, Entry>>): void {
  for (const [place, one] of Object.entries(entries)) {
    const full = join(directory, place);
    try {
      mkdirSync(dirname(full), { recursive: true });
      rmSync(full, { force: true });
      if (one.kind === 'link') symlinkSync(one.target, full);
      else {
        writeFileSync(full, one.bytes);
        chmodSync(full, one.mode);
      }
    } catch {
      // A directory is a file already, or the other way round.
    }
  }
}

function repositoryOf(entries: Readonly<Record<string, Entry>>, attributes: string): GitRig {
  const rig = makeGitRig();
  writeFileSync(join(rig.directory, '.gitattributes'), attributes);
  writeFileSync(join(rig.directory, '.gitignore'), '.dot\n');
  lay(rig.directory, entries);
  rig.commit();
  return rig;
}

const attributes = fc.constantFrom('', '* text=auto\n', '*.txt eol=crlf\n', '*.py ident\n');
const numRuns = soak ? 400 : 15;

test('a copy is what git checks out, bit for bit', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(tree, attributes, async (entries, text) => {
      const rig = repositoryOf(entries, text);
      const commit = rig.git('rev-parse', 'HEAD');
      const [copy, theirs] = [join(rig.directory, '..', 'copy'), join(rig.directory, '..', 'theirs')];
      for (const place of [copy, theirs]) rmSync(place, { recursive: true, force: true });
      await checkOut(await findRepository(rig.directory), commit, copy);
      rig.git('worktree', 'add', '--quiet', '--detach', theirs, commit);
      expect(contentsOf(copy)).toEqual(contentsOf(theirs));
      expect(gitAt(copy, 'status', '--porcelain')).toBe('');
      expect(gitAt(copy, 'rev-parse', 'HEAD')).toBe(commit);
      rig.git('worktree', 'remove', '--force', theirs);
    }),
    { numRuns },
  );
});

test('a snapshot holds the work tree, and leaves it, the index and the branch as they were', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, tree, fc.boolean(), async (first, staged, changed, untracked) => {
      const rig = repositoryOf(first, '');
      lay(rig.directory, staged);
      rig.git('add', '--all');
      lay(rig.directory, changed);
      const before = stateOf(rig);
      const repository = await findRepository(rig.directory);
      const found = await inspectWorkTree(repository, []);
      const taken = { own: [], untracked };
      const commit = await takeSnapshot(repository, found, taken);
      expect(stateOf(rig)).toEqual(before);
      // The same files give the same commit.
      expect(await takeSnapshot(repository, found, taken)).toBe(commit);
      rig.git('gc', '--quiet', '--prune=now');
      const copy = join(rig.directory, '..', 'copy');
      rmSync(copy, { recursive: true, force: true });
      await checkOut(repository, commit, copy);
      const leftOut = untracked ? [] : rig.git('ls-files', '--others', '--exclude-standard', '-z').split('\0');
      const ignored = rig.git('ls-files', '--others', '--ignored', '--exclude-standard', '-z').split('\0');
      expect(contentsOf(copy)).toEqual(contentsOf(rig.directory, [...leftOut, ...ignored]));
    }),
    { numRuns },
  );
});

/** A file that is committed and changed within one second, its size the same; some time later. */
async function changedAtOnce(rig: GitRig): Promise<Repository> {
  await sleep(1000 - (Date.now() % 1000));
  rig.write('code.txt', 'one\n');
  rig.git('add', '--all');
  rig.git('commit', '--quiet', '--no-verify', '--message', 'a commit');
  rig.write('code.txt', 'two\n');
  await sleep(1100);
  return findRepository(rig.directory);
}

test('a change within the second of the last commit, that leaves the size as it was, is in the snapshot', async () => {
  const rig = makeGitRig();
  const repository = await changedAtOnce(rig);
  const tree = await inspectWorkTree(repository, []);
  expect(tree.changed).toEqual(['code.txt']);
  const commit = await takeSnapshot(repository, tree, { own: [], untracked: false });
  expect(rig.git('show', `${commit}:code.txt`)).toBe('two');
});

test('after a commit that a hook refused, git still sees what changed within the same second', async () => {
  const rig = makeGitRig();
  rig.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
  const repository = await changedAtOnce(rig);
  rig.write('new.txt', 'x');
  const tree = await inspectWorkTree(repository, []);
  await expect(commitAll(repository, tree, { own: [], untracked: true })).rejects.toThrow();
  expect(rig.git('status', '--porcelain')).toBe('M code.txt\n?? new.txt');
});

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };

let clone: string;
const run = (command: string, ...args: string[]) => execa(command, args, { cwd: clone, env: identity, reject: false });
const release = (...args: string[]) => run('npm', 'run', '--silent', 'release', '--', ...args);
const read = (name: string) => readFileSync(join(clone, name), 'utf8');

/** A repository of its own with the working tree as it is, and this one's packages. */
beforeEach(async () => {
  clone = mkdtempSync(join(tmpdir(), 'mlx-release-'));
  onTestFinished(() => rmSync(clone, { recursive: true, force: true }));
  const { stdout } = await execa('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root });
  for (const name of new Set(stdout.split('\0').filter((name) => name !== ''))) {
    mkdirSync(dirname(join(clone, name)), { recursive: true });
    cpSync(join(root, name), join(clone, name), { force: false });
  }
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  writeFileSync(join(clone, '.git-exclude'), 'node_modules\n.git-exclude\n');
  await run('git', 'init', '--quiet');
  await run('git', 'config', 'core.excludesFile', join(clone, '.git-exclude'));
  await run('git', 'add', '--all');
  await run('git', 'commit', '--quiet', '-m', 'all');
});

describe('npm run release', () => {
  test('moves the heading, sets the version, freezes a store, commits and tags', { timeout: 180_000 }, async () => {
    const before = read('CHANGELOG.md');
    const answer = await release('9.8.7');
    expect(answer, `${answer.stdout}\n${answer.stderr}`).toMatchObject({ exitCode: 0 });
    const today = new Date().toISOString().slice(0, 10);
    expect(read('CHANGELOG.md').split('\n').slice(5, 9)).toEqual(['## [Unreleased]', '', `## [9.8.7] - ${today}`, '']);
    expect(read('CHANGELOG.md').replace(`\n## [9.8.7] - ${today}\n`, '')).toBe(before);
    expect(JSON.parse(read('package.json')).version).toBe('9.8.7');
    const lock = JSON.parse(read('package-lock.json'));
    expect([lock.version, lock.packages[''].version]).toEqual(['9.8.7', '9.8.7']);
    expect(read('CITATION.cff')).toContain(`\nversion: 9.8.7\ndate-released: '${today}'\n`);
    const frozen = join(clone, 'test/fixtures/mlx/9.8.7/logs');
    expect(readdirSync(frozen).sort()).toEqual(['.mlx', '1', '2', '3', '4', '5', '6', '7', '9']);
    expect(readdirSync(join(frozen, '.mlx/runtime'))[0]).toMatch(/^9\.8\.7-/);
    const list = await run(process.execPath, 'dist/cli/mlx.cjs', 'list', '--json', '--store', frozen);
    expect(JSON.parse(list.stdout).map(({ status }: { status: string }) => status ?? null)).toEqual([
      ...Array(4).fill('COMPLETE'),
      ...['FAILED', 'TIMEOUT', 'STOPPED', null],
    ]);
    expect((await run('git', 'log', '-1', '--format=%s %D')).stdout).toMatch(/^Release 9\.8\.7 .*tag: v9\.8\.7/);
    expect((await run('git', 'status', '--porcelain')).stdout).toBe('');
  });

  test('--dry-run shows what it would do and changes nothing', async () => {
    const { stdout, exitCode } = await release('9.8.7', '--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout.replaceAll(/\d{4}-\d\d-\d\d/g, 'TODAY')).toBe(
      `CHANGELOG.md: [Unreleased] becomes [9.8.7] - TODAY
package.json, package-lock.json, CITATION.cff: version 9.8.7
test/fixtures/mlx/9.8.7: a store that this version writes
commit 'Release 9.8.7', tag v9.8.7`,
    );
    expect((await run('git', 'status', '--porcelain')).stdout).toBe('');
    expect((await run('git', 'tag')).stdout).toBe('');
  });

  test.for([
    ['9.8', "release: '9.8' is no version such as 1.2.0"],
    ['0.0.1', 'release: 0.0.1 is below 0.1.0, the present version'],
  ])('refuses the version %s', async ([version, message]) => {
    const { stderr, exitCode } = await release(version!);
    expect([exitCode, stderr.replace(/below \d\S*,/, 'below 0.1.0,')]).toEqual([1, message]);
  });

  test('refuses a working tree with changes', async () => {
    writeFileSync(join(clone, 'new.txt'), '');
    const { stderr, exitCode } = await release('9.8.7');
    expect([exitCode, stderr]).toEqual([1, 'release: the working tree has changes:\n?? new.txt']);
  });

  test('refuses a version that has a tag', async () => {
    await run('git', 'tag', 'v9.8.7');
    const { stderr, exitCode } = await release('9.8.7');
    expect([exitCode, stderr]).toEqual([1, 'release: there is a tag v9.8.7 already']);
  });

  test('refuses a changelog with nothing unreleased', async () => {
    writeFileSync(join(clone, 'CHANGELOG.md'), '# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n- all\n');
    await run('git', 'commit', '--quiet', '-am', 'empty');
    const { stderr, exitCode } = await release('9.8.7');
    expect([exitCode, stderr]).toEqual([1, 'release: CHANGELOG.md has no entry under [Unreleased]']);
  });

  test('puts the working tree back if a step fails', async () => {
    writeFileSync(join(clone, 'scripts/build.mjs'), 'process.exit(3);\n');
    await run('git', 'commit', '--quiet', '-am', 'broken');
    expect((await release('9.8.7')).exitCode).toBe(1);
    expect((await run('git', 'status', '--porcelain')).stdout).toBe('');
    expect((await run('git', 'tag')).stdout).toBe('');
  });
});

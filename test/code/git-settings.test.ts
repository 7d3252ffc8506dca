import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { describeCode } from '../../src/code/describe-code.js';
import { gitIn } from '../../src/code/git.js';
import { processStart } from '../../src/core/process.js';
import { waitUntil } from '../rig/rig.js';
import { type GitRig, gitAt, makeGitRig } from './git-rig.js';

/** Dates, so that equal commits have equal ids. */
const dates = { GIT_AUTHOR_DATE: '2024-01-01T00:00:00Z', GIT_COMMITTER_DATE: '2024-01-01T00:00:00Z' };

const lines = (...changed: readonly string[]) =>
  Array.from({ length: 20 }, (_, at) => `${changed[at] ?? `line ${at}`}\n\n`).join('');

/** A project with one commit, whose id is always the same. */
function project(env: NodeJS.ProcessEnv = {}): GitRig {
  const rig = makeGitRig(env);
  rig.write('main.sh', '#!/bin/bash\necho one\n');
  rig.write('code.slow', lines());
  rig.write('sub/größe.txt', lines());
  rig.write('.gitattributes', '*.slow diff=slow\n');
  rig.write('.gitignore', 'logs/\n.workdir/\n');
  rig.git('add', '--all');
  execFileSync('git', ['commit', '--quiet', '--message', 'a commit'], {
    cwd: rig.directory,
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', ...identity, ...dates },
  });
  return rig;
}

const identity = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'A'],
    [`GIT_${who}_EMAIL`, 'a@example.org'],
  ]),
);

/** Makes a program that notes that it ran, and then waits for input that never comes. */
function trap(rig: GitRig, name: string): string {
  const path = join(dirname(rig.directory), name);
  writeFileSync(path, `#!/bin/sh\necho "$0 $*" >> "${dirname(rig.directory)}/ran"\ncat > /dev/null\nexit 1\n`);
  chmodSync(path, 0o755);
  return path;
}

/** What traps of a project ran. */
const ran = (rig: GitRig): string => {
  const file = join(dirname(rig.directory), 'ran');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

const hooks = [
  ...['applypatch-msg', 'pre-applypatch', 'post-applypatch', 'pre-commit', 'pre-merge-commit', 'prepare-commit-msg'],
  ...['commit-msg', 'post-commit', 'post-checkout', 'post-merge', 'pre-auto-gc', 'post-rewrite', 'post-index-change'],
  ...['reference-transaction', 'fsmonitor-watchman'],
];

/** Settings of a user that change what git prints, or that run programs. */
function spoil(rig: GitRig): void {
  const settings = {
    'diff.external': trap(rig, 'external'),
    'diff.slow.textconv': `${trap(rig, 'textconv')} #`,
    'diff.slow.binary': 'true',
    'diff.slow.xfuncname': '^xyz',
    'diff.slow.algorithm': 'patience',
    'core.pager': trap(rig, 'pager'),
    'pager.diff': 'true',
    'core.fsmonitor': trap(rig, 'fsmonitor'),
    'core.editor': trap(rig, 'editor'),
    'gpg.program': trap(rig, 'gpg'),
    'commit.gpgSign': 'true',
    'log.showSignature': 'true',
    'color.ui': 'always',
    'color.diff': 'always',
    'color.status': 'always',
    'core.quotePath': 'true',
    'core.abbrev': '40',
    'diff.noprefix': 'true',
    'diff.mnemonicPrefix': 'true',
    'diff.renames': 'false',
    'diff.context': '0',
    'diff.interHunkContext': '9',
    'diff.algorithm': 'histogram',
    'diff.indentHeuristic': 'false',
    'diff.orderFile': '/nowhere',
    'diff.relative': 'true',
    'diff.submodule': 'log',
    'diff.ignoreSubmodules': 'all',
    'diff.suppressBlankEmpty': 'true',
    'diff.wordRegex': '.',
    'diff.statGraphWidth': '3',
    'status.relativePaths': 'true',
    'status.showStash': 'true',
    'status.showUntrackedFiles': 'no',
    'status.branch': 'true',
    'status.short': 'true',
    'apply.whitespace': 'error',
    'i18n.commitEncoding': 'latin1',
    'i18n.logOutputEncoding': 'utf-16',
    'submodule.recurse': 'true',
  };
  for (const [key, value] of Object.entries(settings)) rig.git('config', key, value);
  const directory = join(rig.directory, '.git/hooks');
  mkdirSync(directory, { recursive: true });
  for (const hook of hooks) {
    rmSync(join(directory, hook), { force: true });
    symlinkSync(trap(rig, `hook-${hook}`), join(directory, hook));
  }
}

/** What launches and diffs of a project leave and print; the same project leaves the same. */
async function outcome(rig: GitRig): Promise<unknown> {
  const run = async (...words: string[]) => {
    const { exitCode, stderr } = await rig.mlx('run', './main.sh', '-q', '--no-config', ...words);
    expect([exitCode, stderr]).toEqual([0, '']);
  };
  await run();
  rig.write('code.slow', lines('changed', 'line 1', 'line 2', 'line 3', 'other'));
  rig.write('sub/größe.txt', lines('changed'));
  rig.write('sub/new ü.txt', 'untracked\n');
  await run();
  await run('--versioned', '--uncommitted', 'snapshot', '--untracked', 'add');
  await run('--versioned', '--uncommitted', 'ignore', '--untracked', 'ignore', '--run-from', 'here');
  const launches = rig.tree('logs/.mlx/launches').filter((path) => path.endsWith('code.yaml'));
  const sums = launches.map((path) => rig.read(join('logs/.mlx/launches', path)).replace(/repository.*|branch.*/g, ''));
  const diff = async (...words: string[]) => (await rig.mlx('diff', ...words)).stdout;
  return {
    sums: sums.sort(),
    snapshot: rig.git('rev-parse', 'refs/heads/main').concat(rig.git('for-each-ref', 'refs/mlx')),
    patch: rig.read('logs/4/metadata/uncommitted.patch'),
    diffs: (await Promise.all([diff('1', '3'), diff('1', '4', '--stat'), diff('3', '4', '--json')]))
      .join('')
      .replaceAll(rig.directory, ''),
  };
}

test('no setting of git changes what mlx records, keeps and prints, or runs a program of the user', {
  timeout: 60_000,
}, async () => {
  const spoilt = project({ GIT_EXTERNAL_DIFF: '/nowhere', GIT_DIFF_OPTS: '-u0', GIT_LITERAL_PATHSPECS: '1' });
  spoil(spoilt);
  const [expected, found] = await Promise.all([outcome(project()), outcome(spoilt)]);
  expect(found).toEqual(expected);
  expect(ran(spoilt)).toBe('');
});

test('git that takes too long is ended, with all that it started', async () => {
  const rig = project();
  const pids = join(dirname(rig.directory), 'pids');
  const hang = `!trap "" INT TERM; echo $$ >> '${pids.replaceAll("'", `'\\''`)}'; sleep 1000 & echo $! >> '${pids}'; wait`;
  const git = gitIn(rig.directory, { seconds: 0.3 });
  const error = await git('-c', `alias.hang=${hang}`, 'hang').catch((one) => one);
  expect(error.failure).toEqual({ reason: 'git-slow', command: 'hang', seconds: 0.3 });
  const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number);
  expect(started).toHaveLength(2);
  await waitUntil(() => started.every((pid) => processStart(pid) === undefined), 'a process is left');
});

test('git has nothing to read', async () => {
  const rig = project();
  expect(await gitIn(rig.directory)('-c', 'alias.read=!cat; echo end', 'read')).toBe('end\n');
});

test('the sum of changes is that of bytes, names and modes', async () => {
  const rig = project();
  const sum = async () => (await describeCode(rig.directory)).diff_sha256;
  expect(await describeCode(rig.directory)).toMatchObject({ modified: false, diff_sha256: null, branch: 'main' });
  rig.write('code.slow', lines('changed'));
  const first = await sum();
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  rig.git('add', 'code.slow');
  rig.git('config', 'diff.algorithm', 'patience');
  writeFileSync(join(rig.directory, '.git/info/attributes'), '*.slow -diff\n');
  expect(await sum()).toBe(first);
  chmodSync(join(rig.directory, 'code.slow'), 0o755);
  const sums = [first, await sum()];
  chmodSync(join(rig.directory, 'code.slow'), 0o644);
  rig.write('code.slow', lines('changes'));
  sums.push(await sum());
  rmSync(join(rig.directory, 'code.slow'));
  sums.push(await sum());
  symlinkSync('main.sh', join(rig.directory, 'code.slow'));
  sums.push(await sum());
  const strange = Buffer.concat([Buffer.from(`${rig.directory}/`), Buffer.from([0x66, 0xfc])]);
  for (const text of ['a', 'b']) {
    writeFileSync(strange, text);
    gitAt(rig.directory, 'add', '--all');
    sums.push(await sum());
  }
  expect(new Set(sums).size).toBe(sums.length);
});

test('a filter that never answers delays the description by its limit, and leaves the commit known', async () => {
  const rig = project();
  const commit = rig.git('rev-parse', 'HEAD');
  rig.write('.git/info/attributes', '*.txt filter=slow\n');
  rig.git('config', 'filter.slow.clean', 'sleep 1000');
  rig.write('sub/größe.txt', lines('changed'));
  expect(await describeCode(rig.directory, 1)).toMatchObject({ commit, branch: 'main', modified: null });
});

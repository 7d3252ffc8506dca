import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type MlxResult, mlxBin, pathOf } from '../rig/rig.js';
import { type GitRig, gitAt, gitEnvironment, makeGitRig, stateOf } from './git-rig.js';

const program = '#!/bin/bash\ncat code.txt; pwd; cat config.yaml 2> /dev/null; exit 0\n';

/** A project with one commit, in which git ignores what mlx writes. */
function project(env: NodeJS.ProcessEnv = {}): GitRig {
  const rig = makeGitRig(env);
  rig.write('.gitignore', 'logs/\n.workdir/\ndata/\n');
  rig.write('main.sh', program);
  rig.write('code.txt', 'one\n');
  rig.commit();
  return rig;
}

const run = ['run', './main.sh', 'i=1', '--versioned', '-q'];
const copyOf = (rig: GitRig, name: string) => join(rig.directory, '.workdir', name);
const infoOf = (rig: GitRig, id: number) => parse(rig.read(`logs/${id}/metadata/info.yaml`)) as Record<string, unknown>;
const output = (rig: GitRig, id: number) => rig.read(`logs/${id}/log.stdout`).split('\n');
const noDate = (text: string) => text.replace(/since .*$/m, 'since …');

/** mlx as somebody who is not root; they own the project then. */
async function unprivileged(rig: GitRig): Promise<(...words: string[]) => Promise<MlxResult>> {
  if (process.getuid?.() !== 0) return rig.mlx;
  const nobody = Number(execaSync('id', ['-u', 'nobody']).stdout);
  const parent = join(rig.directory, '..');
  const dist = join(parent, 'mlx');
  for (const name of ['dist', 'configs', 'package.json']) {
    cpSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), join(dist, name), { recursive: true });
  }
  execaSync('chown', ['-R', String(nobody), parent]);
  return async (...words) => {
    const { stdout, stderr, exitCode } = await execa(process.execPath, [join(dist, 'dist/cli/mlx.cjs'), ...words], {
      cwd: rig.directory,
      env: { ...gitEnvironment, CI: 'true', NO_COLOR: '1', HOME: parent, GIT_CONFIG_COUNT: '0' },
      uid: nobody,
      reject: false,
      stdin: 'ignore',
    });
    return { stdout, stderr, exitCode };
  };
}

describe('a versioned launch', () => {
  test('runs the commit from a copy, whatever is edited later', async () => {
    const rig = project({ LOADEDMODULES: 'cuda/12.4:gcc/13', CUDA_VISIBLE_DEVICES: '0,1' });
    const commit = rig.git('rev-parse', 'HEAD');
    rig.git('remote', 'add', 'origin', 'https://me:secret@example.org/x.git');
    const before = stateOf(rig);
    const { exitCode, stderr } = await rig.mlx(...run, '+mlx.version_manager.compute_requirements=true');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(output(rig, 1).slice(0, 2)).toEqual(['one', copyOf(rig, commit)]);
    expect(stateOf(rig)).toMatchObject({ status: (before as { status: string }).status });
    expect(infoOf(rig, 1)).toMatchObject({
      work_dir: copyOf(rig, commit),
      version_manager: {
        commit_hash: commit,
        repo_path: rig.directory,
        branch: 'main',
        remote: 'https://example.org/x.git',
        modules: ['cuda/12.4', 'gcc/13'],
        environment: { CUDA_VISIBLE_DEVICES: '0,1' },
        interpreter_version: expect.stringContaining('bash'),
        snapshot: false,
        dirty: false,
        copy: copyOf(rig, commit),
      },
    });
    expect(rig.git('rev-parse', `refs/mlx/${commit}`)).toBe(commit);
    rig.write('code.txt', 'two\n');
    // The same commit, the same copy.
    const again = await rig.mlx(...run, '--uncommitted', 'ignore');
    expect([again.exitCode, again.stderr]).toEqual([0, '']);
    expect(output(rig, 2).slice(0, 2)).toEqual(['one', copyOf(rig, commit)]);
    expect(rig.tree('.workdir').filter((name) => /^[^/]*\/$/.test(name))).toEqual([`${commit}/`]);
  });

  test('starts in the directory that it was called in, and reads the config of the commit', async () => {
    const rig = project();
    rig.write('tutorial/main.py', 'import helper, os, sys\nprint(helper.word, os.getcwd(), *sys.argv[1:])\n');
    rig.write('tutorial/helper.py', 'word = "old"\n');
    rig.write('tutorial/configs/config.yaml', 'lr: 0.1\n');
    const commit = rig.commit();
    rig.write('tutorial/helper.py', 'word = "new"\n');
    rig.write('tutorial/configs/config.yaml', 'lr: 0.2\n');
    const { exitCode, stderr } = await execa(
      process.execPath,
      [
        mlxBin,
        'run',
        join(rig.directory, 'tutorial', 'main.py'),
        'lr=1,2',
        '--versioned',
        '--uncommitted=ignore',
        '-q',
      ],
      {
        cwd: join(rig.directory, 'tutorial'),
        env: { ...gitEnvironment, CI: 'true', PYTHONPATH: join(rig.directory, 'tutorial') },
        reject: false,
      },
    );
    expect([exitCode, stderr]).toEqual([0, '']);
    const place = join(rig.directory, 'tutorial', '.workdir', commit, 'tutorial');
    expect(rig.read('tutorial/logs/2/log.stdout')).toBe(`old ${place} lr=2\n`);
    const info = parse(rig.read('tutorial/logs/2/metadata/info.yaml'));
    expect(info).toMatchObject({ work_dir: place, current_file_path: join(place, 'main.py') });
    expect(info.version_manager).toMatchObject({ dirty: true, interpreter_version: expect.stringMatching(/^3\./) });
    // What was left out is known.
    const patch = rig.read('tutorial/logs/2/metadata/uncommitted.patch');
    expect(patch).toContain('+word = "new"');
    expect(lstatSync(join(rig.directory, 'tutorial/logs/1/metadata/uncommitted.patch')).nlink).toBe(3);
    gitAt(join(place, '..'), 'apply', '--check', join(rig.directory, 'tutorial/logs/2/metadata/uncommitted.patch'));
  });

  test('imports from the copy what is installed to be edited, and records what is installed', {
    timeout: 60_000,
  }, async () => {
    const rig = project();
    rig.write('.gitignore', 'logs/\n.workdir/\n.venv/\n');
    rig.write('src/mine/__init__.py', 'word = "old"\n');
    rig.write('src2/other.py', 'word = "old"\n');
    rig.write('main.py', 'import mine, other\nprint(mine.word, other.word)\n');
    const commit = rig.commit();
    execaSync('python3', ['-m', 'venv', '--without-pip', join(rig.directory, '.venv')]);
    const python = join(rig.directory, '.venv/bin/python');
    const { stdout: packages } = execaSync(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']);
    // As pip leaves it: a .pth file for one, an import hook for the other (PEP 660).
    writeFileSync(join(packages, 'mine.pth'), `${join(rig.directory, 'src')}\n`);
    const hook = `import sys, importlib.util
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "other":
            return importlib.util.spec_from_file_location(name, ${JSON.stringify(join(rig.directory, 'src2/other.py'))})
sys.meta_path.append(Finder)
`;
    writeFileSync(join(packages, 'hook_of_other.py'), hook);
    writeFileSync(join(packages, 'other.pth'), 'import hook_of_other\n');
    for (const name of ['mine', 'other']) {
      const info = join(packages, `${name}-1.5.dist-info`);
      mkdirSync(info);
      writeFileSync(join(info, 'METADATA'), `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.5\n`);
      writeFileSync(join(info, 'direct_url.json'), JSON.stringify({ url: 'file:///x', dir_info: { editable: true } }));
    }
    rig.write('src/mine/__init__.py', 'word = "new"\n');
    rig.write('src2/other.py', 'word = "new"\n');
    const words = ['--versioned', '--uncommitted', 'ignore', '--interpreter', '.venv/bin/python', '-q'];
    const record = '+mlx.version_manager.compute_requirements=true';
    const { exitCode, stderr } = await rig.mlx('run', 'main.py', 'i=1', record, ...words);
    expect([exitCode, stderr, output(rig, 1)[0]]).toEqual([0, '', 'old old']);
    expect(infoOf(rig, 1)).toMatchObject({
      work_dir: copyOf(rig, commit),
      version_manager: { requirements: ['mine==1.5', 'other==1.5'], interpreter: python },
    });
    writeFileSync(join(packages, 'mine-1.5.dist-info/METADATA'), 'Metadata-Version: 2.1\nName: mine\nVersion: 1.6\n');
    await rig.mlx('run', 'main.py', 'i=1', record, ...words);
    expect((await rig.mlx('diff', '1', '2')).stdout).toBe(
      '              run 1  run 2\nrequirements\n  mine        1.5    1.6\n',
    );
    expect((await rig.mlx('show', '1')).stdout).toMatch(
      /code +commit [0-9a-f]{10} of main; metadata\/uncommitted\.patch/,
    );
  });

  test('records what the lock file of a Node, R or Julia program names', async () => {
    const rig = project();
    rig.write(
      'package-lock.json',
      '{"packages": {"": {"version": "1.0.0"}, "node_modules/@a/b": {"version": "2.0.0"}}}',
    );
    rig.write('renv.lock', '{"Packages": {"dplyr": {"Package": "dplyr", "Version": "1.1.4"}}}');
    rig.write('Manifest.toml', '[[deps.Dates]]\nuuid = "x"\n[[deps.JSON]]\nversion = "0.21.4"\n');
    const { lockedVersions } = await import('../../src/code/requirements.js');
    const versions = ['deep/main.mjs', 'main.R', 'main.jl', 'main.py'].map((file) => {
      return lockedVersions(join(rig.directory, file), rig.directory)?.versions;
    });
    expect(versions).toEqual([['@a/b==2.0.0'], ['dplyr==1.1.4'], ['JSON==0.21.4'], undefined]);
    rig.write('Manifest.toml', 'no = = toml');
    const broken = lockedVersions(join(rig.directory, 'main.jl'), rig.directory);
    expect(broken).toMatchObject({
      lockFile: { path: 'Manifest.toml', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      versions: null,
    });
  });

  test('without a terminal asks nothing: what would be lost ends it, and nothing is written', async () => {
    const rig = project();
    rig.write('new.txt', 'x');
    rig.write('code.txt', 'two\n');
    const before = stateOf(rig);
    const untracked = await rig.mlx(...run);
    expect(untracked.exitCode).toBe(2);
    expect(untracked.stderr).toContain('1 path of the repository is not in git');
    expect(untracked.stderr).toContain('--untracked add takes them');
    const uncommitted = await rig.mlx(...run, '--untracked', 'ignore');
    expect(uncommitted.exitCode).toBe(2);
    expect(uncommitted.stderr).toContain('    code.txt\n');
    const lost = await rig.mlx(...run, '--untracked', 'add', '--uncommitted', 'ignore');
    expect([lost.exitCode, lost.stderr]).toEqual([2, expect.stringContaining('--untracked add')]);
    expect(stateOf(rig)).toEqual(before);
    expect([existsSync(join(rig.directory, 'logs')), existsSync(join(rig.directory, '.workdir'))]).toEqual([
      false,
      false,
    ]);
  });

  test('a snapshot runs the work tree as it is, and touches nothing', async () => {
    const rig = project();
    rig.write('code.txt', 'two\n');
    rig.write('new.txt', 'x');
    rig.git('add', 'code.txt');
    rig.write('code.txt', 'three\n');
    const before = stateOf(rig);
    const words = [...run, '--uncommitted', 'snapshot', '--untracked'];
    expect(await rig.mlx(...words, 'add')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(output(rig, 1)[0]).toBe('three');
    const { version_manager: code } = infoOf(rig, 1) as { version_manager: Record<string, string> };
    expect(code).toMatchObject({ snapshot: true, dirty: false });
    expect(readFileSync(join(code['copy'] ?? '', 'new.txt'), 'utf8')).toBe('x');
    expect(rig.git('rev-parse', `refs/mlx/${code['commit_hash']}^`)).toBe(rig.git('rev-parse', 'HEAD'));
    expect(await rig.mlx(...words, 'ignore')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(infoOf(rig, 2)).toMatchObject({ version_manager: { snapshot: true, dirty: true } });
    expect(rig.read('logs/2/metadata/uncommitted.patch')).toContain('# untracked: new.txt (1 bytes)\n');
    rmSync(join(rig.directory, 'logs'), { recursive: true });
    rmSync(join(rig.directory, '.workdir'), { recursive: true });
    expect(stateOf(rig)).toEqual(before);
  });

  test('a commit is the user’s own: tracked files and what was chosen, and its hooks have the last word', async () => {
    const rig = project();
    rig.write('code.txt', 'two\n');
    rig.write('new.txt', 'x');
    rig.write('left.txt', 'x');
    rig.git('add', 'left.txt');
    rmSync(join(rig.directory, 'left.txt'));
    const words = [...run, '--untracked', 'add', '--uncommitted', 'commit'];
    const hook = join(rig.directory, '.git/hooks/pre-commit');
    mkdirSync(join(hook, '..'), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "line too long"; exit 1\n', { mode: 0o755 });
    const before = stateOf(rig);
    const refused = await rig.mlx(...words);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('    line too long\n')]);
    expect(stateOf(rig)).toEqual(before);
    rmSync(hook);
    const { exitCode, stderr } = await rig.mlx(...words.filter((word) => word !== '-q'));
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('mlx: automatically committing all changes\n')]);
    expect(rig.git('log', '-1', '--format=%s %an')).toBe('mlx: automatically committing all changes A. U. Thor');
    expect(rig.git('show', '--name-only', '--format=', 'HEAD')).toBe('code.txt\nnew.txt');
    expect(rig.git('status', '--porcelain')).toBe('');
    expect(output(rig, 1)[0]).toBe('two');
  });

  test('runs here on request, with the patch of what was not committed', async () => {
    const rig = project();
    rig.write('code.txt', 'caf\u00e9\n');
    writeFileSync(join(rig.directory, 'code.txt'), Buffer.from('caf\u00e9\n', 'latin1'));
    const { exitCode } = await rig.mlx(...run, '--uncommitted', 'ignore', '--run-from', 'here');
    expect(exitCode).toBe(0);
    expect(existsSync(join(rig.directory, '.workdir'))).toBe(false);
    expect(infoOf(rig, 1)).toMatchObject({ work_dir: rig.directory, version_manager: { copy: null, dirty: true } });
    const patch = readFileSync(join(rig.directory, 'logs/1/metadata/uncommitted.patch'));
    expect(patch.includes(Buffer.from('+caf\u00e9\n', 'latin1'))).toBe(true);
  });

  test('links data in, keeps an interpreter that is no part of the commit, and notes what is missing', async () => {
    const rig = project();
    rig.write('data/x.csv', 'one,two\n');
    rig.write('.venv/bin/bash', '#!/bin/sh\necho of the environment\nexec /bin/bash "$@"\n');
    rig.write('other/y.csv', '');
    rig.write('.gitignore', 'logs/\n.workdir/\ndata/\n.venv/\nother/\n');
    rig.write('main.sh', '#!/bin/bash\ncat data/x.csv\n');
    rig.write('configs/mlx.yaml', 'version_manager: { link: [data] }\n');
    const commit = rig.commit();
    const words = ['run', '--versioned', 'i=1', 'path=other/y.csv', '--', '.venv/bin/bash', 'main.sh'];
    const { exitCode, stderr } = await rig.mlx(...words);
    expect([exitCode, output(rig, 1)]).toEqual([0, ['of the environment', 'one,two', '']]);
    expect(stderr).toContain('other/y.csv is here, and not in the copy');
    expect(readlinkSync(join(copyOf(rig, commit), 'data'))).toBe(join(rig.directory, 'data'));
    for (const [link, problem] of [
      ['/tmp', 'it is not in'],
      ['nowhere', 'it is not there'],
      ['main.sh', 'something else in its place'],
    ]) {
      const refused = await rig.mlx(...run, `+mlx.version_manager.link=[${link}]`);
      expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining(problem ?? '')]);
    }
  });

  test('a read-only copy cannot be written to, is another one than the shared one, and is removed by gc', async () => {
    const rig = project();
    rig.write('main.sh', '#!/bin/bash\ntouch new || echo x >> code.txt\ncat code.txt data/x\n');
    rig.write('data/x', 'linked\n');
    const commit = rig.commit();
    // Root may write to everything; this is for others.
    const asUser = await unprivileged(rig);
    const words = ['run', './main.sh', 'i=1', '--versioned', '-q'];
    const link = '+mlx.version_manager.link=[data]';
    expect(await asUser(...words, '--read-only', link)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(infoOf(rig, 1)).toMatchObject({ work_dir: copyOf(rig, `${commit}-read-only`) });
    expect(rig.read('logs/1/log.stdout')).toBe('one\nlinked\n');
    expect(rig.read('logs/1/log.stderr')).toMatch(/new.*Permission denied\n.*code\.txt: Permission denied\n/);
    // It is found whole, and the shared one can be written to.
    expect(await asUser(...words, '--read-only')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(infoOf(rig, 2)).toMatchObject({ work_dir: copyOf(rig, `${commit}-read-only`) });
    expect((await asUser(...words, link)).exitCode).toBe(0);
    expect(existsSync(join(copyOf(rig, commit), 'new'))).toBe(true);
    const past = new Date(Date.now() - 3_600_000);
    for (const name of [commit, `${commit}-read-only`]) {
      const stores = join('.workdir', name, '.git/mlx/stores');
      for (const store of rig.tree(stores)) utimesSync(join(rig.directory, stores, store), past, past);
    }
    expect(await asUser('gc', '--yes', '--force')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(rig.tree('.workdir')).toEqual([]);
  });

  test('a copy in which code was changed is not used again', async () => {
    const rig = project();
    const commit = rig.git('rev-parse', 'HEAD');
    await rig.mlx(...run);
    writeFileSync(join(copyOf(rig, commit), 'code.txt'), 'wrong\n');
    const { exitCode, stderr } = await rig.mlx(...run);
    expect([exitCode, output(rig, 2)[0]]).toEqual([0, 'one']);
    expect(stderr).toContain('is not used, since code.txt in it was changed');
    expect(infoOf(rig, 2)).toMatchObject({ work_dir: copyOf(rig, `${commit}-2`) });
  });

  test('is right with submodules, filters and links, from a linked work tree and a shallow clone', async () => {
    const inner = makeGitRig();
    inner.write('inner.txt', 'inner\n');
    inner.commit();
    const rig = project();
    rig.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.directory, 'libs/inner');
    rig.write('.gitattributes', '*.up filter=up\n');
    rig.git('config', 'filter.up.clean', 'tr A-Z a-z');
    rig.git('config', 'filter.up.smudge', 'tr a-z A-Z');
    rig.write('word.up', 'WORD\n');
    symlinkSync('code.txt', join(rig.directory, 'link'));
    rig.write('main.sh', '#!/bin/bash\ncat libs/inner/inner.txt word.up; readlink link; git status --porcelain\n');
    const commit = rig.commit();
    expect(await rig.mlx(...run)).toMatchObject({ exitCode: 0, stderr: '' });
    const expected = ['inner', 'WORD', 'code.txt', ''];
    expect(output(rig, 1)).toEqual(expected);
    // Elsewhere: a linked work tree has no files of the submodule, but its commits are here.
    const linked = join(rig.directory, '..', 'linked');
    rig.git('worktree', 'add', '--quiet', '--detach', linked);
    const options = { env: { ...gitEnvironment, CI: 'true' }, reject: false } as const;
    const there = await execa(process.execPath, [mlxBin, ...run], { cwd: linked, ...options });
    expect([there.exitCode, there.stderr]).toEqual([0, '']);
    expect(readFileSync(join(linked, 'logs/1/log.stdout'), 'utf8').split('\n')).toEqual(expected);
    const shallow = join(rig.directory, '..', 'shallow');
    rig.git('clone', '--quiet', '--depth=1', `file://${rig.directory}`, shallow);
    const refused = await execa(process.execPath, [mlxBin, ...run], { cwd: shallow, ...options });
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining('git submodule update --init libs/inner'),
    ]);
    expect(existsSync(join(shallow, '.workdir', commit))).toBe(false);
    gitAt(shallow, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init');
    gitAt(shallow, 'config', 'filter.up.smudge', 'tr a-z A-Z');
    const done = await execa(process.execPath, [mlxBin, ...run], { cwd: shallow, ...options });
    expect([done.exitCode, done.stderr]).toEqual([0, '']);
    // What was changed inside of a submodule is in no commit that could run.
    writeFileSync(join(rig.directory, 'libs/inner/inner.txt'), 'changed\n');
    const changed = await rig.mlx(...run, '--uncommitted', 'snapshot');
    expect([changed.exitCode, changed.stderr]).toEqual([
      2,
      expect.stringContaining("the submodule 'libs/inner' has changes"),
    ]);
    expect((await rig.mlx(...run, '--uncommitted', 'ignore')).exitCode).toBe(0);
    expect(rig.read('logs/2/metadata/uncommitted.patch')).toContain('+changed');
  });
});

test('a batch script is swept from the copy, with its config; it may not name the work tree itself', async () => {
  const rig = project();
  rig.write('sub/config.yaml', 'lr: 1\n');
  rig.write('sub/main.py', 'import os, sys\nprint("old", os.getcwd(), *sys.argv[1:])\n');
  rig.write('script.sh', '#!/bin/bash\necho set up\npython3 sub/main.py lr=1,2\n');
  const commit = rig.commit();
  rig.write('sub/main.py', 'print("new")\n');
  const words = ['sub', 'script.sh', '--here', '-q', '--versioned'];
  const undecided = await rig.mlx(...words);
  expect([undecided.exitCode, undecided.stderr]).toEqual([2, expect.stringContaining('    sub/main.py\n')]);
  const { exitCode, stderr } = await rig.mlx(...words, '--uncommitted', 'ignore');
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(output(rig, 2)).toEqual(['set up', `old ${copyOf(rig, commit)} lr=2`, '']);
  rig.write('away.sh', `#!/bin/bash\n# from ${rig.directory}\ncd "${rig.directory}"\npython3 sub/main.py lr=1,2\n`);
  const away = await rig.mlx(
    'sub',
    'away.sh',
    '--here',
    '--versioned',
    '--untracked',
    'ignore',
    '--uncommitted',
    'ignore',
  );
  expect([away.exitCode, away.stderr]).toEqual([2, expect.stringContaining('away.sh:3:5')]);
});

describe('the questions', () => {
  /** Runs mlx in a terminal in which these lines are typed. */
  async function dialogue(rig: GitRig, lines: readonly string[], ...words: string[]) {
    const quoted = [process.execPath, mlxBin, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const { stdout, exitCode } = await execa('script', ['-qec', quoted, '/dev/null'], {
      cwd: rig.directory,
      env: { ...gitEnvironment, CI: undefined, NO_COLOR: '1', TERM: 'xterm' },
      input: lines.map((line) => `${line}\n`).join(''),
      reject: false,
    });
    return { text: stdout.replace(/\r/g, ''), exitCode };
  }

  test('are asked in turn; nothing is done before the last one is answered', async () => {
    const rig = makeGitRig();
    rig.write('main.sh', program);
    rig.write('code.txt', 'one\n');
    rig.commit();
    rig.write('code.txt', 'two\n');
    rig.write('new.txt', 'x');
    const { text, exitCode } = await dialogue(
      rig,
      ['y', 'b', 'x', 'a', 'c', 'a', 'a'],
      'run',
      './main.sh',
      '+mlxpy.use_version_manager=True',
    );
    expect(exitCode, text).toBe(0);
    expect(text).toContain('Put logs/ and .workdir/ into .gitignore? (y/n)');
    expect(text.match(/There are untracked files in the repository:/g)).toHaveLength(2);
    expect(text).toContain('Please enter one of a, b, c');
    expect(text).toContain('which takes a commit or a snapshot');
    expect(text).toContain('No more uncommitted changes!');
    expect(rig.read('.gitignore')).toBe('/logs/\n/.workdir/\n');
    expect(rig.git('status', '--porcelain')).toBe('');
    expect(output(rig, 1)[0]).toBe('two');
    // Decided once; nothing is left to ask but where to run.
    const second = await dialogue(rig, ['b'], 'run', './main.sh', '--versioned');
    expect([second.exitCode, infoOf(rig, 2)['work_dir']]).toEqual([0, rig.directory]);
    expect(second.text).not.toContain('.gitignore');
  });

  test('that are not answered end the launch, and leave all as it was', async () => {
    const rig = project();
    rig.write('code.txt', 'two\n');
    const before = stateOf(rig);
    // Ctrl-D at the second question.
    const { text, exitCode } = await dialogue(rig, ['a\u0004'], 'run', './main.sh', '--versioned');
    expect([exitCode, text]).toEqual([130, expect.stringContaining('--run-from')]);
    expect(stateOf(rig)).toEqual(before);
  });
});

describe('what is wrong with a repository is said once, and nothing is changed', () => {
  const refusals: Record<string, (rig: GitRig) => readonly string[] | undefined> = {
    'a merge under way': (rig) => {
      rig.git('checkout', '-q', '-b', 'other');
      rig.write('code.txt', 'other\n');
      rig.commit();
      rig.git('checkout', '-q', 'main');
      rig.write('code.txt', 'mine\n');
      rig.commit();
      try {
        rig.git('merge', '-q', 'other');
      } catch {
        // The conflict is what is wanted.
      }
      return ["a merge is under way in '", 'git merge --abort'];
    },
    'a rebase under way': (rig) => {
      mkdirSync(join(rig.directory, '.git/rebase-merge'));
      return ["a rebase is under way in '"];
    },
    'a detached HEAD': (rig) => {
      rig.git('checkout', '-q', '--detach');
      rig.write('code.txt', 'two\n');
      return ['is on no branch', 'git switch -c NAME'];
    },
    'a lock left behind': (rig) => {
      rig.write('code.txt', 'two\n');
      rig.write('.git/index.lock', '');
      return ['another git is at work in the repository', 'remove that file'];
    },
    'another owner': (rig) => {
      if (process.getuid?.() !== 0) return undefined;
      execaSync('chown', ['-R', 'nobody', rig.directory]);
      return ['belongs to another user', 'safe.directory'];
    },
    'no commit yet': (rig) => {
      rmSync(join(rig.directory, '.git'), { recursive: true });
      rig.git('init', '--quiet');
      return ['has no commit yet'];
    },
    'no repository': (rig) => {
      rmSync(join(rig.directory, '.git'), { recursive: true });
      return ['is in no git repository', 'git init'];
    },
    'a bare repository': (rig) => {
      rig.git('config', 'core.bare', 'true');
      return ['belongs to a bare repository'];
    },
    'a program that is not in the commit': (rig) => {
      rig.git('rm', '-q', '--cached', 'main.sh');
      rig.write('.git/info/exclude', 'main.sh\n');
      rig.git('commit', '-q', '-m', 'without');
      return ["/main.sh' is not in commit", '--untracked add'];
    },
  };
  test.for(Object.keys(refusals))('%s', { timeout: 60_000 }, async (name, context) => {
    const rig = project({ GIT_CEILING_DIRECTORIES: '/tmp' });
    const words = refusals[name]?.(rig);
    if (!words) return context.skip('only root can give files away');
    const before =
      existsSync(join(rig.directory, '.git', 'index')) && name !== 'another owner' && name !== 'a bare repository'
        ? stateOf(rig)
        : undefined;
    const { exitCode, stderr } = await rig.mlx(...run, '--uncommitted', 'commit', '--untracked', 'ignore');
    expect([exitCode, noDate(stderr)]).toEqual([2, expect.stringMatching(/^mlx: /)]);
    for (const word of words) expect(stderr).toContain(word);
    if (before) expect(stateOf(rig)).toEqual(before);
    expect(existsSync(join(rig.directory, 'logs'))).toBe(false);
  });

  test('no git, and one that is too old', async () => {
    const none = project({ PATH: pathOf('bash', 'cat') });
    const missing = await none.mlx(...run);
    expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining('there is no git on PATH')]);
    const bin = join(none.directory, '..', 'bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'git'),
      '#!/bin/sh\ncase "$*" in *version*) echo git version 1.8.3;; *) echo "usage: git" >&2; exit 129;; esac\n',
      { mode: 0o755 },
    );
    const old = project({ PATH: `${bin}:${pathOf('bash', 'cat')}` });
    const refused = await old.mlx(...run);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('git version 1.8.3 is too old')]);
  });

  test('options of a fixed version without one, and settings that are none', async () => {
    const rig = project();
    const alone = await rig.mlx('run', './main.sh', '--read-only');
    expect([alone.exitCode, alone.stderr]).toEqual([2, expect.stringContaining('add --versioned')]);
    const setting = await rig.mlx(...run, '+mlx.version_manager.untracked=all');
    expect([setting.exitCode, setting.stderr]).toEqual([
      2,
      expect.stringContaining('expected ask, add, ignore or fail'),
    ]);
    // What is wrong with the words is found before any question or commit.
    rig.write('code.txt', 'two\n');
    const word = await rig.mlx('run', './main.sh', 'a=[', '--versioned', '--uncommitted', 'commit');
    expect([word.exitCode, rig.git('rev-list', '--count', 'HEAD')]).toEqual([2, '1']);
  });

  test('a dry run tells what is to be decided, and writes nothing', async () => {
    const rig = project();
    rig.write('code.txt', 'two\n');
    const before = stateOf(rig);
    const { exitCode, stdout } = await rig.mlx('run', './main.sh', 'i=1', '--versioned', '--dry-run');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('still to be decided: 1 uncommitted path')]);
    expect(stateOf(rig)).toEqual(before);
  });
});

describe('afterwards', () => {
  test('rerun, resume and diff use the code that ran', async () => {
    const rig = project();
    const commit = rig.git('rev-parse', 'HEAD');
    await rig.mlx(...run);
    rig.write('code.txt', 'two\n');
    rig.write('main.sh', program.replace('pwd', 'echo changed'));
    await rig.mlx('run', './main.sh', 'i=2', '--versioned', '-q', '--uncommitted', 'snapshot');
    rig.git('checkout', '-q', '.');
    rmSync(join(rig.directory, '.workdir'), { recursive: true });
    rig.git('gc', '--quiet', '--prune=now');
    // The copy is made again.
    const again = await rig.mlx('rerun', '2');
    expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining('Creating a copy of commit')]);
    expect(output(rig, 3)[0]).toBe('two');
    expect(infoOf(rig, 3)['version_manager']).toEqual(infoOf(rig, 2)['version_manager']);
    const { stdout } = await rig.mlx('diff', '1', '2');
    expect(stdout).toMatch(/^ +run 1 +run 2\noverrides\n {2}i +1 +2\nconfig\n {2}i +1 +2\n/);
    expect(stdout).toContain('-one\n+two\n');
    expect((await rig.mlx('diff', '1', '2', '--stat')).stdout).toMatch(/code\.txt \| 2 \+-/);
    expect((await rig.mlx('diff', '2', '3')).stdout).toBe('runs 2 and 3 differ in nothing that is recorded\n');
    const json = JSON.parse((await rig.mlx('diff', '1', '2', '--json')).stdout);
    expect(json).toMatchObject({ config: [{ key: 'i', from: 1, to: 2 }], code: { from: { commit } } });
    // A run that was not versioned, at a commit that held all.
    await rig.mlx('run', './main.sh', 'i=4', '-q');
    rig.write('code.txt', 'later\n');
    const old = await rig.mlx('rerun', '4', '--versioned', '-q');
    expect([old.exitCode, output(rig, 5).slice(0, 2)]).toEqual([0, ['one', copyOf(rig, commit)]]);
    await rig.mlx('run', './main.sh', 'i=6', '-q');
    const unknown = await rig.mlx('rerun', '6', '--versioned');
    expect([unknown.exitCode, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('run 6 ran code that no commit holds'),
    ]);
  });

  test('differences of code that was never committed', async () => {
    const rig = project();
    for (const word of ['two', 'three']) {
      rig.write('code.txt', `${word}\n`);
      await rig.mlx(...run, '--uncommitted', 'ignore', '--run-from', 'here');
    }
    const { stdout } = await rig.mlx('diff', '1', '2');
    expect(stdout).toContain('with changes');
    expect(stdout).toContain('-two\n+three\n');
    expect((await rig.mlx('diff', '1')).stderr).toContain('second ID');
  });

  test('gc removes copies that nothing uses, keeps what runs wrote, and commits that runs name', async () => {
    const rig = project();
    const first = rig.git('rev-parse', 'HEAD');
    await rig.mlx(...run);
    rig.write('code.txt', 'two\n');
    rig.write('main.sh', '#!/bin/bash\necho result > result.txt\n');
    const second = rig.commit();
    await rig.mlx(...run);
    const settled = () => {
      const copies = [first, second].map((commit) => join('.workdir', commit, '.git/mlx/stores'));
      for (const stores of [...copies, '.git/mlx/stores']) {
        const past = new Date(Date.now() - 3_600_000);
        for (const name of rig.tree(stores)) utimesSync(join(rig.directory, stores, name), past, past);
      }
    };
    // A launch has just said that it uses them.
    expect((await rig.mlx('gc', '--dry-run')).stdout).toContain('nothing to remove');
    settled();
    const shown = await rig.mlx('gc', '--dry-run');
    expect(shown.stdout).toContain(`.workdir/${first}  a copy of code that no unfinished run uses, `);
    expect(shown.stdout).toContain('in which runs wrote result.txt (--force removes them too)');
    expect(shown.stdout).not.toContain('refs/mlx');
    expect((await rig.mlx('gc', '-y')).stdout).toContain('removed 1 thing');
    expect(rig.tree('.workdir').filter((name) => /^[^/]*\/$/.test(name))).toEqual([`${second}/`]);
    // Wherever a launch made it.
    const force = ['gc', '-y', '--force', '--store', join(rig.directory, 'logs')];
    const elsewhere = join(rig.directory, 'elsewhere');
    mkdirSync(elsewhere);
    const { stdout: removed } = await execa(process.execPath, [mlxBin, ...force], {
      cwd: elsewhere,
    });
    expect(removed).toContain('removed 1 thing');
    rmSync(join(rig.directory, 'logs/1'), { recursive: true });
    expect((await rig.mlx('gc', '-y')).stdout).toContain(`refs/mlx/${first.slice(0, 10)}  a commit that no run names`);
    expect(rig.git('for-each-ref', '--format=%(refname)', 'refs/mlx')).toBe(`refs/mlx/${second}`);
  });

  test('gc leaves alone what an unfinished run uses, of whatever store', async () => {
    const rig = project();
    rig.write('main.sh', '#!/bin/bash\nwhile [ ! -e "$MLX_LOG_DIR/../../go" ]; do sleep 0.1; done\n');
    const commit = rig.commit();
    const running = rig.start([...run, '--store', 'other']);
    await expect.poll(() => existsSync(join(rig.directory, 'other/1/log.stdout')), { timeout: 20_000 }).toBe(true);
    const [name = ''] = rig.tree(join('.workdir', commit, '.git/mlx/stores'));
    const past = new Date(Date.now() - 3_600_000);
    utimesSync(join(copyOf(rig, commit), '.git/mlx/stores', name), past, past);
    await rig.mlx('run', './main.sh', 'i=1', '--dry-run');
    mkdirSync(join(rig.directory, 'logs/.mlx'), { recursive: true });
    expect((await rig.mlx('gc', '--dry-run')).stdout).toContain('nothing to remove');
    rig.write('go', '');
    expect((await running).exitCode).toBe(0);
    expect((await rig.mlx('gc', '--dry-run')).stdout).toContain(commit);
  });
});

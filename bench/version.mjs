import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { internals } from '../scripts/internals.mjs';
import { freshDirectory, interleaved, run, times } from './measure.mjs';

const { fixCode, lookAtCode } = await import(internals('code'));

const files = 20_000;
const megabyte = 2 ** 20;

/** A repository of 20,000 files of 4 kB, with as many megabytes in its history. */
async function repository(directory, megabytes) {
  const git = (...words) => run(['git', ...words], { cwd: directory });
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'bench');
  await git('config', 'user.email', 'bench@localhost');
  await git('config', 'core.compression', '0');
  const child = spawn('git', ['fast-import', '--quiet', '--big-file-threshold=1g'], {
    cwd: directory,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const write = (text) => child.stdin.write(text) || new Promise((resolve) => child.stdin.once('drain', resolve));
  const who = 'committer bench <bench@localhost> 1700000000 +0000\n';
  await write(`commit refs/heads/main\n${who}data 3\nbig\n`);
  for (let at = 0; at < megabytes; at += 4) {
    await write(`M 100644 inline history/${at}.bin\ndata ${4 * megabyte}\n`);
    await write(randomBytes(4 * megabyte));
    await write('\n');
  }
  await write(`commit refs/heads/main\n${who}data 5\nfiles\ndeleteall\n`);
  await write('M 100644 inline .gitignore\ndata 17\n.workdir/\nlogs/\n\n\n');
  for (let i = 0; i < files; i++) {
    const text = `${i}\n`.padEnd(4096, `line ${i}\n`);
    await write(`M 100644 inline d${i % 100}/s${i % 7}/${i}.py\ndata ${Buffer.byteLength(text)}\n${text}\n`);
  }
  child.stdin.end('done\n');
  await new Promise((resolve) => child.on('exit', resolve));
  await git('reset', '--quiet', '--hard', 'main');
}

/** Fixing the version of the code, beside what git alone takes for a work tree or a look at it. */
export async function* version({ quick }) {
  const directory = freshDirectory();
  await repository(directory, quick ? 64 : 1024);
  const parent = join(directory, '.workdir');
  const store = join(directory, 'logs');
  const places = { own: [store, parent], store, parent, readOnly: false, links: [], needed: [] };
  const fix = async (uncommitted) => {
    const begin = performance.now();
    const code = await lookAtCode(directory, places.own, parent);
    await fixCode(code, { untracked: 'ignore', uncommitted, runFrom: 'copy' }, places, () => {});
    return performance.now() - begin;
  };
  const git = async (...words) => (await run(['git', ...words], { cwd: directory })).milliseconds;
  const rounds = quick ? 3 : 7;
  let count = 0;
  const worktree = async () => {
    const place = join(freshDirectory(), 'tree');
    return git('worktree', 'add', '--quiet', '--detach', place);
  };
  const snapshot = async () => {
    appendFileSync(join(directory, 'd1/s1/1.py'), `${count++}\n`);
    return fix('snapshot');
  };
  const [ours, theirs] = await interleaved([snapshot, worktree], rounds);
  yield {
    what: `snapshot and copy of ${files.toLocaleString('en')} files (${Math.round(ours)} ms)`,
    beside: `git worktree add (${Math.round(theirs)} ms)`,
    ratio: times(ours, theirs),
    goal: 'at most 1.5',
  };
  await git('checkout', '--quiet', '.');
  // Git reads what was written within its own last second once more; then it knows.
  for (let i = 0; i < 2; i++) await fix('ignore');
  const [again, status] = await interleaved([() => fix('ignore'), () => git('status')], rounds * 3);
  yield {
    what: `a second launch of the same commit, this step (${Math.round(again)} ms)`,
    beside: `git status (${Math.round(status)} ms)`,
    ratio: times(again, status),
    goal: 'at most 2',
  };
}

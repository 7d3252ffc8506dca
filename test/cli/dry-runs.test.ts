import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { makeRig, mlxBin, type Rig } from '../rig/rig.js';

async function makeStore(): Promise<Rig> {
  const rig = makeRig();
  rig.write('p.sh', 'exit "${1#code=}"\n');
  await rig.mlx('run', 'p.sh', '--no-config', 'code=0,1', '-q');
  expect((await rig.mlx('submit', '--local', '-q', './p.sh', 'code=0')).exitCode).toBe(0);
  return rig;
}

test('a dry run of what changes runs says what it would do, and changes nothing', async () => {
  const rig = await makeStore();
  // The index of ended runs is a cache that any command may write.
  await rig.mlx('list');
  const files = rig.tree('logs').map((path) => [path, path.endsWith('/') ? '' : rig.read(`logs/${path}`)]);
  const answers: [string, string][] = [
    ['delete 1-3 -n', 'would delete 3 runs (1-3), of which 1 run would be stopped first\n'],
    ['delete failed --dry-run', 'would delete run 2\n'],
    ['delete -n', 'would delete 3 runs (1-3), of which 1 run would be stopped first\n'],
    ['delete 1 -ny', 'would delete run 1\n'],
    ['delete 1 -n --json', '{"dry_run":true,"deleted":[1],"stopped":[]}\n'],
    ['stop 1-3 -n', 'would stop run 3\n'],
    ['stop 1 -n', 'no run would be stopped\n'],
    ['stop -n --json', '{"dry_run":true,"stopped":[3],"ended":[],"launches":[]}\n'],
    ['hold 1,3 -n', 'would hold run 3\n'],
    ['hold 1,3 -n --json', '{"dry_run":true,"done":[3],"passed":[1]}\n'],
    ['release 3 -n', 'no run would be released\n'],
    ['resubmit failed -n', 'would submit run 2 again, on this machine, as next attempts\n'],
    ['resubmit 2 -n --mem 2G code=0', 'would submit run 2 again, on this machine, as new runs: --mem 2G code=0\n'],
  ];
  for (const [words, answer] of answers) {
    const { stdout, stderr, exitCode } = await rig.mlx(...words.split(' '));
    expect([words, stdout, stderr, exitCode]).toEqual([words, answer, '', 0]);
  }
  expect(rig.tree('logs').map((path) => [path, path.endsWith('/') ? '' : rig.read(`logs/${path}`)])).toEqual(files);
});

test('-y answers whatever could be asked, but names no runs to delete', async () => {
  const rig = await makeStore();
  for (const words of [
    'run p.sh --no-config code=0 -y -q',
    'rerun 1 -y -q',
    'resume -y',
    'hold -y',
    'release 3 -y',
    'stop -y',
    'resubmit 2 -y',
    'gc -y',
  ]) {
    const { stderr } = await rig.mlx(...words.split(' '));
    expect([words, stderr]).toEqual([words, expect.not.stringMatching(/^mlx:/)]);
  }
  expect((await rig.mlx('delete', '-y')).stderr).toContain('which runs? mlx delete could be meant for');
  expect((await rig.mlx('delete', '1', '-y')).stdout).toBe('deleted run 1\n');
});

test('a mistyped letter is not answered with another one', async () => {
  const rig = makeRig();
  for (const words of [
    ['delete', '1', '-z'],
    ['delete', '1', '-x'],
    ['delete', '1', '-Y'],
    ['gc', '-x'],
    ['stop', '1', '-xn'],
  ])
    expect((await rig.mlx(...words)).stderr).toMatch(/^mlx: unknown option '-\w+'\n/);
  expect((await rig.mlx('delete', '1', '--dryrun')).stderr).toContain("did you mean '--dry-run'?");
});

const readOnly = 'mount --bind logs logs && mount -o remount,ro,bind logs';
const canMount = spawnSync('unshare', ['-m', 'sh', '-c', 'mount --bind /tmp /tmp']).status === 0;

test.skipIf(!canMount)('what can not be deleted is told with the reason', async () => {
  const rig = await makeStore();
  const deleting = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `${readOnly} && exec "$@"`, 'sh', process.execPath, mlxBin, 'delete', '1', '--yes'],
    { cwd: rig.directory, encoding: 'utf8' },
  );
  expect([deleting.stderr, deleting.status]).toEqual(["mlx: can't delete 1: the file system is read-only\n", 3]);
  expect((await rig.mlx('show', '1')).stdout).toContain('COMPLETE');
});

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRig, type Rig, waitUntil } from '../rig/rig.js';

const program = '#!/bin/bash\ntouch up\nuntil [ -e go ]; do sleep 0.05; done\n';

/** Interrupts a command once its program runs, or a file is there; its exit code and its last line. */
async function interrupt(rig: Rig, words: readonly string[], sign = 'up'): Promise<[number | undefined, string]> {
  rmSync(join(rig.directory, sign), { force: true });
  const child = rig.start(words);
  await waitUntil(() => existsSync(join(rig.directory, sign)), `${words.join(' ')} is under way`);
  child.kill('SIGINT');
  const { exitCode, stderr } = await child;
  return [exitCode, String(stderr).trimEnd().split('\n').at(-1) ?? ''];
}

/** A project whose runs 1 and 2 have failed. */
async function project(): Promise<Rig> {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\nexit 3\n');
  await rig.mlx('run', 'main.sh', 'i=1,2', '-q');
  rig.write('main.sh', program);
  rig.write('script.sh', '#!/bin/bash\n./main.sh i=1,2\n');
  return rig;
}

const resume = /^mlx resume @\w+ goes on with what is left$/;

describe('after Ctrl-C the last line is the command that goes on', () => {
  test.for([
    ['run', 'main.sh', 'i=1,2', '-j', '1'],
    ['run', 'main.sh', 'i=1', '-q'],
    ['run', 'main.sh', 'i=1', '--json'],
    ['run', 'main.sh', 'i=1,2', '--fail-fast'],
    ['rerun', '1'],
    ['rerun', '1', '--in-place'],
    ['resubmit', '1', '2'],
    ['resubmit', '1', '--new', '-q'],
    ['sub', 'script.sh', '--here', '-j', '1'],
    ['job', 'local', 'cpu', 'logs/x.log', '--', './main.sh'],
  ])('mlx %s %s %s %s', async (words) => {
    const rig = await project();
    expect(await interrupt(rig, words)).toEqual([130, expect.stringMatching(resume)]);
    // And it does.
    expect(await interrupt(rig, ['resume'])).toEqual([130, expect.stringMatching(resume)]);
    rig.write('go', '');
    expect((await rig.mlx('resume', '-q')).stderr).toMatch(/^(warning: .*main\.sh has changed since the launch\n)?$/);
    const listed = JSON.parse((await rig.mlx('list', '--json')).stdout);
    const open = listed.filter(({ status }: { status: string }) => !['COMPLETE', 'FAILED'].includes(status));
    expect(open).toEqual([]);
    if (words[0] !== 'run') return;
    expect(listed.filter(({ status }: { status: string }) => status === 'COMPLETE').length).toBe(
      words[2] === 'i=1' ? 1 : 2,
    );
  });

  test('with the limit of failures that lets it go on', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\nexit 3\n');
    const last = ({ stderr }: { readonly stderr: string }) => stderr.trimEnd().split('\n').at(-1) ?? '';
    const ran = await rig.mlx('run', 'main.sh', 'i=1,2,3,4', '-j', '1', '--max-failures', '2', '--store', 'other');
    expect(last(ran)).toMatch(/^mlx resume @\w+ --max-failures 3 --store other goes on with what is left$/);
    expect(last(await rig.mlx('resume', '--store', 'other'))).toMatch(
      /^ {2}mlx resume @\w+ --max-failures 3 --store other goes on with the rest; mlx resubmit failed /,
    );
    const again = await rig.mlx(...last(ran).split(' ').slice(1, -6));
    expect(last(again)).toMatch(/--max-failures 4 --store other goes on/);
  });

  test('with --store, if it would look elsewhere without it', async () => {
    const rig = await project();
    const [, line] = await interrupt(rig, ['run', 'main.sh', 'i=1', '--store', 'other runs']);
    const [, command = ''] = /^(mlx resume @\w+ --store 'other runs') goes on/.exec(line) ?? [];
    rig.write('go', '');
    const words = command.replace(/'/g, '').split(' --store ');
    const resumed = await rig.mlx('resume', words[0]?.split(' ')[2] ?? '', '--store', words[1] ?? '', '-q');
    expect([resumed.exitCode, resumed.stderr]).toEqual([0, '']);
  });

  test.for([[], ['-q'], ['--json']])('mlx execute %s', async (options) => {
    const rig = await project();
    await rig.mlx('run', 'main.sh', 'i=1,2', '--scheduler', 'local', '-q');
    const words = ['execute', '-p', '1', ...options];
    expect(await interrupt(rig, words)).toEqual([130, 'mlx execute goes on with what is left']);
  });

  test.for([
    ['run', 'main.sh', 'i=1,2', '--scheduler', 'slurm', '--array', 'never'],
    ['submit', '--scheduler', 'slurm', '-t', '2', './main.sh'],
    ['sub', 'script.sh', '--scheduler', 'slurm', '-q'],
  ])('mlx %s %s %s %s while Slurm does not answer', async (words) => {
    const stub = { STUB: '', PATH: '' };
    const rig = makeRig(stub);
    Object.assign(stub, { STUB: rig.directory, PATH: `${join(rig.directory, 'bin')}:${process.env['PATH']}` });
    const away =
      '#!/bin/bash\ntouch "$STUB/asked"\necho "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)" >&2\nexit 1\n';
    rig.write('bin/sbatch', away);
    for (const name of ['squeue', 'sacct', 'scontrol', 'sinfo']) rig.write(`bin/${name}`, '#!/bin/bash\n');
    rig.write('main.sh', program);
    rig.write('script.sh', '#!/bin/bash\n./main.sh i=1,2\n');
    const [code, line] = await interrupt(rig, words, 'asked');
    expect([code, line]).toEqual([expect.any(Number), expect.stringMatching(/mlx resume @\w+ submits the rest$/)]);
    expect([130, 3]).toContain(code);
  });
});

test('mlx stops one resubmission after the other, and names what it did not begin', async () => {
  const rig = await project();
  rig.write('go', '');
  await rig.mlx('run', 'main.sh', 'i=7', '-q');
  rmSync(join(rig.directory, 'go'));
  const [code, line] = await interrupt(rig, ['resubmit', '1', '3']);
  expect([code, line]).toEqual([
    130,
    'mlx resume goes on with what is left; not submitted again: 3, mlx resubmit 3 does it with the same options',
  ]);
});

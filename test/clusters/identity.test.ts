import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { waitUntil } from '../rig/rig.js';
import { clusterRig, program } from './rig.js';

const engines = [
  ['slurm', '--option=--hold', 'Slurm'],
  ['sge', '--option=-h', 'Grid Engine'],
  ['oar', '--option=--hold', 'OAR'],
] as const;

describe.each(engines)('%s', (name, held, title) => {
  test('a job that has the id of a run by now is neither shown as its own nor told anything', async (context) => {
    const rig = clusterRig(name, context);
    rig.write('main.sh', program);
    // The run of another store has the same name, and becomes the job whose id the first run has.
    for (const store of ['logs', 'other/logs']) {
      await rig.mlx('run', 'main.sh', 'do=sleep', '--scheduler', name, held, '--store', store);
    }
    const theirs = async () => JSON.parse((await rig.mlx('list', '--json', '--store', 'other/logs')).stdout)[0];
    const { job_id: id } = await theirs();
    const record = join(rig.directory, 'logs/1/metadata/job.yaml');
    writeFileSync(record, readFileSync(record, 'utf8').replace(/^job_id: .*$/m, `job_id: "${id}"`));
    expect((await rig.list()).get(1)).toMatchObject({
      status: 'QUEUED',
      reason: 'its job has just left the engine (another job has its id now)',
    });
    for (const verb of ['stop', 'delete']) {
      const { exitCode, stderr } = await rig.mlx(verb, '1', ...(verb === 'delete' ? ['-y'] : []));
      expect(stderr).toContain(`${title} does not know its job ${id} any more: another job has that id now`);
      expect(exitCode).toBe(3);
    }
    expect((await rig.mlx('release', '1')).stdout).toBe('');
    const { stdout: why } = await rig.mlx('why', '1');
    expect(why.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual(
      expect.not.arrayContaining(['state in Slurm', "Slurm's reason", 'waits because', 'state in OAR']),
    );
    expect((await theirs()).status).toBe('HELD');
    await rig.mlx('stop', '1', '--store', 'other/logs');
  });
});

test('Grid Engine: another user of the store sees which jobs wait, and how jobs ended', async (context) => {
  const rig = clusterRig('sge', context);
  rig.write('main.sh', program);
  await rig.mlx('run', 'main.sh', 'do=sleep', 'n=1,2', '--scheduler', 'sge', '--time', '3');
  await rig.mlx('run', 'main.sh', 'do=sleep', '--scheduler', 'sge', '--option=-h');
  const viewer = ['runuser', '-u', 'nobody', '--', process.execPath, inject('publicMlx')] as const;
  const viewed = async () => {
    const { stdout } = await rig.command(...viewer, 'list', '--json');
    return (JSON.parse(stdout) as { readonly status: string }[]).map(({ status }) => status).join(' ');
  };
  // Only accounting tells how they ended, and the viewer is the first to ask.
  const statuses = await waitUntil(
    async () => /^(TIMEOUT|LOST) (TIMEOUT|LOST) /.exec(await viewed())?.input,
    'the ends of the runs',
    90_000,
  );
  expect(statuses).toBe('TIMEOUT TIMEOUT HELD');
  await rig.mlx('stop', '3');
});

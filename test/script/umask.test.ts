import { statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { makeRig, mlxBin, type Rig } from '../rig/rig.js';

/** Runs mlx with this umask. */
const withUmask = (rig: Rig, umask: string, ...words: string[]) =>
  execa('bash', ['-c', `umask ${umask}; exec "$@"`, 'bash', process.execPath, mlxBin, ...words], {
    cwd: rig.directory,
    env: { CI: 'true' },
    reject: false,
    stdin: 'ignore',
  });

/** The modes of the files that a run's attempt writes. */
const written = ['metadata/info.yaml', 'metadata/attempts/1.yaml', 'made', 'log.stdout'];
const modes = (rig: Rig, id: number, files = written) =>
  files.map((file) => (statSync(join(rig.directory, `logs/${id}`, file)).mode & 0o777).toString(8));

test('a run has the umask of its launch, whoever starts it', async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\ntouch "$MLX_LOG_DIR/made"\n');
  await withUmask(rig, '002', 'run', './main.sh', 'a=1');
  await withUmask(rig, '027', 'submit', '--local', './main.sh');
  const { exitCode, stderr } = await withUmask(rig, '077', 'execute', '--local');
  expect(exitCode, stderr).toBe(0);
  expect([modes(rig, 1), modes(rig, 2)]).toEqual([
    ['664', '664', '664', '664'],
    ['640', '640', '640', '640'],
  ]);
  await withUmask(rig, '022', 'submit', '--local', './main.sh');
  await execa('bash', ['-c', 'umask 077; bash logs/3/script.sh'], { cwd: rig.directory, stdin: 'ignore' });
  expect(modes(rig, 3, written.slice(0, 3))).toEqual(['644', '644', '644']);
});

test('logs that an engine has made with another umask get that of the launch', async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\necho ran\n');
  rig.write('bin/qstat', '#!/bin/bash\nexit 0\n');
  rig.write('bin/qconf', '#!/bin/bash\nexit 1\n');
  rig.write('bin/qsub', '#!/bin/bash\necho 7\n');
  const launch = `PATH=${JSON.stringify(`${rig.directory}/bin`)}:$PATH`;
  const words = ['run', './main.sh', '--scheduler', 'sge'].join(' ');
  const submitted = await execa('bash', ['-c', `umask 002; ${launch} "$@" ${words}`, '-', process.execPath, mlxBin], {
    cwd: rig.directory,
    stdin: 'ignore',
  });
  expect(submitted.stderr).toContain('1 run submitted');
  // Grid Engine opens a job's output and starts it with umask 022.
  await execa('bash', ['-c', 'umask 022; cd logs/1; bash script.sh >log.stdout 2>log.stderr'], {
    cwd: rig.directory,
    env: { JOB_ID: '7' },
    stdin: 'ignore',
  });
  expect(rig.read('logs/1/log.stdout')).toContain('ran');
  expect(modes(rig, 1, ['log.stdout', 'log.stderr', 'metadata/info.yaml'])).toEqual(['664', '664', '664']);
});

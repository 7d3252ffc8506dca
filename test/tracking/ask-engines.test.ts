import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeRig } from '../rig/rig.js';

// A job that starts and ends while mlx asks about it: squeue runs what sbatch was given, and then does not know it
// any more.
const slurm = {
  sbatch: 'printf \'%s\\0\' "$@" > "$STUB/submitted"; echo 70',
  squeue: `
    [ -e "$STUB/ran" ] && exit 0
    touch "$STUB/ran"
    mapfile -d '' words < "$STUB/submitted"
    SLURM_JOB_ID=70 bash "\${words[@]: -2}" > /dev/null 2>&1
    exit 0`,
  sacct: 'echo "70|FAILED|1:0"',
  sinfo: 'exit 0',
  scontrol: 'exit 0',
};

test('what a run has recorded while its engine was asked says more than the engine', async () => {
  const rig = makeRig();
  for (const [command, text] of Object.entries(slurm)) rig.write(`bin/${command}`, `#!/bin/bash\n${text}\n`);
  const stubs = join(rig.directory, 'bin');
  const mlx = async (...words: string[]) => {
    const { stdout, exitCode } = await rig.start(words, {
      PATH: `${stubs}:${process.env['PATH']}`,
      STUB: stubs,
    });
    return { stdout: String(stdout), exitCode };
  };
  const launch = await mlx('run', 'n=1,2', '--scheduler', 'slurm', '--pack', '2', '--', 'true');
  expect(launch).toEqual({ stdout: 'logs/1…2 (2 runs) → slurm 70\n', exitCode: 0 });
  const runs = JSON.parse((await mlx('list', '--json')).stdout) as { status: string; attempt: number }[];
  expect(runs.map(({ status, attempt }) => [status, attempt])).toEqual([
    ['COMPLETE', 1],
    ['COMPLETE', 1],
  ]);
});

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeRig, mlxBin, type Rig } from '../rig/rig.js';

/** What bash offers for a line, by the script that `mlx completion bash` prints. */
async function offered(rig: Rig, line: string): Promise<string[]> {
  const bin = join(rig.directory, 'mlx');
  writeFileSync(bin, `#!/bin/sh\nexec '${process.execPath}' '${mlxBin}' "$@"\n`);
  chmodSync(bin, 0o755);
  const ask = `eval "$(mlx completion bash)"; COMP_LINE=$1 COMP_POINT=\${#1}; _mlx; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await execa('bash', ['--norc', '-c', ask, 'bash', line], {
    cwd: rig.directory,
    env: { PATH: `${rig.directory}:${process.env['PATH']}` },
  });
  return stdout.split('\n').filter((word) => word !== '');
}

async function project(): Promise<Rig> {
  const rig = makeRig();
  rig.write('train.sh', '#!/bin/bash\n');
  rig.write('configs/config.yaml', 'lr: 1\nmodel: { depth: 2 }\n');
  rig.write('configs/optimizer/adam.yaml', 'lr: 1\n');
  rig.write('configs/optimizer/sgd.yaml', 'lr: 1\n');
  await rig.mlx('run', 'train.sh', 'lr=1,2', '-q');
  return rig;
}

describe('bash is offered', () => {
  test('commands, options and their values; files are its own', async () => {
    const rig = await project();
    expect(await offered(rig, 'mlx re')).toEqual(['rerun', 'resubmit', 'resume', 'report', 'release']);
    expect(await offered(rig, 'mlx --local sub')).toEqual(['sub', 'submit']);
    expect(await offered(rig, 'mlx run --on-s')).toEqual(['--on-submit-error']);
    expect(await offered(rig, 'mlx run --on-submit-error ')).toEqual(['stop', 'continue']);
    expect(await offered(rig, 'mlx run --scheduler sl')).toEqual(['slurm']);
    expect(await offered(rig, 'mlx run tr')).toEqual([]);
    expect(await offered(rig, 'mlx nothing ')).toEqual([]);
  });

  test('runs, statuses and launches', async () => {
    const rig = await project();
    expect((await offered(rig, 'mlx stop ')).slice(0, 3)).toEqual(['1', '2', 'complete']);
    expect(await offered(rig, 'mlx show @l')).toEqual(['last']);
  });

  test('config keys and groups, as far as the config can be read', async () => {
    const rig = await project();
    expect(await offered(rig, 'mlx run train.sh ')).toEqual(['lr=', 'model.depth=', 'optimizer=']);
    // Bash takes what stands behind a `=` for a word.
    expect(await offered(rig, 'mlx run train.sh optimizer=')).toEqual(['adam', 'sgd']);
    rig.write('configs/config.yaml', 'broken: [');
    expect(await offered(rig, 'mlx run train.sh ')).toEqual(['optimizer=']);
  });
});

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEngine } from '../../src/engines/index.js';
import { excludingOption } from '../../src/failures/index.js';
import { suspectNode } from '../../src/runs/index.js';
import { makeRig, type Rig } from '../rig/rig.js';

/** Runs of nodes: `a: [failed, well]`. */
const runsOn = (nodes: Record<string, readonly [failed: number, well: number]>) =>
  Object.entries(nodes).flatMap(([node, [failed, well]]) => [
    ...Array.from({ length: failed }, () => ({ node, failed: true })),
    ...Array.from({ length: well }, () => ({ node, failed: false })),
  ]);

describe('the node that most failures come from', () => {
  test.for([
    ['all of three failures, and nothing else ran there', { a: [0, 3], b: [3, 0] }, 'b'],
    ['most of them', { a: [1, 20], b: [4, 1], c: [1, 15] }, 'b'],
    ['it ran a few runs well', { a: [0, 10], b: [5, 3] }, 'b'],
    ['too few failures', { a: [0, 30], b: [2, 0] }, undefined],
    ['failures on several nodes', { a: [2, 5], b: [3, 2], c: [2, 5] }, undefined],
    ['every run fails, wherever it is', { a: [2, 0], b: [6, 0] }, undefined],
    ['all runs were on one node', { a: [5, 5] }, undefined],
    ['the node that ran most of what went well', { a: [3, 20], b: [1, 5] }, undefined],
    ['as many as chance would put there', { a: [1, 3], b: [3, 3] }, undefined],
    ['nothing failed', { a: [0, 3], b: [0, 3] }, undefined],
  ] as const)('%s', ([, nodes, expected]) => {
    expect(suspectNode(runsOn(nodes))?.node).toBe(expected);
  });
});

/** Slurm with some nodes, whose jobs run at once; the program fails on node2. */
function cluster(nodes: number): Rig {
  const stub = { STUB: '', PATH: '' };
  const rig = makeRig(stub);
  Object.assign(stub, { STUB: rig.directory, PATH: `${join(rig.directory, 'bin')}:${process.env['PATH']}` });
  const submit = `n=$(($(grep -c . "$STUB/jobs") + 100))\necho $n >> "$STUB/jobs"
words=(); script=
for word; do case $word in */script.sh) script=$word ;; --submission=*) words+=("$word") ;; esac; done
node=node$((n % ${nodes}))
`;
  const run = '"$script" "${words[@]}" >/dev/null 2>&1\n';
  rig.write(
    'bin/sbatch',
    `#!/bin/bash\n[ "$1" != --test-only ] || exit 0\n${submit}SLURM_JOB_ID=$n SLURM_JOBID=$n SLURMD_NODENAME=$node bash ${run}echo $n\n`,
  );
  for (const name of ['squeue', 'sacct', 'scontrol', 'sinfo', 'scancel']) rig.write(`bin/${name}`, '#!/bin/bash\n');
  rig.write('jobs', '');
  rig.write(
    'main.sh',
    '#!/bin/bash\nread -r _ node < <(grep -hE "^(node|host): " "$MLX_LOG_DIR"/metadata/attempts/1.yaml | tail -1)\n[ "$node" != node2 ]\n',
  );
  return rig;
}

describe('in Slurm', () => {
  test('mlx report, mlx watch and mlx why name the node, and how to keep off it', { timeout: 60_000 }, async () => {
    const rig = cluster(3);
    await rig.mlx('run', 'main.sh', 'i=range(9)', '--scheduler', 'slurm', '--exclude', 'node9', '-q');
    const [{ launch }] = JSON.parse((await rig.mlx('list', '--json')).stdout);
    const command = `mlx resubmit failed --exclude node9,node2 --launch ${launch}`;
    const hint = `hint: all 3 failures are on node2; to keep off it: ${command}\n`;
    expect((await rig.mlx('report', '@last')).stdout).toContain(hint);
    expect((await rig.mlx('report', '--errors-only')).stdout.endsWith(hint)).toBe(true);
    expect((await rig.mlx('watch', '@last')).stderr.endsWith(hint)).toBe(true);
    const why = await rig.mlx('why', '2');
    expect(why.stdout).toContain('3 of the 3 failures of its launch are on node2');
    expect(why.stdout.endsWith(`  ${command}\n`)).toBe(true);
    expect((await rig.mlx('why', '1')).stdout).not.toContain('node2');
    cpSync(join(rig.directory, 'logs'), join(rig.directory, 'other runs'), { recursive: true });
    for (const words of [['report'], ['why', '2']]) {
      const { stdout } = await rig.mlx(...words, '--store', 'other runs');
      expect(stdout.endsWith(`${command} --store 'other runs'\n`)).toBe(true);
    }
    // What is printed can be typed.
    const again = await rig.mlx(...command.split(' ').slice(1));
    expect(again.stdout.match(/Re-submitted/g)).toHaveLength(3);
    expect(rig.read('logs/2/script.sh')).toContain('#SBATCH --exclude=node9,node2\n');
  });

  test('nothing is said where all runs of the launch were on one node', { timeout: 60_000 }, async () => {
    const rig = cluster(1);
    rig.write('main.sh', '#!/bin/bash\n[ "$1" -gt 3 ]\n');
    await rig.mlx('run', 'i=range(8)', '--scheduler', 'slurm', '-q', '--', './main.sh', '{i}');
    const { stdout } = await rig.mlx('report', '@last');
    expect([stdout.includes('FAILED'), stdout.includes('hint:')]).toEqual([true, false]);
  });
});

test.for([
  ['sge', "--option '-l h=!(node3)'"],
  ['oar', `--option "-p network_address not in ('node3')"`],
  ['pbs', undefined],
  ['mwm', undefined],
] as const)('%s has no --exclude; its own option is %s', async ([name, option]) => {
  const { resources } = await loadEngine(name);
  expect(resources?.names).not.toContain('exclude');
  expect(excludingOption(resources?.instead?.exclude, 'node3')).toBe(option);
});

test('on this machine nothing is said of nodes', { timeout: 60_000 }, async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n[ "$1" != x=1 ]\n');
  await rig.mlx('run', 'main.sh', 'x=1,1,1,1,2,2', '-q');
  expect((await rig.mlx('report')).stdout).not.toContain('hint:');
});

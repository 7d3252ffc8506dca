import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRig, type Rig, waitUntil } from '../rig/rig.js';

interface Listed {
  readonly run: number;
  readonly status: string;
  readonly reason: string | null;
  readonly attempt: number;
}

/** `fails.sh i=N` fails in all attempts before number N, and always for N = 9; it says that it ran. */
function project(): Rig {
  const rig = makeRig();
  rig.write(
    'fails.sh',
    '#!/bin/bash\necho "$MLX_LOG_ID.$MLX_ATTEMPT" >> ran\n[ "${1#i=}" != 9 ] && [ "$MLX_ATTEMPT" -ge "${1#i=}" ] || exit 5\n',
  );
  return rig;
}

const ran = (rig: Rig) => rig.read('ran').split('\n').slice(0, -1).sort();
const listed = async (rig: Rig) => JSON.parse((await rig.mlx('list', '--json')).stdout || '[]') as Listed[];
const statuses = async (rig: Rig) =>
  (await listed(rig)).map(({ run, status, reason, attempt }) => `${run}.${attempt} ${status} ${reason ?? ''}`.trim());
const launchOf = (rig: Rig) => rig.tree('logs/.mlx/launches')[0]?.replace('/', '') ?? '';

/** Launches here, or into the local queue, which is then worked off; one run at a time. */
const ways = [
  ['here', (rig: Rig, words: readonly string[]) => rig.mlx('run', 'fails.sh', ...words, '-j', '1')],
  [
    'in the local queue',
    async (rig: Rig, words: readonly string[]) => {
      const { exitCode, stderr } = await rig.mlx('run', 'fails.sh', ...words, '--scheduler', 'local', '-q');
      expect([exitCode, stderr]).toEqual([0, '']);
      return rig.mlx('execute', '--parallel', '1');
    },
  ],
] as const;

describe.for(ways)('--retries %s', ([, launch]) => {
  test('tries runs again that fail by themselves, as attempts of the same run', async () => {
    const rig = project();
    const { exitCode, stderr } = await launch(rig, ['i=1,2,3', '--retries', '1']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('again    2  goes on as attempt 2  failed: exit code 5');
    expect(ran(rig)).toEqual(['1.1', '2.1', '2.2', '3.1', '3.2']);
    expect(await statuses(rig)).toEqual(['1.1 COMPLETE', '2.2 COMPLETE', '3.2 FAILED exit code 5']);
    expect(rig.read('logs/2/metadata/attempts/1.end.yaml')).toMatch(/^retry: exit code 5$/m);
  });

  test('with --retry-on tries only what is named', async () => {
    const rig = project();
    await launch(rig, ['i=2', '--retries', '3', '--retry-on', '1,oom']);
    await launch(rig, ['i=2', '--retries', '3', '--retry-on', '1,5']);
    expect(await statuses(rig)).toEqual(['1.1 FAILED exit code 5', '2.2 COMPLETE']);
  });

  test('does not try a run again that was stopped', async () => {
    const rig = makeRig();
    rig.write('fails.sh', "#!/bin/bash\ntrap 'exit 5' TERM\ntouch up\nwhile :; do sleep 0.05; done\n");
    const launched = launch(rig, ['i=1', '--retries', '3']);
    await waitUntil(() => existsSync(join(rig.directory, 'up')), 'the program');
    expect((await rig.mlx('stop', '1')).exitCode).toBe(0);
    await launched;
    expect(await statuses(rig)).toEqual([expect.stringMatching(/^1\.1 STOPPED/)]);
  });
});

test('--max-failures here starts nothing more, and mlx resume goes on only if asked', async () => {
  const rig = project();
  const { exitCode, stderr } = await rig.mlx('run', 'fails.sh', 'i=9,1,9,1,9', '-j', '1', '--max-failures', '2');
  expect([exitCode, ran(rig)]).toEqual([1, ['1.1', '2.1', '3.1']]);
  expect(stderr).toContain('stopping: --max-failures 2: run 3 ended as FAILED\n');
  const launch = launchOf(rig);
  for (const words of [[], ['--max-failures', '2']]) {
    const refused = await rig.mlx('resume', ...words);
    expect([refused.exitCode, refused.stdout, refused.stderr]).toEqual([
      2,
      '',
      `mlx: 2 runs of launch @${launch} ended badly, and --max-failures 2 allows no more\n` +
        `  mlx resume @${launch} --max-failures 3 goes on with the rest; mlx resubmit failed tries these again\n`,
    ]);
  }
  expect((await rig.mlx('resume', '--max-failures', '3', '-q')).exitCode).toBe(1);
  expect(await statuses(rig)).toEqual([
    '1.1 FAILED exit code 5',
    '2.1 COMPLETE',
    '3.1 FAILED exit code 5',
    '4.1 COMPLETE',
    '5.1 FAILED exit code 5',
  ]);
});

test('--max-failures in the local queue turns the rest away, until more are allowed or they are resubmitted', async () => {
  const rig = project();
  await rig.mlx('run', 'fails.sh', 'i=9,1,9,1,1,1', '--scheduler', 'local', '--max-failures', '2');
  expect((await rig.mlx('execute', '--parallel', '1', '-q')).exitCode).toBe(1);
  const away = 'STOPPED not started: 2 runs of its launch failed (--max-failures 2)';
  const begun = ['1.1 FAILED exit code 5', '2.1 COMPLETE', '3.1 FAILED exit code 5'];
  expect(await statuses(rig)).toEqual([...begun, `4.0 ${away}`, `5.0 ${away}`, `6.0 ${away}`]);
  expect((await rig.mlx('resubmit', '4')).exitCode).toBe(0);
  expect((await rig.mlx('execute', '-q')).exitCode).toBe(0);
  expect(await statuses(rig)).toEqual([...begun, '4.1 COMPLETE', `5.0 ${away}`, `6.0 ${away}`]);
  expect((await rig.mlx('resume', '@last')).exitCode).toBe(2);
  expect((await rig.mlx('resume', '@last', '--max-failures', '3')).exitCode).toBe(0);
  expect((await rig.mlx('execute', '-q')).exitCode).toBe(0);
  expect(await statuses(rig)).toEqual([...begun, '4.1 COMPLETE', '5.1 COMPLETE', '6.1 COMPLETE']);
  expect(ran(rig)).toEqual(['1.1', '2.1', '3.1', '4.1', '5.1', '6.1']);
});

test('--fail-fast is --max-failures 1, and retries that are left are no failure', async () => {
  const rig = project();
  await rig.mlx('submit', '--local', '--fail-fast', '--retries', '1', '-t', '1-3', 'fails.sh', 'i=2');
  expect((await rig.mlx('execute', '--parallel', '1', '-q')).exitCode).toBe(0);
  expect(ran(rig)).toEqual(['1.1', '1.2', '2.1', '2.2', '3.1', '3.2']);
  await rig.mlx('submit', '--local', '--fail-fast', '--retries', '1', '-t', '1-3', 'fails.sh', 'i=3');
  expect((await rig.mlx('execute', '--parallel', '1', '-q')).exitCode).toBe(1);
  expect((await statuses(rig)).slice(3)).toEqual([
    '4.2 FAILED exit code 5',
    '5.0 STOPPED not started: 1 run of its launch failed (--max-failures 1)',
    '6.0 STOPPED not started: 1 run of its launch failed (--max-failures 1)',
  ]);
});

test('a launch without a limit gets one from mlx resume, which counts what has failed', async () => {
  const rig = project();
  rig.write('fails.sh', '#!/bin/bash\n[ "$1" != i=9 ] || exit 5\ntouch up\nuntil [ -e go ]; do sleep 0.02; done\n');
  const child = rig.start(['run', 'fails.sh', 'i=9,9,1,1', '-j', '1', '-q']);
  await waitUntil(() => existsSync(join(rig.directory, 'up')), 'the third program');
  child.kill('SIGINT');
  await child;
  expect((await rig.mlx('resume', '--max-failures', '2')).stderr).toContain('2 runs of launch');
  expect(rig.tree(`logs/.mlx/launches/${launchOf(rig)}`)).not.toContain('failures/');
  rig.write('go', '');
  expect((await rig.mlx('resume', '--max-failures', '3', '-q')).exitCode).toBe(1);
  expect((await listed(rig)).map(({ status }) => status)).toEqual(['FAILED', 'FAILED', 'COMPLETE', 'COMPLETE']);
  expect(rig.tree(`logs/.mlx/launches/${launchOf(rig)}/failures`)).toEqual(['1', '2']);
});

test('mlx resume goes on with the retries of a launch that was killed', async () => {
  const rig = project();
  rig.write(
    'fails.sh',
    '#!/bin/bash\necho "$MLX_LOG_ID.$MLX_ATTEMPT" >> ran\ntouch up\nuntil [ -e go ]; do sleep 0.02; done\n[ "$MLX_ATTEMPT" = 3 ] || exit 5\n',
  );
  const child = rig.start(['run', 'fails.sh', 'i=1', '--retries', '2', '-q']);
  await waitUntil(() => existsSync(join(rig.directory, 'up')), 'the program');
  child.kill('SIGKILL');
  await child;
  rig.write('go', '');
  await waitUntil(() => existsSync(join(rig.directory, 'logs/1/metadata/attempts/1.end.yaml')), 'its end');
  await waitUntil(async () => (await statuses(rig))[0] === '1.1 FAILED exit code 5', 'its status');
  expect((await rig.mlx('resume', '-q')).exitCode).toBe(0);
  expect([ran(rig), await statuses(rig)]).toEqual([['1.1', '1.2', '1.3'], ['1.3 COMPLETE']]);
});

test('a run of the queue that waits to be tried again can be held, and stopped', async () => {
  const rig = project();
  rig.write('fails.sh', '#!/bin/bash\ntouch up\nuntil [ -e go ]; do sleep 0.02; done\nexit 5\n');
  await rig.mlx('run', 'fails.sh', 'i=1', '--retries', '2', '--scheduler', 'local', '-q');
  const child = rig.start(['execute', '-q']);
  await waitUntil(() => existsSync(join(rig.directory, 'up')), 'the program');
  child.kill('SIGKILL');
  await child;
  rig.write('go', '');
  const waits = '1.1 QUEUED to be tried again after exit code 5';
  await waitUntil(async () => (await statuses(rig))[0] === waits, 'its end');
  expect((await rig.mlx('hold', '1')).exitCode).toBe(0);
  expect(await statuses(rig)).toEqual([waits.replace('QUEUED', 'HELD')]);
  expect((await rig.mlx('stop', '1')).exitCode).toBe(0);
  expect(await statuses(rig)).toEqual([expect.stringMatching(/^1\.1 STOPPED/)]);
  await rig.mlx('execute', '-q');
  expect(await statuses(rig)).toEqual([expect.stringMatching(/^1\.1 STOPPED/)]);
  const refused = await rig.mlx('resubmit', '1', '--retries', '0', '--retry-on', '5');
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('add --retries N')]);
});

test('a plan says who tries runs again, and what stops the launch; mlx resubmit changes it', async () => {
  const rig = project();
  const plan = async (...words: string[]) =>
    (await rig.mlx('run', 'fails.sh', 'i=1,2', '-n', '--retries', '2', '--max-failures', '3', ...words)).stdout
      .split('\n')
      .filter((line) => /^ {2}(retry|stops)/.test(line));
  const stops = '  stops    after 3 failures: no further run starts';
  const retry = '  retry    each run that failed by itself, 2 times at most: ';
  expect(await plan()).toEqual([`${retry}by this launch`, `${stops}, and those that run are ended`]);
  expect(await plan('--scheduler', 'local', '--retry-on', '1,oom')).toEqual([
    '  retry    each run that failed (1, oom), 2 times at most: by mlx execute',
    stops,
  ]);
  expect(await plan('--scheduler', 'slurm')).toEqual([`${retry}in the same job`, stops]);
  const byMlx = 'mlx watch or mlx resume does it';
  expect(await plan('--scheduler', 'slurm', '--retry-on', 'node')).toEqual([
    `  retry    each run that failed (node), 2 times at most: ${byMlx}`,
    stops,
  ]);
  expect(await plan('--scheduler', 'slurm', '--retry-on', '1,node')).toEqual([
    `  retry    each run that failed (1, node), 2 times at most: in the same job; after a failed node ${byMlx}`,
    stops,
  ]);
  const inTime = 'in the same job if it has more time left than the attempt took, else ';
  expect(await plan('--scheduler', 'slurm', '--time', '1h')).toEqual([`${retry}${inTime}Slurm starts it again`, stops]);
  expect(await plan('--scheduler', 'pbs', '--time', '1h')).toEqual([
    `${retry}${inTime}mlx watch or mlx resume does it`,
    stops,
  ]);
  await rig.mlx('run', 'fails.sh', 'i=3', '-q');
  expect((await rig.mlx('resubmit', '1', '--retries', '1', '-q')).exitCode).toBe(0);
  expect(await statuses(rig)).toEqual(['1.3 COMPLETE']);
});

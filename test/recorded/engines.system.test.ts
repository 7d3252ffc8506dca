import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeRig, mlxWithFault, type Rig, removeAfterTest, soak, waitUntil } from '../rig/rig.js';

const recorded = fileURLToPath(new URL('engine.mjs', import.meta.url));
const example = fileURLToPath(new URL('../../examples/my-engine', import.meta.url));

const commands: Readonly<Record<string, readonly string[]>> = {
  pbs: ['qsub', 'qstat', 'qdel'],
  torque: ['qsub', 'qstat', 'qdel'],
  lsf: ['bsub', 'bjobs', 'bkill', 'bparams'],
  mwm: ['msub', 'showq', 'canceljob'],
};

/** A project on a machine where this engine's commands behave as was recorded. */
function recordedRig(dialect: string, env: NodeJS.ProcessEnv = {}): Rig {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-recorded-'));
  removeAfterTest(directory);
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  for (const command of commands[dialect] ?? []) {
    writeFileSync(join(bin, `${command}.mjs`), `#!${process.execPath}\n${readFileSync(recorded, 'utf8')}`);
    chmodSync(join(bin, `${command}.mjs`), 0o755);
    symlinkSync(join(bin, `${command}.mjs`), join(bin, command));
  }
  return makeRig({
    PATH: `${bin}:${process.env['PATH']}`,
    RECORDED_ENGINE: join(directory, 'state'),
    RECORDED_DIALECT: dialect,
    ...env,
  });
}

const program = `#!/bin/bash
printf '%s\\n' "$@"
for word; do
  case $word in
    do=fail) echo broken >&2; exit 3 ;;
    do=sleep) exec sleep 300 ;;
  esac
done
`;

type Listed = Record<string, unknown> & { readonly run: number; readonly status: string };

async function list(rig: Rig): Promise<Listed[]> {
  return JSON.parse((await rig.mlx('list', '--json')).stdout);
}

async function until(rig: Rig, status: RegExp): Promise<Listed[]> {
  for (const end = Date.now() + 30_000; ; ) {
    const runs = await list(rig);
    if (runs.every((run) => status.test(run.status))) return runs;
    if (Date.now() > end)
      throw new Error(
        `in vain: ${JSON.stringify(runs.map(({ run, status, reason, job_id }) => [run, status, reason, job_id]))}`,
      );
  }
}

/** The header of a batch script, in the style of its users. */
const headers: Readonly<Record<string, string>> = {
  pbs: '#PBS -N mine -j oe\n  #PBS -l select=1:ncpus=2 -l walltime=1:00:00\n#PBS -A "ada"',
  torque: '#PBS -N mine\n#PBS -l nodes=1:ppn=2,walltime=1:00:00\n#PBS -o out.txt',
  lsf: '#BSUB -J mine -o out.%J\n#BSUB -n 2 -W 1:00\n#BSUB -R "span[hosts=1]"',
  mwm: '#MSUB -N mine\n#MSUB -l nodes=1:ppn=2,walltime=1:00:00\n#MSUB -j oe',
};

describe.for(Object.keys(commands))('%s, as recorded', (name) => {
  test('mlxsub makes jobs of the swept commands of a script', async () => {
    const rig = recordedRig(name);
    rig.write('main.sh', program);
    const header = `#!/bin/bash\n# a job\n${headers[name]}\n`;
    rig.write('script.sh', `${header}SAY='some words'\n./main.sh do=well,fail "say=$SAY"\n./main.sh b=1\necho after\n`);
    const { stdout, stderr, exitCode } = await rig.mlx('sub', 'script.sh', '--time', '2h');
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('3 runs as 3 jobs')]);
    expect(stdout).toMatch(new RegExp(`^(logs/[123] → ${name} \\S+\n){3}$`));
    const runs = await until(rig, /COMPLETE|FAILED/);
    expect(runs.map(({ run, status }) => [status, rig.read(`logs/${run}/log.stdout`)])).toEqual([
      ['COMPLETE', 'do=well\nsay=some words\nafter\n'],
      ['FAILED', 'do=fail\nsay=some words\nafter\n'],
      ['COMPLETE', 'b=1\nafter\n'],
    ]);
    expect(rig.read('logs/2/script.sh').split('\n\n')[0]?.replaceAll(rig.directory, '/home/ada')).toMatchSnapshot();
  });

  test('runs a launch of two jobs, and tells how each has ended', async () => {
    const rig = recordedRig(name);
    rig.write('main.sh', program);
    const { stdout, exitCode, stderr } = await rig.mlx(
      'run',
      'main.sh',
      'do=well,fail',
      'text="a b"',
      '--scheduler',
      name,
      '--time',
      '2h',
      '--cpus',
      '2',
      '--mem',
      '1G',
      '--account',
      'ada',
    );
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('2 runs submitted as 2 jobs')]);
    expect(stdout).toMatch(new RegExp(`^logs/1 → ${name} \\S+\nlogs/2 → ${name} \\S+\n$`));
    const runs = await until(rig, /COMPLETE|FAILED/);
    expect(runs.map(({ status, exit_code }) => [status, exit_code])).toEqual([
      ['COMPLETE', 0],
      ['FAILED', 3],
    ]);
    expect([rig.read('logs/2/log.stdout'), rig.read('logs/2/log.stderr')]).toEqual([
      'do=fail\ntext="a b"\n',
      'broken\n',
    ]);
    expect(rig.read('logs/2/script.sh').split('\n\n')[0]?.replaceAll(rig.directory, '/home/ada')).toMatchSnapshot();
  });

  test('runs an array, one task of which can be stopped alone', async () => {
    const rig = recordedRig(name);
    rig.write('main.sh', program);
    const { stdout } = await rig.mlx('run', 'main.sh', 'do=sleep', 'a=1,2', '--scheduler', name, '--array', 'always');
    expect(stdout).toMatch(new RegExp(`^logs/1…2 \\(2 runs\\) → ${name} \\S+\n$`));
    await until(rig, /RUNNING/);
    await waitUntil(
      () => rig.tree('logs').filter((path) => path.endsWith('attempts/1.yaml')).length === 2,
      'both attempts',
    );
    expect((await rig.mlx('stop', '1')).stdout).toBe('told 1 run to end: 1\n');
    await waitUntil(() => rig.read('logs/1/metadata/info.yaml').startsWith('status: STOPPED'), 'its end');
    expect((await list(rig)).map(({ status }) => status)).toEqual(['STOPPED', 'RUNNING']);
    await rig.mlx('stop', '2');
    await until(rig, /STOPPED/);
  });

  test('refuses a queue that is not there in its own words', async () => {
    const rig = recordedRig(name);
    rig.write('main.sh', program);
    const { exitCode, stderr } = await rig.mlx('run', 'main.sh', '--scheduler', name, '--partition', 'nosuch');
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(/refused: .*(Unknown queue|No such queue|invalid class)/),
    ]);
  });

  test('takes as many tasks of an array as there is room for; mlx resume submits the rest', async () => {
    const rig = recordedRig(name, { RECORDED_MAX_JOBS: '3' });
    rig.write('main.sh', program);
    const launch = rig.start(['run', 'main.sh', 'do=sleep', 'a=1,2,3,4,5', '--scheduler', name, '--array', 'always']);
    let told = '';
    launch.stderr?.on('data', (chunk) => {
      told += chunk;
    });
    await waitUntil(() => told.includes('looking again in'), 'the wait');
    launch.kill('SIGINT');
    const { exitCode, stdout, stderr } = await launch;
    expect([exitCode, stdout]).toEqual([
      130,
      expect.stringMatching(new RegExp(`^logs/1…3 \\(3 runs\\) → ${name} \\S+\n$`)),
    ]);
    expect(stderr).toMatch(
      /note {5}3 of 5 runs submitted; Ctrl-C leaves the rest to mlx resume @\w+; --max-queued 3 would stay until all are in\n/,
    );
    expect(stderr).toMatch(
      /\ninterrupted: 3 runs submitted as 1 job; .*\n2 runs not submitted: mlx resume @\w+ submits the rest\n$/,
    );
    await waitUntil(
      () => [1, 2, 3].every((id) => rig.tree(`logs/${id}`).some((path) => path.endsWith('attempts/1.yaml'))),
      'their attempts',
    );
    const runs = await list(rig);
    expect(runs.map(({ run, status }) => `${run} ${status}`)).toEqual([
      '1 RUNNING',
      '2 RUNNING',
      '3 RUNNING',
      '4 STOPPED',
      '5 STOPPED',
    ]);
    expect(runs[3]).toMatchObject({
      reason: expect.stringMatching(/^interrupted before it was submitted; .* said last: .*(exceed|limit|threshold)/i),
    });
    expect((await rig.mlx('why', '5')).stdout).toMatch(/\njob +not submitted\nnext\n {2}mlx resume @\w+\n$/);
    const resumed = await rig.start(['resume'], { RECORDED_MAX_JOBS: '5' });
    expect([resumed.exitCode, resumed.stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^logs/4…5 \\(2 runs\\) → ${name} \\S+\n$`)),
    ]);
    await until(rig, /RUNNING/);
    await waitUntil(
      () => rig.tree('logs').filter((path) => path.endsWith('attempts/1.yaml')).length === 5,
      'all attempts',
    );
    await rig.mlx('stop', '1-5');
    await until(rig, /STOPPED/);
    expect(rig.tree('logs').filter((path) => path.endsWith('attempts/2.yaml'))).toEqual([]);
  });

  test('--detach feeds jobs in from the background', async () => {
    const rig = recordedRig(name);
    rig.write('main.sh', program);
    const words = ['run', 'main.sh', 'do=well', 'a=1,2,3', '--scheduler', name, '--max-queued', '1', '--detach', '-q'];
    expect(await rig.mlx(...words)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect((await rig.mlx('wait', '@last')).exitCode).toBe(0);
    expect((await list(rig)).map(({ status }) => status)).toEqual(['COMPLETE', 'COMPLETE', 'COMPLETE']);
  });

  test('--verbose prints each script, and --json what happens', async () => {
    const rig = recordedRig(name);
    rig.write('main.sh', program);
    const verbose = await rig.mlx('run', 'main.sh', 'do=well', '--scheduler', name, '--verbose');
    expect(verbose.stdout).toMatch(new RegExp(`^#!/bin/bash\n#[\\s\\S]*do=well\n\nlogs/1 → ${name} `));
    const { stdout } = await rig.mlx('run', 'main.sh', 'do=well', '--scheduler', name, '--json', '--wait');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect(events).toEqual(['launched', 'submitted', 'starting', 'ended']);
  });

  test('without the engine at hand, its jobs are shown by what is on disk', async () => {
    const rig = recordedRig(name);
    rig.write('main.sh', program);
    await rig.mlx('run', 'main.sh', 'do=sleep', '--scheduler', name);
    await waitUntil(() => rig.tree('logs').some((path) => path.endsWith('attempts/1.yaml')), 'its attempt');
    const elsewhere = await rig.start(['list'], { PATH: '/nowhere' });
    expect(String(elsewhere.stderr)).toMatch(/^warning: \w+ does not answer \(\w+ is not on this machine\)/);
    await rig.mlx('stop', '1');
    await until(rig, /STOPPED/);
  });
});

test('OpenPBS without a history: what has ended is told by the runs themselves', async () => {
  const rig = recordedRig('pbs', { RECORDED_NO_HISTORY: '1' });
  rig.write('main.sh', program);
  await rig.mlx('run', 'main.sh', 'do=well,fail', '--scheduler', 'pbs');
  expect((await until(rig, /COMPLETE|FAILED/)).map(({ status }) => status)).toEqual(['COMPLETE', 'FAILED']);
});

test('OpenPBS: --max-running holds over several arrays, for chains, and for what is submitted again', async () => {
  const rig = recordedRig('pbs', { RECORDED_ARRAY_TASKS: '5' });
  rig.write('main.sh', '#!/bin/bash\nsleep 0.3\n[ "$1" != do=fail ]\n');
  const words = ['--no-config', '--scheduler', 'pbs', '--max-running', '2'];
  const { stderr } = await rig.mlx('run', 'main.sh', 'do=fail,well', 'i=range(6)', ...words);
  expect(stderr).toContain('12 runs as 3 arrays of 12 jobs');
  // By now what it waited for may have ended.
  const reason = expect.stringMatching(/^waits for (\d|another)|^what it waited for has ended$/);
  expect((await list(rig)).at(-1)).toMatchObject({ status: 'QUEUED', reason });
  await waitUntil(() => rig.tree('logs').includes('1/metadata/attempts/1.end.yaml'), 'the end of the first run');
  expect((await rig.mlx('resubmit', '1')).exitCode).toBe(0);
  await until(rig, /COMPLETE|FAILED/);
  await rig.mlx('run', 'main.sh', 'i=range(5)', ...words, '--array', 'never');
  await until(rig, /COMPLETE|FAILED/);
  for (const launched of [/^([1-9]|1[0-2])$/, /^1[3-7]$/]) {
    const attempts = rig.tree('logs').filter((path) => /attempts\/\d\.yaml$/.test(path));
    const changes = attempts
      .filter((path) => launched.test(path.split('/')[0] ?? ''))
      .flatMap((path): [number, number][] => {
        const secondsIn = (file: string) => Number(/^(?:start|end)_seconds: ([\d.]+)$/m.exec(rig.read(file))?.[1]);
        return [
          [secondsIn(`logs/${path}`), 1],
          [secondsIn(`logs/${path.replace('.yaml', '.end.yaml')}`), -1],
        ];
      });
    let now = 0;
    const most = Math.max(...changes.sort(([a, x], [b, y]) => a - b || x - y).map(([, change]) => (now += change)));
    expect([changes.length, most]).toEqual([launched.test('1') ? 26 : 10, 2]);
  }
});

test.for(['pbs', 'torque'])('%s starts jobs with umask 077; runs have that of their launch', async (name) => {
  const rig = recordedRig(name);
  rig.write('main.sh', '#!/bin/bash\numask\ntouch "$MLX_LOG_DIR/made"\n');
  await rig.mlx('run', 'main.sh', 'a=1', '--scheduler', name);
  await rig.mlx('run', 'main.sh', 'a=2,3', '--scheduler', name, '--array', 'always');
  await until(rig, /COMPLETE|FAILED/);
  for (const id of [1, 2, 3]) {
    expect(rig.read(`logs/${id}/log.stdout`)).toBe('0022\n');
    const modes = rig.tree(`logs/${id}`).map((path) => {
      const { mode } = statSync(join(rig.directory, `logs/${id}`, path));
      return [path, (mode & 0o044).toString(8)];
    });
    expect(modes.filter(([, mode]) => mode !== '44')).toEqual([]);
  }
});

test('OpenPBS in a directory with letters that it refuses', async () => {
  const rig = recordedRig('pbs');
  rig.write('main.sh', program);
  const words = ['run', 'main.sh', 'do=well,fail', '--scheduler', 'pbs', '--store', 'josé/logs', '--array'];
  for (const array of ['never', 'always']) {
    const { exitCode, stderr } = await rig.mlx(...words, array);
    expect(exitCode, stderr).toBe(0);
  }
  await waitUntil(
    () => [1, 2, 3, 4].every((id) => /^status: (COMPLETE|FAILED)/.test(rig.read(`josé/logs/${id}/metadata/info.yaml`))),
    'all ends',
  );
  expect([1, 2, 3, 4].map((id) => rig.read(`josé/logs/${id}/log.stdout`))).toEqual(
    ['well', 'fail', 'well', 'fail'].map((word) => `do=${word}\n`),
  );
});

test('an array in pieces that is killed at any step is finished by mlx resume, each run once', {
  timeout: 600_000,
}, async () => {
  for (let at = soak ? 1 : 139; ; at += soak ? 1 : 23) {
    const rig = recordedRig('pbs', { RECORDED_MAX_JOBS: '3' });
    rig.write('main.sh', '#!/bin/bash\necho "$1" >> done.log\nsleep 2\n');
    const args = ['run', 'main.sh', 'i=1,2,3,4,5', '--scheduler', 'pbs', '--array', 'always', '-q'];
    const { reached } = await mlxWithFault(rig, { kind: 'kill', at }, args);
    const resumed = await rig.mlx('resume', '-q');
    expect(resumed.exitCode, `step ${at}: ${resumed.stderr}`).toBe(0);
    if (!existsSync(join(rig.directory, 'logs/1'))) continue;
    await until(rig, /COMPLETE/);
    expect(rig.read('done.log').trim().split('\n').sort(), `step ${at}`).toEqual([1, 2, 3, 4, 5].map((i) => `i=${i}`));
    expect((await list(rig)).map(({ run, attempt }) => [run, attempt])).toEqual([1, 2, 3, 4, 5].map((id) => [id, 1]));
    if (!reached) break;
  }
});

describe("a user's own engine", () => {
  test('from a module: the example runs jobs, tells their ends, and stops them', async () => {
    const rig = makeRig();
    cpSync(example, join(rig.directory, 'engines'), { recursive: true });
    rig.write('main.sh', program);
    rig.write('configs/mlx.yaml', 'scheduler: { name: ./engines/nohup-engine.mjs }\n');
    const { stdout, exitCode } = await rig.mlx('run', 'main.sh', 'do=well,fail', '--scheduler');
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^logs\/1 → nohup-engine\.mjs [\d.]+\nlogs\/2 → /)]);
    expect((await until(rig, /COMPLETE|FAILED/)).map(({ status }) => status)).toEqual(['COMPLETE', 'FAILED']);
    await rig.mlx('run', 'main.sh', 'do=sleep', '--scheduler');
    await waitUntil(() => rig.tree('logs/3').some((path) => path.endsWith('attempts/1.yaml')), 'its attempt');
    expect((await rig.mlx('stop', '3')).stdout).toBe('told 1 run to end: 3\n');
    await until(rig, /COMPLETE|FAILED|STOPPED/);
    await rig.mlx('run', 'main.sh', 'do=well', 'a=1,2,3', '--scheduler', '--array', 'always');
    await until(rig, /COMPLETE|FAILED|STOPPED/);
    expect(rig.read('logs/6/log.stdout')).toBe('do=well\na=3\n');
  });

  test.for([
    ['export const engine = {};', "its engine has no object 'names'"],
    ['export const other = 1;', "it exports neither 'engine' nor a default"],
    ['syntax error', 'SyntaxError'],
  ] as const)('that is none is refused before anything is written: %s', async ([text, problem]) => {
    const rig = makeRig();
    rig.write('main.sh', program);
    rig.write('e.mjs', text);
    const { exitCode, stderr } = await rig.mlx('run', 'main.sh', '--scheduler=./e.mjs');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(problem)]);
    expect(rig.tree()).toEqual(['e.mjs', 'main.sh']);
  });
});

test('mlx resubmit keeps failed runs off a node', async () => {
  const rig = recordedRig('lsf');
  rig.write('main.sh', program);
  await rig.mlx('run', 'main.sh', 'do=well,fail', '--scheduler', 'lsf');
  await until(rig, /COMPLETE|FAILED/);
  const again = await rig.mlx('resubmit', 'failed', '--exclude', 'node3');
  expect([again.exitCode, again.stderr, again.stdout]).toEqual([
    0,
    '',
    expect.stringMatching(/^Re-submitted logs\/2 /),
  ]);
  expect(rig.read('logs/2/script.sh')).toContain(`#BSUB -R "select[hname!='node3']"`);
  expect(rig.read('logs/1/script.sh')).not.toContain('node3');
  await until(rig, /COMPLETE|FAILED/);
});

import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeRig, mlxBin, type Rig } from '../rig/rig.js';

/** The lines at the head of the script that a launch would submit. */
async function directives(rig: Rig, engine: string, ...options: string[]): Promise<string[]> {
  const { stdout, stderr } = await rig.mlx(
    'run',
    'main.sh',
    'a=1',
    '--scheduler',
    engine,
    '--dry-run',
    '--json',
    ...options,
  );
  if (stdout === '') throw new Error(stderr);
  const lines: string[] = JSON.parse(stdout).script.split('\n\n')[0].split('\n');
  return lines.slice(1).filter((line) => !line.includes(rig.directory) && !line.includes('logs'));
}

function project(settings?: string): Rig {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n');
  if (settings !== undefined) rig.write('configs/mlx.yaml', settings);
  return rig;
}

const all = [
  '--time',
  '1-12',
  '--cpus',
  '4',
  '--gpus',
  '2',
  '--mem',
  '8G',
  '--nodes',
  '2',
  '--tasks',
  '8',
  '--account',
  'a',
  '--partition',
  'p',
  '--requeue',
];

describe('what a job asks for', () => {
  test.for([
    [
      'slurm',
      all,
      '--time=1-12:00:00 --cpus-per-task=4 --gres=gpu:2 --mem=8192M --partition=p --nodes=2 --ntasks=8 --account=a --requeue',
    ],
    [
      'slurm',
      ['--constraint', 'a100&ib', '--no-requeue', '--time', '90'],
      '--time=00:01:30 --constraint="a100&ib" --no-requeue',
    ],
    ['slurm', ['--exclude', 'node3,node[5-7]'], '--exclude="node3,node[5-7]"'],
    [
      'lsf',
      ['--exclude', 'node3,node-4.site'],
      `-e /dev/null -o /dev/null -R "select[hname!='node3' && hname!='node-4.site']"`,
    ],
    [
      'sge',
      ['--time', '2h', '--cpus', '4', '--mem', '8G', '--gpus', '1', '--account', 'a', '--no-requeue'],
      '-S /bin/bash -l h_rt=02:00:00,mem_free=2048M,gpu=1 -pe smp 4 -P a -r n',
    ],
    ['sge', ['--tasks', '8'], '-S /bin/bash -pe mpi 8'],
    [
      'oar',
      ['--time', '6h', '--cpus', '2', '--account', 'a', '--constraint', "gpu='YES'"],
      "-E /dev/null -O /dev/null -l /nodes=1/core=2,walltime=06:00:00 --project a -p gpu='YES'",
    ],
    [
      'oar',
      ['--nodes', '2', '--tasks', '8', '--requeue'],
      '-E /dev/null -O /dev/null -l /nodes=2/core=4 -t idempotent',
    ],
    ['oar', ['--gpus', '1'], '-E /dev/null -O /dev/null -l /gpu=1'],
    ['pbs', all, '-k oed -l select=2:ncpus=16:mpiprocs=4:ngpus=2:mem=8192mb -l walltime=36:00:00 -q p -A a -r y'],
    [
      'torque',
      all,
      '-e /dev/null -o /dev/null -l nodes=2:ppn=16:gpus=2 -l mem=8192mb -l walltime=36:00:00 -q p -A a -r y',
    ],
    [
      'lsf',
      all,
      '-e /dev/null -o /dev/null -W 36:00 -n 32 -R "span[ptile=16]" -gpu "num=2" -M 8192MB -R "rusage[mem=8192MB]" -q p -P a -r -Q 99',
    ],
    ['mwm', all, '-e /dev/null -o /dev/null -l nodes=2:ppn=16:gpus=2,mem=8192mb,walltime=36:00:00 -q p -A a -r y'],
  ] as const)('is translated for %s: %s', async ([engine, options, expected]) => {
    const found = await directives(project(), engine, ...options);
    const marker = { slurm: '#SBATCH', sge: '#$', oar: '#OAR', lsf: '#BSUB', mwm: '#MSUB' }[engine as string] ?? '#PBS';
    const own = found.filter((line) => !/open-mode/.test(line)).map((line) => line.replace(`${marker} `, ''));
    expect(own.join(' ')).toBe(expected);
  });

  test.for([
    ['sge', ['--nodes', '2'], "Grid Engine can't express '--nodes'"],
    ['sge', ['--constraint', 'x'], "Grid Engine can't express '--constraint'"],
    ['sge', ['--exclude', 'n3'], "--option '-l h=!(NODE|NODE)'"],
    ['oar', ['--exclude', 'n3'], `--option "-p network_address not in ('NODE')"`],
    ['pbs', ['--exclude', 'n3'], "OpenPBS can't express '--exclude'"],
    ['lsf', ['--exclude', 'n[3-5]'], 'node3,node4'],
    ['slurm', ['--exclude', 'n3', '--option', '-x n4'], "'-x n4' and --exclude ask for the same thing"],
    ['slurm', ['--exclude', 'n3 n4'], "'n3 n4' is no value for 'exclude'"],
    ['oar', ['--mem', '8G'], "OAR can't express '--mem'"],
    ['oar', ['--gpus', '1', '--cpus', '4'], "OAR can't express '--gpus'"],
    ['pbs', ['--constraint', 'x'], "OpenPBS can't express '--constraint'"],
    ['pbs', ['--nodes', '3', '--tasks', '4'], '4 tasks do not spread evenly over 3 nodes'],
    ['slurm', ['--time', '2h', '--option', '--time=3:00'], "'--time=3:00' and --time ask for the same thing"],
    [
      'slurm',
      ['--gpus', '1', '--option', '#SBATCH --gres=gpu:a100:1'],
      "'--gres=gpu:a100:1' and --gpus ask for the same thing",
    ],
    ['oar', ['--cpus', '1', '--option', '-l core=1'], "'-l core=1' and --cpus ask for the same thing"],
    ['slurm', ['--option', '-o other.log'], "mlx sets '-o other.log' itself"],
    ['slurm', ['--option', '-oother.log'], "mlx sets '-oother.log' itself"],
    ['slurm', ['--option', '-t 5\nrm -rf /'], 'is no option of an engine'],
    ['slurm', ['--mem', '8'], "'8' is no value for 'mem'"],
    ['slurm', ['--time', 'soon'], "'soon' is no value for 'time'"],
    ['slurm', ['--cpus', '0'], "'0' is no value for 'cpus'"],
    ['slurm', ['--profile', 'nope'], "there is no profile 'nope'"],
    ['slurm', ['--requeue', '--no-requeue'], "'--requeue' and '--no-requeue'"],
    ['slurm', ['--fail-fast', '--max-failures', '2'], "'--fail-fast' and '--max-failures'"],
    ['slurm', ['--max-failures', '0'], "can't be '0'"],
    ['slurm', ['--retry-on', '1'], 'add --retries N'],
    ['slurm', ['--retries', '1', '--retry-on', '1,300'], "'1,300' is no value for 'retry-on'"],
    ['local', ['--retries', '-1'], "'-1' is no value for 'retries'"],
    ['slurm', ['--export', 'A=1'], "'A=1'"],
  ] as const)('is refused where it makes no sense, %s %s, with nothing written', async ([engine, options, problem]) => {
    const rig = project();
    const { exitCode, stderr } = await rig.mlx('run', 'main.sh', 'a=1', '--scheduler', engine, ...options);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(problem)]);
    expect(rig.tree()).toEqual(['main.sh']);
  });

  test('takes native options that only begin like others', async () => {
    const options = ['--time-min=10', '--ntasks-per-node=4', '--mem-bind=local', '--nodelist=n1', '--wait-all-nodes=1'];
    const found = await directives(
      project(),
      'slurm',
      '--time',
      '1h',
      '--tasks',
      '8',
      ...options.flatMap((one) => ['--option', one]),
    );
    expect(found.slice(-options.length)).toEqual(options.map((option) => `#SBATCH ${option}`));
  });

  test('excludes nodes as the settings say, unless options say otherwise', async () => {
    const rig = project('scheduler: { name: slurm, resources: { exclude: n1 } }\n');
    const excluding = async (...options: string[]) =>
      (await directives(rig, 'slurm', ...options)).filter((line) => line.includes('excl'));
    expect(await excluding('--option', '--exclusive')).toEqual(['#SBATCH --exclude=n1', '#SBATCH --exclusive']);
    expect(await excluding('--exclude', 'n2')).toEqual(['#SBATCH --exclude=n2']);
  });

  test('comes from the settings, a profile over them, and flags over both', async () => {
    const rig = project(`scheduler:
  name: slurm
  option_cmd: ['#SBATCH --qos=low', '--mail-type=END']
  resources: { time: 1h, partition: main, cpus: 2 }
  profiles:
    gpu-small: { time: 2h, gpus: 1, option_cmd: [--exclusive] }
`);
    expect(await directives(rig, 'slurm', '--profile', 'gpu-small', '--cpus', '8')).toEqual([
      '#SBATCH --open-mode=append',
      '#SBATCH --time=02:00:00',
      '#SBATCH --cpus-per-task=8',
      '#SBATCH --gres=gpu:1',
      '#SBATCH --partition=main',
      '#SBATCH --qos=low',
      '#SBATCH --mail-type=END',
      '#SBATCH --exclusive',
    ]);
    expect((await rig.mlx('run', 'main.sh', '--scheduler', '--profile', 'gpu-smal')).stderr).toContain(
      "did you mean 'gpu-small'?",
    );
  });
});

describe('the script of a job', () => {
  test("does what MLXP's settings say, where MLXP does it, and nothing of the environment that was not asked for", async () => {
    const rig = project(`scheduler:
  shell_config_cmd: source /etc/profile
  env_cmd: [module load cuda, conda activate torch]
  cleanup_cmd: rm -rf "$TMPDIR"/x
environment: [CUDA_HOME]
`);
    rig.write('main.py', '');
    const { stdout } = await rig.start(
      [
        'run',
        'main.py',
        'a=1',
        '--scheduler',
        'oar',
        '--option',
        '-l core=1',
        '--export',
        'WANDB_MODE',
        '-n',
        '--json',
      ],
      {
        CUDA_HOME: '/opt/cuda',
        WANDB_MODE: 'offline',
        WANDB_API_KEY: 'secret',
      },
    );
    const script: string = JSON.parse(String(stdout)).script;
    const [, body = ''] = /\n\n(export [\s\S]*)$/.exec(script) ?? [];
    expect(
      body.replace(/^export PYTHONPATH=.*\n/m, '').replace(/^cd .* \|\|/m, 'cd … ||'),
    ).toBe(`export CUDA_HOME=/opt/cuda
export WANDB_MODE=offline
export PYTHONUNBUFFERED=1
source /etc/profile
module load cuda
conda activate torch
cd … || exit
trap : HUP INT TERM USR1 USR2
python main.py a=1
mlx_status=$?
rm -rf "$TMPDIR"/x
exit "$mlx_status"
`);
    expect(script).not.toContain('secret');
  });

  test('for OAR looks as in the guide', async () => {
    const rig = project();
    const { stdout } = await rig.mlx(
      'run',
      'main.sh',
      'a=1',
      '--scheduler',
      'OARScheduler',
      '--option',
      '-l core=1, walltime=6:00:00',
      '--store',
      '/tmp/nowhere/logs',
      '-n',
      '--json',
    );
    expect(JSON.parse(stdout).script.split('\n').slice(0, 6)).toEqual([
      '#!/bin/bash',
      '#OAR -n logs/1',
      '#OAR -E /tmp/nowhere/logs/1/log.stderr',
      '#OAR -O /tmp/nowhere/logs/1/log.stdout',
      '#OAR -l core=1, walltime=6:00:00',
      '',
    ]);
  });

  test('+mlx.use_scheduler=True asks for the configured engine', async () => {
    const rig = project('scheduler: { name: SLURMScheduler }\n');
    for (const word of ['+mlx.use_scheduler=True', '+mlxpy.use_scheduler=True', 'mlxp.use_scheduler=true']) {
      const { stdout } = await rig.mlx('run', 'main.sh', 'a=1', word, '-n');
      expect(stdout).toContain('1 run as 1 job of Slurm');
    }
  });
});

describe('where no engine is configured', () => {
  /** Types answers to a mlx on a terminal, and gives what stood there. */
  async function typed(rig: Rig, answers: string, ...args: string[]): Promise<string> {
    const line = [process.execPath, mlxBin, ...args].map((word) => `'${word}'`).join(' ');
    const { stdout } = await execa('script', ['-qec', line, '/dev/null'], {
      cwd: rig.directory,
      env: { CI: undefined, NO_COLOR: '1', TERM: 'dumb' },
      input: answers,
    });
    return stdout.replaceAll('\r', '');
  }

  test('a person chooses one, which is written into the settings, and the launch goes on', async () => {
    const rig = project();
    const screen = await typed(
      rig,
      'y\nnonsense\nOARScheduler\n',
      'run',
      'main.sh',
      'a=1',
      '+mlxpy.use_scheduler=True',
      '--dry-run',
    );
    expect(screen).toContain('No scheduler is configured by default');
    expect(screen).toContain("'nonsense' is none of them");
    expect(screen).toContain(
      'Setting Scheduler to OARScheduler\n\nDefault settings for mlx were created in configs/mlx.yaml',
    );
    expect(screen).toContain('1 run as 1 job of OAR');
    expect(rig.read('configs/mlx.yaml')).toMatch(/^scheduler:\n {2}name: OARScheduler # /m);
    // Editors find the schema in the package.
    expect(rig.read('configs/mlx.yaml')).toMatch(
      /^# yaml-language-server: \$schema=file:\/\/\/\S+\/dist\/mlx\.schema\.json\n/,
    );
    // From now on it is configured.
    expect((await rig.mlx('run', 'main.sh', 'a=1', '--scheduler', '-n')).stdout).toContain('1 run as 1 job of OAR');
  });

  test('the answer n goes on without', async () => {
    const rig = project('grace: 5 # seconds\n');
    const screen = await typed(rig, 'n\n', 'run', 'main.sh', 'a=1', '--scheduler', '--dry-run');
    expect(screen).toContain('1 run on this machine');
    expect(rig.read('configs/mlx.yaml')).toBe('grace: 5 # seconds\n');
  });

  test('settings that are there keep their comments', async () => {
    const rig = project('grace: 5 # seconds\n');
    await typed(rig, 'y\nslurm\n', 'run', 'main.sh', 'a=1', '--scheduler', '--dry-run');
    expect(rig.read('configs/mlx.yaml')).toBe('grace: 5 # seconds\nscheduler:\n  name: slurm\n');
  });

  test('nobody is asked in a pipe: the error says what to write', async () => {
    const rig = project();
    const { exitCode, stderr } = await rig.mlx('run', 'main.sh', 'a=1', '--scheduler');
    expect([2, 3]).toContain(exitCode);
    expect(stderr).toMatch(/^mlx: no engine is configured/);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeRig, pathOf, type Rig, waitUntil } from '../rig/rig.js';

// The guide's config: no sections of arrays, none of mpi.
const guideConfig = `walltime: null

script_prologue: |
    echo Hostname: $(hostname)
    export CUDA_VISIBLE_DEVICES=all

cpu:
    job: "{command}"

gpu:
    job: "CUDA_VISIBLE_DEVICES=$(( LOCAL_PROC_INDEX % {args.n_procs} )) {command}"

train:
    job: |
        mpirun -np {args.n_gpus} \\
            -x MAIN_ADDR=$(hostname -i) \\
            -x MAIN_PORT=3000 \\
            {command}
`;

const tell = `#!/bin/bash
words=$(printf '<%s>' "$@")
echo "$words \${CUDA_VISIBLE_DEVICES-none} \${TASK_INDEX-none} \${TASK_STEPSIZE-none}"
`;

/** What was there beside the store. */
const besideStore = (rig: Rig) => rig.tree('logs').filter((name) => !/^(\.mlx|\d+)\//.test(name));

describe('mlx job local', () => {
  test("runs the guide's commands: script and log beside one another, output on the terminal, the command's words as they are", async () => {
    const rig = makeRig();
    rig.write('job_config.yaml', guideConfig);
    rig.write('tell', tell);
    const words = ['a b', "it's", '$HOME', '', 'lr=1,2', '--epochs', '10'];
    const one = await rig.mlx(
      'job',
      'local',
      '--config',
      'job_config.yaml',
      'cpu',
      'logs/example.log',
      '--',
      './tell',
      ...words,
    );
    const said = `<a b><it's><$HOME><><lr=1,2><--epochs><10> all none none\n`;
    expect(one).toEqual({ stdout: expect.stringMatching(/^Hostname: .+\n/), stderr: '', exitCode: 0 });
    expect(one.stdout.endsWith(said)).toBe(true);
    expect(rig.read('logs/example.log')).toBe(one.stdout);
    expect(rig.read('logs/example.sh')).toBe(rig.read('logs/1/script.sh'));
    expect(besideStore(rig)).toEqual(['example.log', 'example.sh']);
    const gpu = await rig.mlx('job', 'local', '--config', 'job_config.yaml', 'gpu', 'logs/gpu.log', './tell');
    expect(gpu.stdout).toMatch(/\n<> 0 none none\n$/);
    const listed = await rig.mlx('list', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { run: 1, status: 'COMPLETE' },
      { run: 2, status: 'COMPLETE' },
    ]);
    expect((await rig.mlx('logs', '1')).stdout).toContain(said.trim());
  });

  test('hands tasks out to workers, says which failed, and gives the exit code', async () => {
    const rig = makeRig();
    rig.write('tell', tell);
    const array = await rig.mlx(
      'job',
      'local',
      'cpu',
      '--n_tasks=10',
      '--n_procs',
      '3',
      'out/a.log',
      '--',
      './tell',
      'x y',
    );
    expect(array.exitCode).toBe(0);
    expect(rig.tree('out')).toEqual(['a.1.log', 'a.2.log', 'a.3.log', 'a.log', 'a.sh']);
    expect([1, 2, 3].map((worker) => rig.read(`out/a.${worker}.log`))).toEqual([
      '<x y> none 1 4\n',
      '<x y> none 5 4\n',
      '<x y> none 9 2\n',
    ]);
    expect(rig.read('out/a.log').split('\n').sort()).toEqual(array.stdout.split('\n').sort());
    // A worker that has ended leaves its GPU to the next: these wait for each other.
    rig.write('stay', `${tell}touch "here.$$"; until [ "$(ls here.* | wc -l)" = 2 ]; do sleep 0.05; done\n`);
    const gpus = await rig.mlx('job', 'local', 'gpu', '--n-tasks=4', '--n-procs=2', 'out/g.log', './stay');
    expect(gpus.stdout.split('\n').slice(1, 3).sort()).toEqual(['<> 0 1 2', '<> 1 3 2']);
    const failing = ['bash', '-c', '[ $TASK_INDEX != 3 ] || exit 7'];
    const failed = await rig.mlx('job', 'local', 'cpu', '--n_tasks=4', '--n_procs=2', 'out/f.log', '--', ...failing);
    expect(failed.exitCode).toBe(7);
    expect(failed.stdout).toContain(
      `worker 2 failed with exit code 7, its output is in ${join(rig.directory, 'out/f.2.log')}`,
    );
    expect((await rig.mlx('list', '--json', 'failed')).stdout).toContain('"exit code 7"');
  });

  test('keeps a walltime, and says what it does not use', async () => {
    const rig = makeRig();
    const options = ['--walltime', '0:0:1', 'cpu', '--n_tasks=1', '--n_tasks_per_proc=9'];
    const over = await rig.mlx('job', 'local', ...options, 'x.log', '--', 'sleep', '20');
    expect(over.stderr).toContain('note     --n_tasks_per_proc is ignored: here the workers share the tasks evenly\n');
    expect(over.stderr).toContain('note     --walltime 0:0:1 holds here too: the job is ended then\n');
    expect(over.exitCode).toBe(143);
    expect((await rig.mlx('list', '--json')).stdout).toContain('"TIMEOUT"');
  });

  test('refuses a log that a job still writes to; Ctrl-C ends it', async () => {
    const rig = makeRig();
    const first = rig.start(['job', 'local', 'cpu', 'x.log', '--', 'sleep', '60']);
    await waitUntil(async () => (await rig.mlx('list', '--json')).stdout.includes('"RUNNING"'), 'its start');
    const second = await rig.mlx('job', 'local', 'cpu', './x.log', '--', 'true');
    expect(second).toEqual({
      stdout: '',
      stderr:
        "mlx: 'x.log' is the log of run 1, which may still write to it\n  wait for that (mlx watch), stop it (mlx stop), or name another LOG_FILENAME\n",
      exitCode: 2,
    });
    first.kill('SIGINT');
    expect((await first).exitCode).toBe(130);
    expect((await rig.mlx('job', 'local', 'cpu', './x.log', '--', 'true')).exitCode).toBe(0);
    const statuses = JSON.parse((await rig.mlx('list', '--json')).stdout).map(
      ({ status }: { status: string }) => status,
    );
    expect(statuses).toEqual(['STOPPED', 'COMPLETE']);
  });

  test('starts so many processes of MPI', async ({ skip }) => {
    const { failed } = await execa('mpirun', ['--version'], { reject: false });
    if (failed && process.env['MLX_CLUSTERS'] !== 'required') skip('there is no mpirun');
    const rig = makeRig({
      OMPI_ALLOW_RUN_AS_ROOT: '1',
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
      OMPI_MCA_rmaps_base_oversubscribe: '1',
    });
    const rank = ['bash', '-c', 'echo "rank $OMPI_COMM_WORLD_RANK of $OMPI_COMM_WORLD_SIZE at ${MAIN_ADDR-nowhere}"'];
    const mpi = await rig.mlx('job', 'local', 'mpi', '--n_procs=3', 'm.log', '--', ...rank);
    expect(mpi.exitCode, mpi.stdout + mpi.stderr).toBe(0);
    expect(mpi.stdout.split('\n').slice(1, 4).sort()).toEqual([0, 1, 2].map((one) => `rank ${one} of 3 at nowhere`));
    const train = await rig.mlx('job', 'local', 'train', '--n_gpus=2', 't.log', '--', ...rank);
    expect(train.stdout.split('\n').slice(1, 3).sort()).toEqual([0, 1].map((one) => `rank ${one} of 2 at 127.0.0.1`));
    rig.write('job_config.yaml', guideConfig);
    const guided = await rig.mlx(
      'job',
      'local',
      '--config',
      'job_config.yaml',
      'train',
      '--n_gpus=2',
      'g.log',
      '--',
      ...rank,
    );
    expect(guided.stdout).toMatch(/^rank 1 of 2 at \S*\d/m);
  });

  test('is done again by mlx rerun, and its log is then that of the new run', async () => {
    const rig = makeRig();
    await rig.mlx('job', 'local', 'cpu', 'x.log', '--', 'bash', '-c', 'echo $MLX_LOG_ID');
    await rig.mlx('rerun', '1');
    expect(rig.read('x.log')).toMatch(/\n2\n$/);
    expect(rig.read('logs/1/log.stdout')).toMatch(/\n1\n$/);
  });
});

// As the guide has them.
const guidePbs = `walltime: "1:0:0"
script_prologue: |
    echo Job ID: $PBS_JOBID
qsub: "qsub -P $JOB_GROUP -l walltime={args.walltime} -v USE_SSH=1"
cpu:
    qsub_args: "-q rt_HF -l select=1"
    job: "{command}"
cpu-array:
    n_tasks_per_proc: 128
    n_procs: 24
    qsub_args: "-q rt_HF -l select=1 -J 1-{args.n_tasks}:$(( {args.n_tasks_per_proc} * {args.n_procs} ))"
    job: "{command}"
gpu-array:
    n_tasks_per_proc: 128
    n_procs: 8
    qsub_args: "-q rt_HF -l select=1 -J 1-{args.n_tasks}:$(( {args.n_tasks_per_proc} * {args.n_procs} ))"
    job: "CUDA_VISIBLE_DEVICES=$(( LOCAL_PROC_INDEX % 8 )) {command}"
mpi:
    n_nodes: 1
    qsub_args: >-
        -q rt_HF
        -l select={args.n_nodes}:mpiprocs=$(( {args.n_procs} / {args.n_nodes} )):ompthreads=$(( {args.n_nodes} * 96 / {args.n_procs} ))
    job: |
        mpirun -np {args.n_procs} -bind-to none -map-by slot \\
            -mca pml ob1 -mca btl self,tcp -mca btl_tcp_if_include bond0 \\
            {command}
`;
const guideSge = `walltime: "1:0:0"
qsub: "qsub -g $JOB_GROUP -l h_rt={args.walltime}"
cpu:
    qsub_args: "-l cpu_40=1"
    job: "{command}"
gpu-array:
    n_tasks_per_proc: 128
    n_procs: 1
    qsub_args: "-l gpu_1=1 -t 1-{args.n_tasks}:$(( {args.n_tasks_per_proc} * {args.n_procs} ))"
    job: "{command}"
train:
    qsub_args: "-l $( (({args.n_gpus}==1)) && printf node_q || printf node_f )=$(( ({args.n_gpus} + 3) / 4 ))"
    job: |
        module load openmpi
        mpirun -np {args.n_gpus} -map-by ppr:$(nvidia-smi -L | wc -l):node:PE=48 \\
            -x MAIN_ADDR=$(hostname -i) \\
            -x MAIN_PORT=3000 \\
            {command}
`;

describe('the submission that a template asks for', () => {
  // Computed by bash on sight of the guide's excerpts.
  test.for([
    ['pbs', 'cpu', '-P grp -l walltime=1:0:0 -v USE_SSH=1 -q rt_HF -l select=1'],
    [
      'pbs',
      'cpu --n_tasks=600 --n_tasks_per_proc=128 --n_procs=2',
      '-P grp -l walltime=1:0:0 -v USE_SSH=1 -q rt_HF -l select=1 -J 1-600:256',
    ],
    // One element is no array: OpenPBS refuses it.
    ['pbs', 'gpu --n_tasks=1000', '-P grp -l walltime=1:0:0 -v USE_SSH=1 -q rt_HF -l select=1'],
    [
      'pbs',
      '--walltime 2:0:0 gpu --n_tasks 1025',
      '-P grp -l walltime=2:0:0 -v USE_SSH=1 -q rt_HF -l select=1 -J 1-1025:1024',
    ],
    [
      'pbs',
      'mpi --n_procs=8 --n_nodes=2',
      '-P grp -l walltime=1:0:0 -v USE_SSH=1 -q rt_HF -l select=2:mpiprocs=4:ompthreads=24',
    ],
    ['pbs', 'mpi --n_procs=3', '-P grp -l walltime=1:0:0 -v USE_SSH=1 -q rt_HF -l select=1:mpiprocs=3:ompthreads=32'],
    ['sge', 'cpu', '-g grp -l h_rt=1:0:0 -l cpu_40=1'],
    ['sge', 'gpu --n_tasks=1000', '-g grp -l h_rt=1:0:0 -l gpu_1=1 -t 1-1000:128'],
    ['sge', 'train --n_gpus=1', '-g grp -l h_rt=1:0:0 -l node_q=1'],
    ['sge', 'train --n_gpus=16', '-g grp -l h_rt=1:0:0 -l node_f=4'],
  ] as const)('%s %s', async ([backend, words, expected]) => {
    const rig = makeRig({ JOB_GROUP: 'grp' });
    rig.write('job.yaml', backend === 'pbs' ? guidePbs : guideSge);
    // To be shown it, nobody needs the engine.
    const path = pathOf('bash');
    const { stdout, exitCode, stderr } = await rig.start(
      ['job', backend, '--config', 'job.yaml', ...words.split(' '), '--dry-run', 'logs/x.log', '--', 'prog'],
      { PATH: path },
    );
    expect(exitCode, String(stderr)).toBe(0);
    expect(stdout).toContain(`note     submitted with qsub ${expected}\n`);
    expect(rig.tree()).toEqual(['job.yaml']);
  });
});

test('an array of OpenPBS: one run for each element, told which it is by PBS_ARRAY_INDEX', async () => {
  // Answers as OpenPBS does, and runs the elements itself.
  const rig = makeRig({ JOB_GROUP: 'grp' });
  rig.write('job.yaml', guidePbs);
  rig.write('tell', tell);
  rig.write(
    'bin/qsub',
    `#!/bin/bash
[ "$1" != --version ] || { echo 'pbs_version = 20.0.1'; exit; }
printf '%s\\n' "$@" > "$(dirname "$0")/../qsub.args"
script=\${!#}
while [ $# -gt 1 ]; do
  case $1 in
    -v) variables=$2 ;;
    -J) range=$2 ;;
  esac
  shift
done
IFS=,; for pair in $variables; do export "$pair"; done; unset IFS
[ -n "$range" ] || { PBS_JOBID=7.srv bash "$script" > /dev/null 2>&1; echo 7.srv; exit; }
last=\${range#*-} step=\${last#*:} last=\${last%:*}
for ((i = 1; i <= last; i += step)); do
  PBS_ARRAY_INDEX=$i PBS_JOBID="7[$i].srv" bash "$script" > /dev/null 2>&1
done
echo '7[].srv'
`,
  );
  const env = { PATH: `${rig.directory}/bin:${process.env['PATH']}` };
  const words = ['--n_tasks=10', '--n_tasks_per_proc=2', '--n_procs=2', 'logs/x.log', '--', './tell', 'a b'];
  const done = await rig.start(['job', 'pbs', '--config', 'job.yaml', 'cpu', ...words], env);
  expect(done.exitCode, `${done.stdout}${done.stderr}`).toBe(0);
  expect(rig.read('qsub.args').split('\n').slice(0, 10)).toEqual([
    '-P',
    'grp',
    '-l',
    'walltime=1:0:0',
    '-v',
    'USE_SSH=1',
    '-q',
    'rt_HF',
    '-l',
    'select=1',
  ]);
  // The last `-v` is the one that counts: the user's variables are in it.
  expect(rig.read('qsub.args')).toMatch(/\n-J\n1-10:4\n-f\n-v\nUSE_SSH=1,MLX_TOKEN=\w+\n/);
  const parts = ['1.1', '1.2', '5.1', '5.2', '9.1'];
  expect(parts.map((part) => rig.read(`logs/x.${part}.log`))).toEqual(
    [1, 3, 5, 7, 9].map((first) => `<a b> none ${first} 2\n`),
  );
  expect(besideStore(rig)).toEqual(
    [1, 5, 9]
      .flatMap((index) => [`x.${index}.log`, `x.${index}.out`])
      .concat(
        parts.map((part) => `x.${part}.log`),
        'x.sh',
      )
      .sort(),
  );
  const listed = JSON.parse((await rig.start(['list', '--json'], env)).stdout as string);
  expect(listed.map(({ status, job_id: id }: { status: string; job_id: string }) => [status, id])).toEqual(
    [1, 5, 9].map((index) => ['COMPLETE', `7[${index}].srv`]),
  );
  // By itself an element is a job like any other.
  const again = await rig.start(['resubmit', '2'], env);
  expect(again.exitCode, `${again.stdout}${again.stderr}`).toBe(0);
  expect(rig.read('qsub.args')).not.toContain('-J');
  expect(rig.read('logs/2/metadata/info.yaml')).toMatch(/^attempt: 2$/m);
});

test('an array of LSF: its options stand on the command line, the script comes on standard input', async () => {
  // Answers as LSF 10.1 does, and runs the elements itself.
  const rig = makeRig();
  rig.write('tell', tell);
  rig.write(
    'bin/bsub',
    `#!/bin/bash
here=$(dirname "$0")/..
printf '%s\\n' "$@" > "$here/bsub.args"
cat > "$here/bsub.stdin"
for ((i = 1; i <= 10; i += 8)); do
  LSB_JOBINDEX=$i LSB_JOBID=7 bash "$here/bsub.stdin" > /dev/null 2>&1
done
echo 'Job <7> is submitted to default queue <normal>.'
`,
  );
  const env = { PATH: `${rig.directory}/bin:${process.env['PATH']}` };
  const words = ['--n_tasks=10', '--n_tasks_per_proc=2', 'logs/x.log', '--', './tell', 'a b'];
  const done = await rig.start(['job', 'lsf', 'cpu', ...words], env);
  expect(done.exitCode, `${done.stdout}${done.stderr}`).toBe(0);
  expect(rig.read('bsub.args')).toMatch(/^-W\n1:00\n-n\n4\n-R\nspan\[hosts=1\]\n-J\njob\[1-10:8\]\n/);
  expect([1, 2, 3, 4].map((worker) => rig.read(`logs/x.1.${worker}.log`))).toEqual(
    [1, 3, 5, 7].map((first) => `<a b> none ${first} 2\n`),
  );
  expect(rig.read('logs/x.9.1.log')).toBe('<a b> none 9 2\n');
  const listed = JSON.parse((await rig.start(['list', '--json'], env)).stdout as string);
  expect(listed.map(({ status, job_id: id }: { status: string; job_id: string }) => [status, id])).toEqual([
    ['COMPLETE', '7[1]'],
    ['COMPLETE', '7[9]'],
  ]);
});

test.for(['local', 'pbs', 'sge', 'slurm', 'oar', 'lsf'])(
  'the templates for %s are those that were reviewed',
  async (backend) => {
    const file = fileURLToPath(new URL(`../fixtures/job/${backend}.yaml`, import.meta.url));
    const { stdout, exitCode } = await makeRig().mlx('job', backend, '--print_config');
    expect([stdout, exitCode]).toEqual([readFileSync(file, 'utf8'), 0]);
  },
);

describe('a config', () => {
  test("has bases, parts that are inherited, and interpolations; what is the shell's stays", async () => {
    const rig = makeRig({ JOB_GROUP: 'grp' });
    rig.write('base/site.yaml', 'site: here\nwalltime: "2:0:0"\ncpu:\n  job: "{command}"\n  qsub_args: "-l a=1"\n');
    rig.write(
      'job.yaml',
      `_base_: \${working_directory}/base/site.yaml
script_prologue: |
  echo \${site} \${oc.env:JOB_GROUP} \${HOME} \${x:-y} \${#list[@]} \${name%.log} \\\${site}
gpu:
  _inherit_: \${cpu}
  job: "nice {command}"
`,
    );
    const { stdout } = await rig.mlx('job', 'local', '--config', 'job.yaml', '--print-config');
    expect(stdout).toBe(`site: here
walltime: "2:0:0"
cpu:
  job: "{command}"
  qsub_args: -l a=1
script_prologue: |
  echo here grp \${HOME} \${x:-y} \${#list[@]} \${name%.log} \${site}
gpu:
  job: nice {command}
  qsub_args: -l a=1
`);
  });

  test('is found by --config, MLX_JOB_CONFIG, AIACCEL_JOB_CONFIG, in this order; an empty name is none', async () => {
    const rig = makeRig();
    for (const name of ['a', 'b', 'c']) rig.write(`${name}.yaml`, `name: ${name}\n`);
    const shown = async (words: string[], env: NodeJS.ProcessEnv) =>
      (await rig.start(['job', 'local', ...words, '--print_config'], env)).stdout;
    const both = { MLX_JOB_CONFIG: 'b.yaml', AIACCEL_JOB_CONFIG: 'c.yaml' };
    expect(await shown(['--config=a.yaml'], both)).toBe('name: a\n');
    expect(await shown([], both)).toBe('name: b\n');
    expect(await shown([], { ...both, MLX_JOB_CONFIG: '' })).toBe('name: c\n');
    expect(await shown([], { MLX_JOB_CONFIG: '', AIACCEL_JOB_CONFIG: '' })).toContain('cpu-array:');
  });
});

const badConfigs: Readonly<Record<string, string>> = {
  'field.yaml': 'cpu:\n  job: |\n    echo {args.n_tsks}\n    {command}\n',
  'mapping.yaml': 'cpu:\n  job: {command}\n',
  'count.yaml': 'cpu-array:\n  n_procs: many\n  job: "{command}"\n',
  'none.yaml': 'cpu:\n  job: "{command}"\nmpi:\n  n_nodes: 2\n',
  'yaml.yaml': 'cpu:\n  job: "{command}\n',
  'cycle.yaml': '_base_: cycle2.yaml\n',
  'cycle2.yaml': '_base_: cycle.yaml\n',
  'shell.yaml': 'cpu:\n  job: "if {command}"\n',
  'array.yaml':
    'qsub: "qsub -q all"\ncpu-array:\n  n_tasks_per_proc: 2\n  qsub_args: "-t 1-{args.n_tasks}"\n  job: "{command}"\n',
  'unset.yaml': 'qsub: "qsub -P $NO_SUCH"\ncpu:\n  job: "{command}"\n',
  'two.yaml': 'qsub: "cd / && qsub"\ncpu:\n  job: "{command}"\n',
};

describe('bad input is answered once, with exit code 2, and nothing is written:', () => {
  test.for([
    ['', 'BACKEND is missing'],
    ['locl cpu x.log -- a', "there is no backend 'locl', did you mean 'local'?"],
    ['local', 'MODE is missing'],
    ['local cpuu x.log -- a', "there is no mode 'cpuu', did you mean 'cpu'?"],
    ['local cpu', 'LOG_FILENAME is missing'],
    ['local cpu x.log --', 'COMMAND is missing'],
    ['local mpi x.log -- a', 'mpi needs --n_procs'],
    ['local train x.log -- a', "can't fill in {args.n_gpus}: it has no value: --n_gpus N, or n_gpus: N in train\n  "],
    ['local cpu --n_gpus=2 x.log -- a', 'cpu takes no --n_gpus'],
    ['local cpu --n_task=2 x.log -- a', "unknown option '--n-task', did you mean '--n-tasks'?"],
    ['local cpu --n_tasks=0 x.log -- a', "option '--n-tasks' can't be '0'"],
    ['local --walltime soon cpu x.log -- a', "option '--walltime' can't be 'soon'"],
    ['local --config nope.yaml cpu x.log -- a', "can't read 'nope.yaml': it does not exist"],
    [
      'local --config field.yaml cpu x.log -- a',
      "can't fill in {args.n_tsks}: there are {args.mode}, {args.log_filename}, {args.walltime}, {args.n_tasks}, {args.n_tasks_per_proc}, {args.n_procs}, did you mean '{args.n_tasks}'?\n  field.yaml:3:10\n",
    ],
    ['local --config mapping.yaml cpu x.log -- a', "the config 'mapping.yaml' is not right\n  mapping.yaml:2:3\n"],
    [
      'local --config count.yaml cpu --n_tasks=3 x.log -- a',
      "the config 'count.yaml' is not right\n  count.yaml:2:3\n",
    ],
    [
      'local --config none.yaml gpu x.log -- a',
      "the config 'none.yaml' is not right\n  none.yaml:1:1\n    1 | cpu:\n        ^ there is no section gpu; it has cpu, mpi\n",
    ],
    ['local --config yaml.yaml cpu x.log -- a', 'yaml.yaml:'],
    ['local --config cycle.yaml cpu x.log -- a', 'cycle2.yaml'],
    ['local --config shell.yaml cpu x.log -- a', "'cpu.job of shell.yaml' is no shell script that bash could read"],
    [
      'sge --config array.yaml cpu --n_tasks=5 x.log -- a',
      "can't work out the command that submits the job: it asks for 5 elements (1, 2, … 5), but 5 tasks, 2 for each of 1 worker, are 3 elements: 1-5:2, or 1-3\n  array.yaml:4:3\n",
    ],
    [
      'sge --config unset.yaml cpu x.log -- a',
      "can't work out the command that submits the job: NO_SUCH: unbound variable\n  unset.yaml:1:1\n",
    ],
    [
      'sge --config two.yaml cpu x.log -- a',
      "can't work out the command that submits the job: it is to be one command\n",
    ],
    ['local cpu field.yaml/x.log -- a', "can't write 'field.yaml/x.log': a part of the path is no directory"],
    ['local cpu /proc/nowhere/x.log -- a', "can't write '/proc/nowhere/x.log': it does not exist"],
  ] as const)('mlx job %s', async ([words, said]) => {
    const rig = makeRig({ NO_SUCH: undefined });
    for (const [name, text] of Object.entries(badConfigs)) rig.write(name, text);
    const { stdout, stderr, exitCode } = await rig.mlx('job', ...words.split(' ').filter((word) => word !== ''));
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(stderr).toContain(said);
    expect(rig.tree()).toEqual(Object.keys(badConfigs).sort());
  });

  test('an engine that is not installed', async () => {
    const rig = makeRig();
    const { stderr, exitCode } = await rig.start(['job', 'lsf', 'cpu', 'logs/x.log', '--', 'a'], {
      PATH: pathOf('bash'),
    });
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringContaining("there is no 'bsub' on PATH; nothing was submitted"),
    ]);
    expect(rig.tree()).toEqual([]);
  });
});

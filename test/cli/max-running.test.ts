import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type MlxResult, makeRig, type Rig, waitUntil } from '../rig/rig.js';

/** How the engines are asked for a job, and what they say to it: `$n` is its number. */
const engines = {
  slurm: { command: 'sbatch', job: 'echo $n', array: 'echo $n' },
  sge: { command: 'qsub', job: 'echo $n', array: 'echo $n.1-9:1' },
  pbs: { command: 'qsub', job: 'echo $n.pbs', array: 'echo "$n[].pbs"' },
  torque: { command: 'qsub', job: 'echo $n.host', array: 'echo "$n[].host"' },
  lsf: { command: 'bsub', job: 'echo "Job <$n> is submitted."', array: 'echo "Job <$n> is submitted."' },
  mwm: { command: 'msub', job: 'printf "\\nMoab.%s\\n" $n', array: 'printf "\\nMoab.%s\\n" $n' },
  oar: { command: 'oarsub', job: 'echo OAR_JOB_ID=$n', array: 'exit 1' },
} as const;

type Name = keyof typeof engines;

/** What engines say of the most tasks of an array, if they are asked. */
const fiveTasks: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  slurm: { scontrol: 'echo "MaxArraySize            = 6"' },
  sge: { qconf: '[ "$1" != -sconf ] || echo "max_aj_tasks                 5"' },
  pbs: { qstat: '[ "$1" != -B ] || echo "    max_array_size = 5"' },
  lsf: { bparams: 'echo "MAX_JOB_ARRAY_SIZE = 5"' },
};

/** A project on a machine whose engine takes every job, keeps it as `jobs/N`, and says nothing more of it. */
function stubRig(name: Name, more: Readonly<Record<string, string>> = {}): Rig {
  const { command, job, array } = engines[name];
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n');
  rig.write('jobs/none', '');
  rig.write(
    `bin/${command}`,
    `#!/bin/bash
n=$(ls "\${0%/*}/../jobs" | wc -l)
script=-
# Only asked whether the job could ever run.
[ "$1 $2" != '-w v' ] || exit 0
for word; do [ ! -f "$word" ] || script=$word; done
head=$(grep -E '^#(SBATCH|\\$|PBS|BSUB|MSUB)' "$script")
printf '%s\\n' "$@" "$head" > "\${0%/*}/../jobs/$n"
if grep -qE -e '--array=|^#\\$ -t |^#PBS -[Jt] |^#BSUB -J .*\\[|^#MSUB -t ' <<< "$head"; then ${array}; else ${job}; fi
`,
  );
  for (const [file, text] of Object.entries(more)) rig.write(`bin/${file}`, `#!/bin/bash\n${text}\n`);
  return rig;
}

async function mlx(rig: Rig, ...words: string[]): Promise<MlxResult> {
  const env = { PATH: `${join(rig.directory, 'bin')}:${process.env['PATH']}` };
  const { stdout, stderr, exitCode } = await rig.start(words, env);
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
}

const launch = (rig: Rig, name: Name, runs: number, ...words: string[]) =>
  mlx(rig, 'run', 'main.sh', `i=range(${runs})`, '--no-config', '--scheduler', name, ...words);

/** The jobs that came in: how each limits its tasks, and what it waits for. */
function jobs(rig: Rig): string[] {
  const directory = join(rig.directory, 'jobs');
  const wanted =
    /--array=\S+|(?<=^#\$ )-tc? .*|(?<=^#(?:PBS|MSUB) )-[Jt] .*|\[1-\d+\]%\d+|--dependency=\S+|-hold_jid\n\S+|depend=\S+|-w\nended.*|^-a\n\d+/gm;
  return readdirSync(directory)
    .filter((file) => file !== 'none')
    .sort((a, b) => Number(a) - Number(b))
    .map((file) => (readFileSync(join(directory, file), 'utf8').match(wanted) ?? []).join(' ').replaceAll('\n', ' '));
}

describe('--max-running 2 of 15 runs', () => {
  test.for<[Name, string]>([
    ['slurm', '--array=1-15%2'],
    ['sge', '-t 1-15 -tc 2'],
    ['pbs', '-J 1-15%2'],
    ['torque', '-t 1-15%2'],
    ['lsf', '[1-15]%2'],
    ['mwm', '-t [1-15]%2'],
  ])('is one array with a limit of its own: %s', async ([name, array]) => {
    const rig = stubRig(name);
    const { stderr, exitCode } = await launch(rig, name, 15, '--max-running', '2');
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('15 runs as an array of 15 jobs')]);
    expect(stderr).toMatch(/^ {2}jobs +2 running at once$/m);
    expect(jobs(rig)).toEqual([array]);
  });

  test('is two chains where arrays have no limit: OAR', async () => {
    const rig = stubRig('oar');
    const { stderr, exitCode } = await launch(rig, 'oar', 15, '--max-running', '2');
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('15 runs as 15 jobs')]);
    expect(stderr).toMatch(/^ {2}jobs +2 running at once, in 2 chains: each waits for the end of one before it$/m);
    expect(jobs(rig).slice(0, 6)).toEqual(['', '', '-a 1', '-a 2', '-a 1 -a 3', '-a 2 -a 4']);
    expect(rig.read('logs/15/metadata/job.yaml')).toMatch(/^lane: 0\norder: 15\nbehind: "?1,3,5,7,9,11,13"?$/m);
  });
});

describe('--max-running 2 of 12 runs where an array has five tasks at most', () => {
  test.for<[Name, readonly string[]]>([
    ['slurm', ['--array=1-4%2', '--array=1-4%2 --dependency=afterany:1', '--dependency=afterany:1:2 --array=1-4%2']],
    ['sge', ['-t 1-4 -tc 2', '-hold_jid 1 -t 1-4 -tc 2', '-hold_jid 1,2 -t 1-4 -tc 2']],
    ['pbs', ['-J 1-4%2', 'depend=afterany:1[].pbs -J 1-4%2', 'depend=afterany:1[].pbs:2[].pbs -J 1-4%2']],
    ['lsf', ['[1-4]%2', '-w ended(1) [1-4]%2', '-w ended(1) && ended(2) [1-4]%2']],
  ])('is three arrays, one after the other: %s', async ([name, expected]) => {
    const rig = stubRig(name, fiveTasks[name]);
    const { stderr, exitCode } = await launch(rig, name, 12, '--max-running', '2');
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('12 runs as 3 arrays of 12 jobs')]);
    expect(stderr).toMatch(/^ {2}jobs +2 running at once: each array waits for the end of the one before it, and pl/m);
    const sorted = (text: string) => text.split(' ').sort().join(' ');
    expect(jobs(rig).map(sorted)).toEqual(expected.map(sorted));
  });
});

describe('--max-running 2 with --array never', () => {
  test.for<[Name, string, string]>([
    ['slurm', '--dependency=afterany:1', '--dependency=afterany:1:3'],
    ['sge', '-hold_jid 1', '-hold_jid 1,3'],
    ['pbs', 'depend=afterany:1.pbs', 'depend=afterany:1.pbs:3.pbs'],
    ['torque', 'depend=afterany:1.host', 'depend=afterany:1.host:3.host'],
    ['lsf', '-w ended(1)', '-w ended(1) && ended(3)'],
    ['mwm', 'depend=afterany:Moab.1', 'depend=afterany:Moab.1:Moab.3'],
    ['oar', '-a 1', '-a 1 -a 3'],
  ])('is two chains: %s', async ([name, third, fifth]) => {
    const rig = stubRig(name);
    expect((await launch(rig, name, 5, '--max-running', '2', '--array', 'never')).exitCode).toBe(0);
    const found = jobs(rig);
    expect([found.length, found[0], found[1], found[2], found[4]]).toEqual([5, '', '', third, fifth]);
  });
});

test('packs of runs are the tasks of an array, or stand in chains', async () => {
  const rig = stubRig('slurm');
  await launch(rig, 'slurm', 7, '--max-running', '2', '--pack', '2');
  expect(jobs(rig)).toEqual(['--array=1-4%2']);
  const oar = stubRig('oar');
  await launch(oar, 'oar', 7, '--max-running', '2', '--pack', '2');
  expect(jobs(oar)).toEqual(['', '', '-a 1', '-a 2']);
});

test('with --after and --max-queued all of it holds', async () => {
  const rig = stubRig('slurm');
  await launch(rig, 'slurm', 1);
  const { exitCode, stderr } = await launch(
    rig,
    'slurm',
    4,
    ...['--max-running', '2', '--max-queued', '9', '--after', '1'],
  );
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('4 runs submitted as 4 jobs')]);
  expect(stderr).toMatch(/^ {2}jobs +2 running at once, in 2 chains: .*, 9 in the queue at once$/m);
  const one = '--dependency=afterok:1';
  expect(jobs(rig)).toEqual(['', one, one, `${one},afterany:2`, `${one},afterany:3`]);
});

test('OpenPBS makes no array of jobs that must not be started again: they are chains', async () => {
  const rig = stubRig('pbs');
  await launch(rig, 'pbs', 3, '--max-running', '2', '--no-requeue');
  expect(jobs(rig)).toEqual(['', '', 'depend=afterany:1.pbs']);
});

test('stopping waiting jobs of a chain lets none start before its turn', async () => {
  const cancelled = 'printf "%s\\n" "$@" >> "${0%/*}/../cancelled"';
  const squeue = `cd "\${0%/*}/../jobs" || exit
for job in [0-9]*; do grep -qsx "$job" ../cancelled || echo "$job|N/A|PENDING|N/A|Priority"; done`;
  const rig = stubRig('slurm', { scancel: cancelled, squeue, sacct: 'exit 1' });
  await launch(rig, 'slurm', 12, '--max-running', '1', '--array', 'never');
  expect((await mlx(rig, 'stop', '5')).stdout).toBe('told 1 run to end: 5\n');
  expect(rig.read('cancelled')).toBe('5\n');
  // Run 12 waits for the jobs of 4 to 11, of which none may go while run 1 or 2 is still open.
  expect((await mlx(rig, 'stop', '3-11')).stdout).toBe('told 8 runs to end: 3-4, 6-11\n');
  expect(rig.read('cancelled')).toBe('5\n');
  expect(rig.read('logs/11/metadata/job.yaml')).toMatch(/^verdict: STOPPED$/m);
  expect((await mlx(rig, 'stop', '12')).exitCode).toBe(0);
  expect(rig.read('cancelled')).toBe('5\n12\n');
});

test('mlx submit and mlxsub keep to it as well', async () => {
  const rig = stubRig('slurm');
  expect((await mlx(rig, 'submit', '--scheduler', 'slurm', '-t', '1-5%2', '--', './main.sh')).exitCode).toBe(0);
  rig.write('job.sh', '#!/bin/bash\n#SBATCH --time=1\n./main.sh a=1,2,3\n./main.sh b=1,2\n');
  const words = ['--scheduler', 'slurm', '--max-running', '2', '--no-config'];
  expect((await mlx(rig, 'sub', 'job.sh', ...words)).exitCode).toBe(0);
  expect(jobs(rig)).toEqual(['--array=1-5%2', '--array=1-5%2']);
  const oar = stubRig('oar');
  expect((await mlx(oar, 'submit', '--scheduler', 'oar', '-t', '1-3%1', '--', './main.sh')).exitCode).toBe(0);
  expect(jobs(oar)).toEqual(['', '-a 1', '-a 1 -a 2']);
});

test("an engine that can't make jobs wait gets them one by one, while mlx stays", async () => {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\nsleep 2\n');
  for (const name of ['nohup-engine.mjs', 'nohup.sh'])
    rig.write(name, readFileSync(join('examples/my-engine', name), 'utf8'));
  const words = [
    'run',
    'main.sh',
    'i=range(2)',
    '--no-config',
    '--scheduler',
    './nohup-engine.mjs',
    '--max-running',
    '1',
  ];
  const { exitCode, stderr } = await rig.mlx(...words);
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('1 running at once: mlx stays to feed them in, and')]);
  expect(stderr).toMatch(/^waiting {2}nohup: as many of its jobs as --max-running allows/m);
  const secondsOf = (path: string) => Number(/^(?:start|end)_seconds: ([\d.]+)$/m.exec(rig.read(path))?.[1]);
  await waitUntil(() => rig.tree('logs').includes('2/metadata/attempts/1.end.yaml'), 'the end of the last run');
  const times = [1, 2].flatMap((run) =>
    ['1.yaml', '1.end.yaml'].map((file) => secondsOf(`logs/${run}/metadata/attempts/${file}`)),
  );
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test.for<[Name, string[], string]>([
  ['oar', ['--array', 'always'], "OAR can't express '--max-running'"],
  ['pbs', ['--array', 'always', '--no-requeue'], "OpenPBS can't express '--max-running'"],
  ['slurm', ['--option', '--dependency=afterok:7'], "'--dependency=afterok:7' and --max-running ask for the same"],
  ['sge', ['--option', '-hold_jid 7'], "'-hold_jid 7' and --max-running ask for the same thing"],
])('what does not go together is refused, and nothing is written: %s %s', async ([name, words, message]) => {
  const rig = stubRig(name);
  const { exitCode, stderr } = await launch(rig, name, 3, '--max-running', '2', ...words);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect([jobs(rig), rig.tree().filter((path) => path.startsWith('logs'))]).toEqual([[], []]);
});

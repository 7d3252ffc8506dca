import { mkdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type MlxResult, makeRig, type Rig, waitUntil } from '../rig/rig.js';

// Several clusters of one engine, whose job ids are the same. The commands are stubs that keep a cluster's jobs
// in a file, and answer as sbatch(1) and squeue(1) do with -M, and as qsub(1B) and qstat(1B) do with `@server`.

const slurmStub = `#!/bin/bash
command=\${0##*/} cluster=\${SLURM_CLUSTERS:-\${SBATCH_CLUSTERS:-home}} named=
[ "$1" = -M ] && { cluster=$2 named=";$2"; shift 2; }
state=$STUB/$cluster; mkdir -p "$state"; touch "$state/jobs"
echo "$command $cluster $*" >> "$STUB/calls"
[ -e "$STUB/down" ] && { echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1; }
[ -e "$STUB/interrupt" ] && { kill -INT $PPID; trap - INT; kill -INT $$; exit 1; }
case $command in
  sbatch)
    id=$(($(wc -l < "$state/ids" 2>/dev/null) + 1)); echo >> "$state/ids"
    script=\${@: -2:1}
    name=$(sed -n 's/^#SBATCH --job-name=//p' "$script" | tr -d '"')
    tasks=$(sed -n 's/^#SBATCH --array=1-\\([0-9]*\\).*/\\1/p' "$script")
    for task in \${tasks:+$(seq "$tasks")} \${tasks:-N/A}; do
      [ "$task" = "$tasks" ] && [ "$last" = 1 ] && continue
      [ "$task" = "$tasks" ] && last=1
      echo "$id|$task|PENDING|N/A|Priority|$name|$script \${@: -1}" >> "$state/jobs"
    done
    echo "$id$named" ;;
  squeue) cat "$state/jobs" ;;
  scancel) for id; do sed -i "/^\${id%%_*}|/d" "$state/jobs"; done ;;
  sacct) exit 1 ;;
esac
`;

/** A project with the stubs on PATH. `jobs` are those of a cluster, as squeue shows them. */
function slurm(): Rig & { calls(): string[]; jobs(cluster: string): string[]; as(env: NodeJS.ProcessEnv): Rig['mlx'] } {
  const env: NodeJS.ProcessEnv = {};
  const rig = makeRig(env);
  const stub = join(rig.directory, 'stub');
  mkdirSync(stub);
  for (const name of ['sbatch', 'squeue', 'scancel', 'scontrol', 'sacct', 'sinfo']) rig.write(`bin/${name}`, slurmStub);
  Object.assign(env, { STUB: stub, PATH: `${join(rig.directory, 'bin')}:${process.env['PATH']}` });
  rig.write('main.sh', '#!/bin/bash\n');
  const lines = (path: string) => readFileSync(join(stub, path), 'utf8').split('\n').filter(Boolean);
  return {
    ...rig,
    calls: () => lines('calls'),
    jobs: (cluster) => lines(`${cluster}/jobs`),
    as:
      (more) =>
      async (...args) => {
        const { stdout, stderr, exitCode } = await rig.start(args, more);
        return { stdout, stderr, exitCode } as MlxResult;
      },
  };
}

const run = ['run', 'main.sh', '--scheduler', 'slurm'];
const stranger = '1|N/A|PENDING|N/A|Priority|logs/1|/elsewhere/logs/1/script.sh --submission=other';
const listed = async ({ mlx }: Pick<Rig, 'mlx'>, ...words: string[]) => {
  const { stdout } = await mlx('list', '--json', ...words);
  const runs = JSON.parse(stdout) as { run: number; status: string; reason: string; job_id: string }[];
  return runs.map(({ run: id, status, reason, job_id: job }) => ({ id, status, reason, job }));
};

describe('a job in another cluster of Slurm', () => {
  test.for([
    ['an option', ['--option=--clusters=other'], {}],
    ['a short option', ['--option', '-M other'], {}],
    ['SLURM_CLUSTERS', [], { SLURM_CLUSTERS: 'other' }],
    ['SBATCH_CLUSTERS', [], { SBATCH_CLUSTERS: 'other' }],
  ] as const)('named by %s is asked about and stopped there', async ([, options, env]) => {
    const rig = slurm();
    rig.write('stub/home/jobs', `${stranger}\n`);
    const { stdout, stderr } = await rig.as(env)(...run, ...options);
    expect(stdout + stderr).toContain('logs/1 → slurm 1;other');
    expect(stderr.includes('the environment sends the jobs to other')).toBe(options.length === 0);
    expect(rig.read('logs/1/metadata/job.yaml')).toContain('\njob_id: "1;other"\n');
    expect(await listed({ mlx: rig.as({ SLURM_CLUSTERS: 'third' }) })).toEqual([
      { id: 1, status: 'QUEUED', reason: 'jobs of higher priority are before it', job: '1;other' },
    ]);
    expect((await rig.mlx('stop', '1')).stdout).toBe('told 1 run to end: 1\n');
    expect(rig.jobs('other')).toEqual([]);
    expect(rig.jobs('home')).toEqual([stranger]);
    expect(rig.calls().filter((call) => / (home|third) /.test(call))).toEqual([]);
  });

  test('is asked about with all of its cluster by one question, and an array by its tasks', async () => {
    const rig = slurm();
    await rig.mlx(...run, 'n=1,2,3', '--array', 'always', '--option=-Mother');
    await rig.mlx(...run, 'n=4');
    expect((await listed(rig)).map(({ status, job }) => `${job} ${status}`)).toEqual([
      '1_1;other QUEUED',
      '1_2;other QUEUED',
      '1_3;other QUEUED',
      '1 QUEUED',
    ]);
    const asked = rig.calls().filter((call) => call.startsWith('squeue'));
    expect(asked.map((call) => call.split(' ')[1])).toEqual(['other', 'home']);
    await rig.mlx('stop', '2', '4');
    const told = rig.calls().filter((call) => call.startsWith('scancel'));
    expect(told.sort()).toEqual(['scancel home 1', 'scancel other 1_2']);
  });

  test('is named by the header of a script, and can be waited for only there', async () => {
    const rig = slurm();
    rig.write('sub.sh', '#!/bin/bash\n#SBATCH -M other\n./main.sh n=1\n');
    await rig.mlx('sub', 'sub.sh');
    expect((await listed(rig)).map(({ job }) => job)).toEqual(['1;other']);
    const elsewhere = await rig.mlx(...run, '--after', '1');
    expect(elsewhere.stderr).toContain("run 1 is a job of slurm, cluster other, and jobs of Slurm can't wait for it");
    expect(elsewhere.exitCode).toBe(2);
    await rig.mlx(...run, '--after', '1', '--option=--clusters=other');
    expect(rig.calls().find((call) => call.includes('--dependency'))).toMatch(
      /^sbatch other --parsable --dependency=afterok:1 /,
    );
  });

  test('goes there also when its launch is resumed, without the variable that named it', async () => {
    const rig = slurm();
    rig.write('stub/down', '');
    const launch = rig.start([...run, 'n=1'], { SLURM_CLUSTERS: 'other' });
    await waitUntil(() => rig.tree('stub').includes('calls') && rig.calls().length > 2, 'a submission');
    launch.kill('SIGKILL');
    await launch;
    rmSync(join(rig.directory, 'stub/down'));
    // Long enough ago that the submission can't come in any more.
    utimesSync(join(rig.directory, 'logs/1/metadata/job.yaml'), 0, 0);
    await rig.mlx('resume', '@last');
    expect((await listed(rig)).map(({ job }) => job)).toEqual(['1;other']);
  });

  test.for([
    ['several clusters', ['--option=--clusters=a,b'], {}, '--clusters=a,b'],
    ['all clusters', ['--option=-Mall'], {}, '-Mall'],
    ['a federation', ['--option=--cluster-constraint=fast'], {}, '--cluster-constraint=fast'],
    ['a variable with several', [], { SLURM_CLUSTERS: 'a,b' }, 'SLURM_CLUSTERS=a,b'],
  ] as const)('that is left open by %s is refused before anything is written', async ([, options, env, words]) => {
    const rig = slurm();
    const { stderr, exitCode } = await rig.as(env)(...run, ...options);
    expect(stderr).toBe(
      `mlx: '${words}' leaves open which cluster of Slurm the jobs go to, and mlx could not follow them\n  name one cluster there\n`,
    );
    expect(exitCode).toBe(2);
    expect(rig.tree()).not.toContain('logs/');
  });
});

describe('a job in Slurm without accounting', () => {
  test('that its array does not have any more was cancelled before it started', async () => {
    const rig = slurm();
    await rig.mlx(...run, 'n=1,2,3', '--array', 'always');
    rig.write(
      'stub/home/jobs',
      rig
        .jobs('home')
        .filter((line) => !line.startsWith('1|2|'))
        .join('\n'),
    );
    expect((await listed(rig)).map(({ status, reason }) => `${status} ${reason}`)[1]).toBe(
      'STOPPED cancelled in Slurm before it started',
    );
  });

  test('whose id another job has by now is lost, and that job is left alone', async () => {
    const rig = slurm();
    await rig.mlx(...run);
    rig.write('stub/home/jobs', `${stranger}\n`);
    expect(await listed(rig)).toMatchObject([
      { status: 'QUEUED', reason: 'its job has just left the engine (another job has its id now)' },
    ]);
    const { stderr, exitCode } = await rig.mlx('stop', '1');
    expect(stderr).toBe(
      "mlx: can't stop 1: Slurm does not know its job 1 any more: another job has that id now, and was left alone\n",
    );
    expect(exitCode).toBe(3);
    expect(rig.jobs('home')).toEqual([stranger]);
  });

  test('is not told anything while nobody knows whether it still has its id', async () => {
    const rig = slurm();
    await rig.mlx(...run);
    rig.write('stub/down', '');
    const { stderr, exitCode } = await rig.mlx('stop', '1');
    expect(stderr).toContain("can't stop 1: Slurm does not say whether its job 1 is still there: slurm_load_jobs");
    expect(exitCode).toBe(3);
    expect(rig.calls().filter((call) => call.startsWith('scancel'))).toEqual([]);
  });

  test('of an old record, which does not say how it was submitted, is asked about as before', async () => {
    const rig = slurm();
    await rig.mlx(...run);
    const path = 'logs/1/metadata/job.yaml';
    rig.write(path, rig.read(path).replace(/^(job_name|submitted_\w+): .*\n/gm, ''));
    expect(await listed(rig)).toMatchObject([{ status: 'QUEUED', job: '1' }]);
  });

  test('is asked about only if it is selected', async () => {
    const rig = slurm();
    await rig.mlx(...run, 'n=1,2', '--array', 'never');
    await listed(rig, '2');
    expect(rig.calls().at(-1)).toMatch(/^(squeue|sacct) home .*-j 2$/);
  });
});

const pbsStub = `#!/bin/bash
server=\${PBS_SERVER:-home}
for word; do case $word in @*) server=\${word#@} ;; esac; done
echo "\${0##*/} $server $*" >> "$STUB/calls"
case \${0##*/} in
  qsub)
    server=$(sed -n 's/^#PBS -q .*@//p' "\${@: -1}")
    token=$(printf '%s\\n' "$@" | sed -n 's/.*MLX_TOKEN=//p')
    echo "{\\"Jobs\\":{\\"7.$server\\":{\\"job_state\\":\\"Q\\",\\"Variable_List\\":{\\"MLX_TOKEN\\":\\"$token\\"}}}}" > "$STUB/$server.json"
    echo "7.$server" ;;
  qstat) cat "$STUB/$server.json" 2>/dev/null || echo '{}' ;;
esac
`;

test('a job at another server of PBS is asked about there', async () => {
  const env: NodeJS.ProcessEnv = {};
  const rig = makeRig(env);
  const stub = join(rig.directory, 'stub');
  mkdirSync(stub);
  for (const name of ['qsub', 'qstat', 'qdel']) rig.write(`bin/${name}`, pbsStub);
  Object.assign(env, { STUB: stub, PATH: `${join(rig.directory, 'bin')}:${process.env['PATH']}` });
  rig.write('main.sh', '#!/bin/bash\n');
  await rig.mlx('run', 'main.sh', '--scheduler', 'pbs', '--partition', 'work@other');
  expect(await listed(rig)).toMatchObject([{ status: 'QUEUED', job: '7.other;other' }]);
  expect(rig.read('stub/calls')).toMatch(/^qstat other -x -t -f -F json @other$/m);
  await rig.mlx('stop', '1');
  expect(rig.read('stub/calls')).toMatch(/^qdel other 7\.other$/m);
});

const sgeStub = `#!/bin/bash
echo "\${0##*/} \${SGE_CELL:-default} $*" >> "$STUB/calls"
case "\${0##*/} $*" in
  qsub*) echo "$*" | sed 's/.*--submission=//' > "$STUB/token"; echo 7 ;;
  'qstat -j'*) echo 'job_number:  7'; echo "job_args:    --submission=$(cat "$STUB/token")" ;;
  'qstat '*) [ "$SGE_CELL" = night ] || { echo '<job_info></job_info>'; exit; }
    echo '<job_info><job_list state="pending">'
    echo '<JB_job_number>7</JB_job_number><JB_name>logs.1</JB_name><state>qw</state></job_list></job_info>' ;;
  *) exit 1 ;;
esac
`;

test('a job in a cell of Grid Engine is asked about there', async () => {
  const env: NodeJS.ProcessEnv = { SGE_CELL: 'night' };
  const rig = makeRig(env);
  const stub = join(rig.directory, 'stub');
  mkdirSync(stub);
  for (const name of ['qsub', 'qstat', 'qacct', 'qconf', 'qdel']) rig.write(`bin/${name}`, sgeStub);
  Object.assign(env, { STUB: stub, PATH: `${join(rig.directory, 'bin')}:${process.env['PATH']}` });
  rig.write('main.sh', '#!/bin/bash\n');
  await rig.mlx('run', 'main.sh', '--scheduler', 'sge');
  env['SGE_CELL'] = 'default';
  expect(await listed(rig)).toMatchObject([{ status: 'QUEUED', job: '7;night' }]);
  await rig.mlx('stop', '1');
  expect(rig.read('stub/calls').split('\n').at(-2)).toBe('qdel night 7');
});

describe('a follower of runs in an engine that does not answer', () => {
  test.for(['watch', 'wait'])('mlx %s says since when, and that it answers again', async (command) => {
    const rig = slurm();
    await rig.mlx(...run);
    await listed(rig);
    const asked = () => rig.calls().filter((call) => call.startsWith('squeue')).length;
    const before = asked();
    const follower = rig.start([command, '1']);
    let said = '';
    follower.stderr?.on('data', (text) => {
      said += String(text);
    });
    // One question is asked to select the runs, the next one to follow them.
    await waitUntil(() => asked() >= before + 2, 'the first look');
    rig.write('stub/down', '');
    await waitUntil(() => said.includes('silent'), 'the words');
    rmSync(join(rig.directory, 'stub/down'));
    await waitUntil(() => said.includes('answers again'), 'the words');
    follower.kill('SIGINT');
    await follower;
    expect(said).toMatch(
      /silent {3}nothing is known since \d\d:\d\d:\d\d: slurm does not answer \(slurm_load_jobs error: Unable to contact slurm controller\)\nsilent {3}slurm answers again\n/,
    );
  });

  test('says nothing of the engine when Ctrl-C has ended the question, too', async () => {
    const rig = slurm();
    await rig.mlx(...run);
    await listed(rig);
    const asked = () => rig.calls().filter((call) => call.startsWith('squeue')).length;
    const before = asked();
    const follower = rig.start(['watch', '1']);
    await waitUntil(() => asked() >= before + 2, 'the first look');
    // As a terminal does: the signal reaches mlx and the command that it waits for.
    rig.write('stub/interrupt', '');
    const { stderr, exitCode } = await follower;
    expect([exitCode, stderr]).toEqual([130, expect.not.stringContaining('silent')]);
  });
});

import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeRig, mlxWithFault, type Rig, waitUntil } from '../rig/rig.js';

/** A program that leaves a line for each time that it ran, and waits for a file unless it is there. */
const counting = '#!/bin/bash\necho "$1 $MLX_ATTEMPT" >> done.log\nuntil [ -e go ]; do sleep 0.05; done\n';

const isThere = (rig: Rig, path: string) => existsSync(join(rig.directory, path));
/** The files of a store and when they were written, without its index, which only repeats them. */
const treeOf = (rig: Rig) =>
  rig
    .tree('logs')
    .filter((path) => !path.endsWith('/') && path !== '.mlx/index.json')
    .map((path) => [path, statSync(join(rig.directory, 'logs', path)).mtimeMs]);
const lines = (text: string) => text.trimEnd().split('\n');
const launchesOf = (rig: Rig) => [
  ...new Set(
    rig
      .tree('logs/.mlx/launches')
      .filter((name) => name.endsWith('launch.yaml'))
      .map((name) => name.split('/')[0] ?? ''),
  ),
];

/** Starts a launch and interrupts it once its program runs; what it printed. */
async function interrupted(rig: Rig, words: readonly string[], signal: NodeJS.Signals = 'SIGINT'): Promise<string> {
  rmSync(join(rig.directory, 'done.log'), { force: true });
  const child = rig.start(words);
  await waitUntil(() => isThere(rig, 'done.log'), 'the program runs');
  child.kill(signal);
  return String((await child).stderr);
}

/** Kills what runs a run with all of its processes, as a node that fails does. */
async function killRun(rig: Rig, attempt: string): Promise<void> {
  const text = await waitUntil(() => isThere(rig, attempt) && rig.read(attempt), 'the attempt');
  const [, pid = ''] = /^pid: (\d+)$/m.exec(text) ?? [];
  const { stdout } = await execa('ps', ['-o', 'sid=', '-p', pid]);
  await execa('pkill', ['-KILL', '-s', stdout.trim()], { reject: false });
}

describe('mlx resume without a name', () => {
  test('takes up every launch that has something left', async () => {
    const rig = makeRig();
    rig.write('main.sh', counting);
    await interrupted(rig, ['run', 'main.sh', 'i=1,2', '-j', '1', '-q']);
    await interrupted(rig, ['run', 'main.sh', 'i=3,4', '-j', '1', '-q']);
    rig.write('go', '');
    await rig.mlx('run', 'main.sh', 'i=5', '-q');
    const dry = lines((await rig.mlx('resume', '-n', '--json')).stdout).map((line) => JSON.parse(line));
    expect(dry).toEqual([
      expect.objectContaining({ runs: 2, start: 1, create: 1 }),
      expect.objectContaining({ runs: 2, start: 1, create: 1 }),
    ]);
    rig.write('done.log', '');
    expect(await rig.mlx('resume', '-q')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(lines(rig.read('done.log'))).toEqual(['i=1 2', 'i=2 1', 'i=3 2', 'i=4 1']);
    expect(await rig.mlx('resume')).toEqual({ stdout: '', stderr: 'every launch in logs is done\n', exitCode: 0 });
  });

  test('starts a lost run of a launch that was done, and makes no run again that was deleted', async () => {
    const rig = makeRig();
    rig.write('main.sh', counting);
    rig.write('go', '');
    await rig.mlx('run', 'main.sh', 'i=1,2', '-q');
    await rig.mlx('delete', '2', '--yes');
    rmSync(join(rig.directory, 'go'));
    const again = rig.start(['rerun', '1', '--in-place', '-q']);
    await waitUntil(() => rig.read('done.log').includes('i=1 2'), 'the second attempt');
    again.kill('SIGKILL');
    await again;
    await killRun(rig, 'logs/1/metadata/attempts/2.yaml');
    await waitUntil(async () => (await rig.mlx('list', '--json')).stdout.includes('"LOST"'), 'a lost run');
    rig.write('go', '');
    const { stdout, exitCode } = await rig.mlx('resume', '--json');
    expect(lines(stdout).map((line) => JSON.parse(line).event)).toEqual(['launched', 'starting', 'ended']);
    expect([exitCode, lines(rig.read('done.log')).at(-1)]).toEqual([0, 'i=1 3']);
    expect(rig.tree('logs').filter((name) => /^\d+\/metadata\/$/.test(name))).toEqual(['1/metadata/']);
  });

  test('tries a run again that failed in an engine which does not start it again', async () => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\nsleep 1.2\n[ "$MLX_ATTEMPT" = 2 ]\n');
    for (const name of ['nohup-engine.mjs', 'nohup.sh'])
      rig.write(name, readFileSync(join('examples/my-engine', name), 'utf8'));
    const where = ['--no-config', '--scheduler', './nohup-engine.mjs', '--time', '2s'];
    await rig.mlx('run', 'main.sh', 'i=1', ...where, '--retries', '1', '-q');
    await waitUntil(() => isThere(rig, 'logs/1/metadata/attempts/1.end.yaml'), 'the end of the first attempt');
    await waitUntil(async () => (await rig.mlx('list', '--json')).stdout.includes('"FAILED"'), 'its status');
    const dry = lines((await rig.mlx('resume', '-n', '--json')).stdout).map((line) => JSON.parse(line));
    expect(dry).toEqual([expect.objectContaining({ runs: 1, again: 1 })]);
    await rig.mlx('resume', '-q');
    await waitUntil(async () => (await rig.mlx('list', '--json')).stdout.includes('"COMPLETE"'), 'its second attempt');
    expect(await rig.mlx('resume')).toEqual({ stdout: '', stderr: 'every launch in logs is done\n', exitCode: 0 });
  });

  test('leaves a run alone that was stopped on purpose, and says how it starts again', async () => {
    const rig = makeRig();
    rig.write('main.sh', counting);
    const child = rig.start(['run', 'main.sh', 'i=1', '-q']);
    await waitUntil(() => isThere(rig, 'done.log'), 'the run');
    await rig.mlx('stop', '1');
    await child;
    const [launch] = launchesOf(rig);
    const note = `note: 1 run of launch ${launch} was stopped on purpose: mlx resume @${launch} starts it again\n`;
    for (const _ of [1, 2]) {
      const { exitCode, stderr } = await rig.mlx('resume');
      expect([exitCode, stderr]).toEqual([0, `every launch in logs is done\n${note}`]);
    }
    rig.write('go', '');
    expect((await rig.mlx('resume', `@${launch}`, '-q')).exitCode).toBe(0);
    expect(lines(rig.read('done.log'))).toEqual(['i=1 1', 'i=1 2']);
  });

  test('names who carries out a launch, instead of calling it done', async () => {
    const rig = makeRig();
    rig.write('main.sh', counting);
    const child = rig.start(['run', 'main.sh', 'i=1', '-q']);
    await waitUntil(() => isThere(rig, 'done.log'), 'the run');
    expect(await rig.mlx('resume')).toEqual({
      stdout: '',
      stderr: `mlx: launch ${launchesOf(rig)[0]} is being carried out by process ${child.pid} on ${hostname()}\n  wait for it, or end it with Ctrl-C there\n`,
      exitCode: 2,
    });
    await interrupted(rig, ['run', 'main.sh', 'i=2', '-q']);
    rig.write('go', '');
    // Another launch that goes on keeps nobody from finishing this one.
    expect(await rig.mlx('resume')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(
        /1 complete, in[\s\S]*(\nnote: launch \w+ is being carried out by process \d+ on .*)?\n$/,
      ),
    });
    await child;
  });

  test.for([
    ['a directory without a store', () => {}],
    ['a store without launches', (rig: Rig) => void mkdirSync(join(rig.directory, 'logs/.mlx'), { recursive: true })],
  ] as const)('says of %s that it has none', async ([, make]) => {
    const rig = makeRig();
    make(rig);
    const said = {
      stdout: '',
      stderr: "mlx: there is no launch in 'logs'\n  mlx run makes one; --store DIR looks elsewhere\n",
      exitCode: 2,
    };
    const before = rig.tree();
    for (const words of [['resume'], ['resume', '-n'], ['resume', '-q'], ['resume', '@last']])
      expect(await rig.mlx(...words), words.join(' ')).toEqual(said);
    expect(rig.tree()).toEqual(before);
  });

  test('names a launch that was killed before it was on record', { timeout: 120_000 }, async () => {
    const message = (launch: string | undefined) =>
      expect.stringMatching(
        new RegExp(
          `^mlx: launch ${launch} of 20\\d\\d-\\S+ was ended before anything of it ran\n {2}launch it again; mlx gc removes what there is of this one\n$`,
        ),
      );
    let found = 0;
    for (let at = 1; at < 30; at++) {
      const rig = makeRig();
      rig.write('main.sh', counting);
      rig.write('go', '');
      const { signal } = await mlxWithFault(rig, { kind: 'kill', at }, ['run', 'main.sh', 'i=1', '-q']);
      if (signal !== 'SIGKILL') break;
      const launches = isThere(rig, 'logs/.mlx/launches') ? rig.tree('logs/.mlx/launches') : [];
      if (topsOf(launches).length === 0) continue;
      if (launches.some((name) => name.endsWith('launch.yaml'))) break;
      found++;
      const [launch] = topsOf(launches);
      expect(await rig.mlx('resume', '-q'), `step ${at}`).toEqual({ stdout: '', stderr: message(launch), exitCode: 1 });
      if (found > 1) continue;
      expect(await rig.mlx('resume', launch ?? '')).toMatchObject({ exitCode: 1, stderr: message(launch) });
      expect(JSON.parse((await rig.mlx('resume', '--json')).stdout)).toEqual({
        event: 'not_resumed',
        launch,
        reason: 'launch-unrecorded',
        message: expect.stringContaining('launch it again'),
      });
      // It keeps no other launch from being finished, and stays named until it is removed.
      await rig.mlx('run', 'main.sh', 'i=2', '-q');
      expect((await rig.mlx('resume')).exitCode).toBe(1);
    }
    expect(found).toBeGreaterThan(1);
  });

  test('is told once mlx gc has removed what there is of such a launch', async () => {
    const rig = makeRig();
    rig.write('main.sh', counting);
    rig.write('go', '');
    await rig.mlx('run', 'main.sh', 'i=1', '-q');
    const owner = 'logs/.mlx/launches/killed/owner.0/process.yaml';
    rig.write(owner, `host: ${hostname()}\npid: 999999\nprocess_start: "gone"\n...\n`);
    expect((await rig.mlx('resume')).stderr).toContain('launch killed of ');
    expect((await rig.mlx('gc', '--yes')).stdout).toContain(
      'logs/.mlx/launches/killed  of a launch that was ended before anything of it ran\n',
    );
    expect(await rig.mlx('resume')).toMatchObject({ exitCode: 0, stderr: 'every launch in logs is done\n' });
  });

  test('of several at once prints nothing untrue where it comes too late', { timeout: 60_000 }, async () => {
    const rig = makeRig();
    rig.write('main.sh', counting);
    await interrupted(rig, ['run', 'main.sh', 'i=1,2,3', '-j', '1', '-q']);
    rig.write('done.log', '');
    rig.write('go', '');
    const all = await Promise.all([1, 2, 3, 4].map(() => rig.mlx('resume')));
    expect(all.some(({ exitCode }) => exitCode === 0)).toBe(true);
    for (const { exitCode, stdout, stderr } of all) {
      if (/\d+ complete, in/.test(stderr) || stderr === 'every launch in logs is done\n') continue;
      expect([exitCode, stdout]).toEqual([2, '']);
      // Before it knew, it may have shown what was left.
      expect(stderr.replace(/^launch @\w+, 3 runs\n( +\d+ {2}.*\n)+/, '')).toMatch(
        /^mlx: launch \w+ is being carried out by process \d+ on .*\n {2}wait for it, or end it with Ctrl-C there\n$/,
      );
    }
    expect(lines(rig.read('done.log'))).toEqual(['i=1 2', 'i=2 1', 'i=3 1']);
  });

  test('starts a run whose supervisor could not', async () => {
    const rig = makeRig();
    rig.write('main.sh', counting);
    rig.write('go', '');
    // A bash that ends before it has read what to do.
    rig.write('bin/bash', '#!/bin/sh\n[ -e ends ] && exec /bin/bash "$@"\nexit 71\n');
    const path = `${join(rig.directory, 'bin')}:${process.env['PATH']}`;
    const child = await rig.start(['run', 'main.sh', 'i=1,2', '-j', '1'], { PATH: path });
    expect([child.exitCode, String(child.stderr)]).toEqual([
      1,
      expect.stringMatching(/2 lost, in .*\nmlx resume @\w+ goes on with what is left\n$/),
    ]);
    const listed = JSON.parse((await rig.mlx('list', '--json')).stdout);
    expect(listed.map(({ status, reason }: { status: string; reason: string }) => [status, reason])).toEqual([
      ['LOST', 'its supervisor did not start: exit code 71'],
      ['LOST', 'its supervisor did not start: exit code 71'],
    ]);
    expect(isThere(rig, 'done.log')).toBe(false);
    rig.write('ends', '');
    expect(await rig.mlx('resume', '-q')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(lines(rig.read('done.log'))).toEqual(['i=1 1', 'i=2 1']);
  });
});

const topsOf = (names: readonly string[]) =>
  [...new Set(names.map((name) => name.split('/')[0] ?? ''))].filter(Boolean);

describe('mlx resume in Slurm', () => {
  /**
   * Slurm's commands as far as mlx uses them here: jobs wait for ever, except for those that Slurm has
   * forgotten. `down` makes every command fail.
   */
  function slurm() {
    const stub = { STUB: '' };
    const rig = makeRig(stub);
    Object.assign(stub, { STUB: rig.directory, PATH: `${join(rig.directory, 'bin')}:${process.env['PATH']}` });
    const command = (name: string, body: string) =>
      rig.write(
        `bin/${name}`,
        `#!/bin/bash\n[ ! -e "$STUB/down" ] || { echo "${name}: error: Unable to contact slurm controller" >&2; exit 1; }\n${body}\n`,
      );
    command('sbatch', 'n=$(($(grep -c . "$STUB/jobs") + 100))\necho "$n ${*: -1}" >> "$STUB/jobs"\necho $n');
    command(
      'squeue',
      'while read -r id token; do [ -e "$STUB/gone.$id" ] || case "$*" in *%o*) echo "$id|x $token" ;; *) echo "$id|N/A|PENDING|N/A|Priority" ;; esac; done < "$STUB/jobs"',
    );
    for (const name of ['sacct', 'scontrol', 'sinfo']) command(name, '');
    rig.write('jobs', '');
    rig.write('main.sh', counting);
    return {
      ...rig,
      submitted: () => rig.read('jobs').split('\n').filter(Boolean),
      /** Slurm forgets a job, and mlx has known that for long. */
      async lose(job: string) {
        rig.write(`gone.${job}`, '');
        await rig.mlx('list');
        const answers = JSON.parse(rig.read('logs/.mlx/answers.json'));
        answers.slurm.jobs[job].since -= 1000;
        rig.write('logs/.mlx/answers.json', JSON.stringify(answers));
      },
    };
  }

  test('names the store in what it tells to type', async () => {
    const rig = slurm();
    const other = ['--store', 'other runs'];
    const { stderr } = await rig.mlx('run', 'main.sh', 'i=1', '--scheduler', 'slurm', ...other);
    expect(stderr).toContain(
      "mlx list @last --store 'other runs' shows them, mlx watch @last --store 'other runs' follows",
    );
    expect((await rig.mlx('resume', ...other)).stderr).toBe(
      "nothing to resume in other runs; 1 run under way (1): mlx watch --store 'other runs' follows\n",
    );
    rig.write('go', '');
  });

  test('submits a lost run again, of every launch, and a job of its older submission does not run it', async () => {
    const rig = slurm();
    for (const i of ['1,2', '3'])
      expect((await rig.mlx('run', 'main.sh', `i=${i}`, '--scheduler', 'slurm', '-q')).exitCode).toBe(0);
    expect(await rig.mlx('resume')).toMatchObject({
      stderr: 'nothing to resume in logs; 3 runs under way (1-3): mlx watch follows\n',
      exitCode: 0,
    });
    await rig.lose('101');
    await rig.lose('102');
    const [, old = ''] = rig.submitted()[1]?.split(' ') ?? [];
    const before = treeOf(rig);
    const dry = await rig.mlx('resume', '-n');
    expect(treeOf(rig)).toEqual(before);
    await rig.mlx('run', 'main.sh', 'i=1,9', '--scheduler', 'slurm', '--skip-existing', '--dry-run');
    expect(treeOf(rig)).toEqual(before);
    expect(dry.stdout.match(/1 {2}stopped, lost, .*: to submit again/g)).toHaveLength(2);
    expect(rig.submitted()).toHaveLength(3);
    expect(await rig.mlx('resume')).toMatchObject({
      stdout: 'logs/2 → slurm 103\nlogs/3 → slurm 104\n',
      exitCode: 0,
    });
    expect((await rig.mlx('resume')).stdout).toBe('');
    expect(rig.submitted()).toHaveLength(5);
    // The job that Slurm had forgotten starts after all.
    rig.write('go', '');
    const script = (job: string, word: string) =>
      execa('bash', ['logs/2/script.sh', word], {
        cwd: rig.directory,
        env: { SLURM_JOB_ID: job, SLURM_JOBID: job },
        reject: false,
      });
    expect((await script('101', old)).exitCode).toBe(75);
    const [, now = ''] = rig.submitted()[3]?.split(' ') ?? [];
    expect((await script('103', now)).exitCode).toBe(0);
    expect(lines(rig.read('done.log'))).toEqual(['i=2 1']);
  });

  test('leaves a run that has just left Slurm alone: it is not sure to be lost', async () => {
    const rig = slurm();
    await rig.mlx('run', 'main.sh', 'i=1', '--scheduler', 'slurm', '-q');
    rig.write('gone.100', '');
    expect(await rig.mlx('resume')).toMatchObject({ stdout: '', exitCode: 0 });
    expect(rig.submitted()).toHaveLength(1);
  });

  test('says that Slurm does not answer, and goes on with what it can', async () => {
    const rig = slurm();
    await rig.mlx('run', 'main.sh', 'i=1', '--scheduler', 'slurm', '-q');
    await interrupted(rig, ['run', 'main.sh', 'i=2', '-q']);
    rig.write('go', '');
    rig.write('down', '');
    const { stderr, exitCode } = await rig.mlx('resume');
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(
        /1 complete, in [\s\S]*\nmlx: slurm did not do it: .*\n {2}once it answers, mlx resume goes on\n$/,
      ),
    ]);
  });
});

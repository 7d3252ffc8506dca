import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRig } from '../rig/rig.js';

const show = async (rig: ReturnType<typeof makeRig>, id: number) =>
  JSON.parse((await rig.mlx('show', String(id), '--json')).stdout);

// Too long for one attempt of four seconds, and one checkpoint that the first attempt is always behind.
const counter = `#!/usr/bin/env python3
import mlxrun, sys, time
run = mlxrun.start()
state = run.latest_checkpoint() or {"tick": 0}
while state["tick"] < 8:
    time.sleep(0.5)
    state["tick"] += 1
    run.log_metrics({"tick": state["tick"]})
    if state["tick"] == 2: run.checkpoint(state)
`;
const ticks = (rig: ReturnType<typeof makeRig>, path: string) =>
  rig
    .read(path)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).tick);

describe('a run on this machine at its time limit', () => {
  test('goes on as its next attempt from its checkpoint, and logs nothing twice', async () => {
    const rig = makeRig();
    rig.write('count.py', counter);
    const { exitCode, stderr } = await rig.mlx('run', 'count.py', '--time', '4', '--continue-on-timeout');
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/again {4}1 {2}goes on as attempt 2 {2}timeout: over its 00:00:04 limit\n/),
    ]);
    expect(ticks(rig, 'logs/1/metrics/train.json')).toEqual(Array.from({ length: 8 }, (_, i) => i + 1));
    // What was logged behind the checkpoint is kept aside.
    expect(ticks(rig, 'logs/1/metrics/.superseded/train.json').length).toBeGreaterThan(0);
    expect(await show(rig, 1)).toMatchObject({ status: 'COMPLETE' });
  });

  test('goes on no more often than it may, is warned before, and was TIMEOUT then', async () => {
    const rig = makeRig();
    const body = "#!/bin/bash\ntrap 'echo warned' USR1\nfor ((i = 0; i < 100; i++)); do read -rt 0.1 <> <(:); done\n";
    rig.write('main.sh', body);
    const words = ['--time', '2', '--signal', 'USR1@1', '--signal-to', 'program', '--continue-on-timeout=1', '-q'];
    expect((await rig.mlx('run', 'main.sh', ...words)).exitCode).toBe(1);
    expect(await show(rig, 1)).toMatchObject({ status: 'TIMEOUT', attempt: 2, reason: 'over its 00:00:02 limit' });
    expect(rig.read('logs/1/log.stdout')).toMatch(/^warned\n--- attempt 2, \S+ on \S+ ---\nwarned\n$/);
    expect(rig.read('logs/1/metadata/attempts/2.signals')).toMatch(/^USR1 \d+\.\d+\nTERM \d+\.\d+\n$/);
  });

  test('of the local queue goes on as well', async () => {
    const rig = makeRig();
    rig.write('count.py', counter);
    await rig.mlx('run', 'count.py', '--scheduler', 'local', '--time', '4', '--continue-on-timeout', '-q');
    expect((await rig.mlx('execute', '-q')).exitCode).toBe(0);
    expect(ticks(rig, 'logs/1/metrics/train.json')).toEqual(Array.from({ length: 8 }, (_, i) => i + 1));
  });

  test('that does not listen is killed after --grace, and told so', async () => {
    const rig = makeRig();
    rig.write('deaf.sh', "#!/bin/bash\ntrap '' TERM\nfor ((i = 0; i < 100; i++)); do sleep 0.1; done\n");
    await rig.mlx('run', 'deaf.sh', '--time', '1', '--grace', '1', '-q');
    const reason = 'over its 00:00:01 limit; killed, since it did not end when it was told to';
    expect(await show(rig, 1)).toMatchObject({ status: 'TIMEOUT', reason });
    expect(rig.read('logs/1/metadata/info.yaml')).toContain(`reason: "${reason}"\n`);
  });
});

describe('what a run on this machine may use', () => {
  test('of memory it gets no more', async () => {
    const rig = makeRig();
    rig.write('eat.py', 'x = [bytearray(10_000_000) for _ in range(60)]\n');
    expect((await rig.mlx('run', 'eat.py', '--mem', '2G', '-q')).exitCode).toBe(0);
    expect((await rig.mlx('run', 'eat.py', '--mem', '200M', '-q')).exitCode).toBe(1);
    const { reason } = await show(rig, 2);
    // By a control group where the kernel lets mlx make one, else by an allocation that fails.
    if (reason === 'exit code 1') expect(rig.read('logs/2/log.stderr')).toContain('MemoryError');
    else expect(reason).toBe('out of memory, limit 200M');
    expect((await rig.mlx('resubmit', '2', '--mem', 'x1.5', '-q')).exitCode).toBe(1);
    // A multiple is one of what it was last.
    expect((await rig.mlx('resubmit', '2', '--mem', 'x8', '--time', '1m', '-q')).exitCode).toBe(0);
    const { runs } = JSON.parse((await rig.mlx('report', '2', '--usage', '--json')).stdout);
    expect(runs).toEqual([
      expect.objectContaining({ run: 2, status: 'COMPLETE', time_limit: 60, memory: 2_400 * 2 ** 20 }),
    ]);
    expect(await show(rig, 2)).toMatchObject({ status: 'COMPLETE', attempt: 3 });
    expect((await rig.mlx('resubmit', '2', '--partition', 'long')).stderr).toContain('--partition');
  });

  test('of CPUs it keeps to as many, each run to its own', async () => {
    const rig = makeRig();
    rig.write('cpus.py', 'import os, time\ntime.sleep(1)\nprint(sorted(os.sched_getaffinity(0)))\n');
    await rig.mlx('run', 'cpus.py', '+seed=1,2', '--cpus', '1', '--parallel', '2', '-q');
    const [first, second] = [1, 2].map((id) => JSON.parse(rig.read(`logs/${id}/log.stdout`)));
    expect([first.length, second.length]).toEqual([1, 1]);
    expect(first).not.toEqual(second);
    const { exitCode, stderr } = await rig.mlx('run', 'cpus.py', '--cpus', String(availableParallelism() + 1));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('lower --cpus or --parallel')]);
  });

  test('is reported beside what it used, with a hint', async () => {
    const rig = makeRig();
    rig.write(
      'busy.py',
      'import time\nx = bytearray(50_000_000)\nend = time.time() + 3\nwhile time.time() < end: pass\n',
    );
    await rig.mlx('run', 'busy.py', '--time', '1h', '-q');
    const { runs, hints } = JSON.parse((await rig.mlx('report', '--usage', '--json')).stdout);
    expect(runs).toEqual([expect.objectContaining({ run: 1, status: 'COMPLETE', time_limit: 3600 })]);
    expect(runs[0].cpu_seconds).toBeGreaterThan(1);
    expect(runs[0].peak_memory).toBeGreaterThan(50_000_000);
    expect(hints).toEqual([expect.stringMatching(/^hint: the longest took \S+ of 01:00:00: --time 00:01:00 may/)]);
    expect((await rig.mlx('report', '--usage')).stdout).toMatch(/^run +status +time +CPUs +busy +memory\n/);
  });
});

describe('steps', () => {
  const scripts = (rig: ReturnType<typeof makeRig>) => {
    rig.write('prepare.sh', '#!/bin/bash\necho "prepare $*"\n');
    rig.write('train.sh', '#!/bin/bash\necho "train $*"\n[ -e go-on ] || exit 3\n');
  };

  test('are done one after the other; the next attempt begins with the one that failed', async () => {
    const rig = makeRig();
    scripts(rig);
    const steps = [
      'prepare: ./prepare.sh {seed} "two  words"',
      'train: ./train.sh {overrides} {log_id}',
      "end: echo 'it is over'",
    ];
    const options = steps.flatMap((step) => ['--step', step]);
    expect((await rig.mlx('run', 'seed=1,2', '+lr=0.1', ...options, '-q')).exitCode).toBe(1);
    expect(await show(rig, 2)).toMatchObject({ status: 'FAILED', reason: 'step train, exit code 3' });
    expect(rig.read('logs/2/metadata/attempts/1.steps')).toMatch(
      /^- \{step: prepare, start: \d+\}\n- \{step: prepare, end: \d+, exit_code: 0\}\n- \{step: train, start: \d+\}\n- \{step: train, end: \d+, exit_code: 3\}\n$/,
    );
    rig.write('go-on', '');
    expect((await rig.mlx('resubmit', 'failed', '-q')).exitCode).toBe(0);
    expect(rig.read('logs/2/log.stdout')).toMatch(
      /^prepare 2 two {2}words\ntrain seed=2 \+lr=0\.1 2\n--- attempt 2, .* ---\ntrain seed=2 \+lr=0\.1 2\nit is over\n$/,
    );
    // All of it was done: a further attempt does all of it.
    await rig.mlx('rerun', '2', '--in-place', '-q');
    expect(rig.read('logs/2/log.stdout')).toMatch(/attempt 3, .* ---\nprepare 2 two {2}words\ntrain .*\nit is over\n$/);
  });

  test('without placeholders give the overrides to the last one, by hand too', async () => {
    const rig = makeRig();
    scripts(rig);
    rig.write('go-on', '');
    rig.write('sweep.yaml', 'params: { seed: "4,5" }\nsteps:\n  prepare: ./prepare.sh\n  train: [./train.sh, "a b"]\n');
    expect((await rig.mlx('run', '--sweep', 'sweep.yaml', '-q')).exitCode).toBe(0);
    expect(rig.read('logs/2/log.stdout')).toBe('prepare \ntrain a b seed=5\n');
    expect((await rig.mlx('rerun', '2', 'seed=7', '-q')).exitCode).toBe(0);
    expect(rig.read('logs/3/log.stdout')).toBe('prepare \ntrain a b seed=7\n');
  });

  test.for([
    [['--step', 'x'], "'x' is no step of a run"],
    [['--step', 'a: foo | bar'], 'a step is one command without a shell'],
    [['--step', 'a: echo $HOME'], 'no shell replaces $HOME'],
    [['--step', 'a: X=1 true'], 'a step is one command without a shell'],
    [['--step', 'a: true', '--step', 'a: true'], 'another step has this name'],
    [['--step', 'a/b: true'], "a step's name has letters"],
    [['main.sh', '--step', 'a: true'], "'main.sh' stands beside steps"],
    [['seed=1,2', '--step', 'a: ./prepare.sh {log_id}', '--step', 'b: true'], "'seed' is swept, but"],
  ] as const)('that make no sense are refused, and nothing is written: %s', async ([words, problem]) => {
    const rig = makeRig();
    scripts(rig);
    const { exitCode, stderr } = await rig.mlx('run', ...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(problem)]);
    expect(existsSync(join(rig.directory, 'logs'))).toBe(false);
  });
});

describe('what can not be', () => {
  test.for([
    [['--signal', 'FOO', '--time', '1h'], 'signals: USR1, USR2, HUP, INT, TERM, XCPU'],
    [['--signal', 'USR1@10'], "'--signal' counts back from the time limit"],
    [['--signal', 'USR1@10m', '--time', '5m'], 'less than 00:05:00 before the limit'],
    [['--grace', '-1'], "option '--grace' can't be '-1'"],
    [['--continue-on-timeout'], "'--continue-on-timeout' counts back from the time limit"],
    [['--continue-on-timeout=0', '--time', '1h'], 'how often at most: 1, 2'],
    [['--requeue'], "'--requeue' is for jobs"],
    [['--time', '2x'], '90 (seconds), 90m, 2h30m, 1:30:00 or 1-12 (days-hours)'],
    [
      ['--scheduler', 'sge', '--signal', 'USR1@10', '--signal-to', 'program', '--time', '1h'],
      "Grid Engine can't express '--signal-to'",
    ],
    [['--scheduler', 'slurm', '--grace', '60'], 'KillWait of the site, and GraceTime of the partition decides that'],
    [['--scheduler', 'oar', '--partition', 'a,b'], 'a job is in one queue'],
    [['--scheduler', 'local', '--requeue'], "'--requeue' is for jobs"],
  ] as const)('is refused, and nothing is written: %s', async ([options, problem]) => {
    const rig = makeRig();
    rig.write('main.sh', '#!/bin/bash\n');
    const { exitCode, stderr } = await rig.mlx('run', 'main.sh', ...options);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(problem)]);
    expect(existsSync(join(rig.directory, 'logs'))).toBe(false);
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeRig, type Rig, waitUntil } from '../rig/rig.js';

const client = fileURLToPath(new URL('../../dist/python', import.meta.url));

const json = async (rig: Rig, ...words: string[]) => JSON.parse((await rig.mlx(...words, '--json')).stdout);

async function python(rig: Rig, expression: string, attempts = 'path'): Promise<unknown> {
  const script = `import json, mlxrun; rows = mlxrun.read("logs", attempts=${JSON.stringify(attempts)}); print(json.dumps(${expression}))`;
  const { stdout } = await execa('python3', ['-c', script], { cwd: rig.directory, env: { PYTHONPATH: client } });
  return JSON.parse(stdout);
}

/** A program that logs through the client, and one that writes its lines itself, as those of MLXP do. */
const programs = {
  client: `import mlxrun, os, sys
run = mlxrun.start()
def log(line, name="train"): run.log_metrics(line, log_name=name)
`,
  itself: `import json, os, sys
os.makedirs(os.environ["MLX_LOG_DIR"] + "/metrics", exist_ok=True)
def log(line, name="train"):
    with open(os.environ["MLX_LOG_DIR"] + "/metrics/" + name + ".json", "a") as file: file.write(json.dumps(line) + "\\n")
`,
};

describe.for(Object.entries(programs))('a program that starts over, and logs by its %s', ([, program]) => {
  const restarted = async (body: string) => {
    const rig = makeRig();
    rig.write('d.py', `${program}\nfirst = os.environ["MLX_ATTEMPT"] == "1"\n${body}\nsys.exit(first)\n`);
    expect((await rig.mlx('run', 'seed=1,2', '-q', '--', 'python3', 'd.py')).exitCode).not.toBe(0);
    expect((await rig.mlx('resubmit', 'failed', '-q')).exitCode).toBe(0);
    return rig;
  };

  test('has the metrics of its last attempt, whoever reads them', async () => {
    const rig = await restarted(
      'for epoch, loss in enumerate([0.01, 0.11, 0.21] if first else [0.5, 0.6, 0.7]): log({"epoch": epoch, "loss": loss})',
    );
    const columns = 'train.loss@min,train.loss@count,train.loss@epoch=0,train.loss@values,train.loss';
    const [row] = await json(rig, 'query', '--select', columns);
    expect(Object.values(row)).toEqual([0.5, 3, 0.5, [0.5, 0.6, 0.7], 0.7]);
    expect(await json(rig, 'best', 'train.loss@min', '--min')).toMatchObject([{ mean: 0.5 }]);
    await rig.mlx('export', 'wandb', 'wb');
    const { history } = JSON.parse(rig.read('wb/run-1.json'));
    expect(history.map((one: object) => Object.values(one))).toEqual(
      [0, 1, 2].map((i) => [i, 0.5 + i / 10].map((x) => expect.closeTo(x))),
    );
    await rig.mlx('plot', 'train.loss', '-o', 'loss.html');
    expect(rig.read('loss.html')).not.toContain('0.21');
    expect(
      await python(rig, '[rows[0]["train.loss"], rows[0]["train.loss@min"], rows[0].earlier("train.loss")]'),
    ).toEqual([[0.5, 0.6, 0.7], 0.5, null]);
    expect((await rig.mlx('list', '--columns', 'run,train.loss')).stdout).toBe(
      'run  train.loss\n  1         0.7\n  2         0.7\n',
    );
    // From the index as from the files.
    expect(await json(rig, 'query', '--select', columns)).toEqual(await json(rig, 'query', '--select', columns));
  });

  test('keeps what it went on from', async () => {
    const rig = await restarted(
      'for epoch in range(0 if first else 2, 4): log({"epoch": epoch, "loss": 10 * (not first) + epoch})',
    );
    expect(Object.values((await json(rig, 'query', '--select', 'train.loss@values'))[0])).toEqual([[0, 1, 12, 13]]);
    expect(await python(rig, 'rows[0]["train.loss"]')).toEqual([0, 1, 12, 13]);
  });

  test('shows each attempt by itself, or the last one alone, where that is asked for', async () => {
    const rig = await restarted('log({"epoch": 0, "loss": 1 if first else 2})\nif first: log({"acc": 3}, "test")');
    const rows = await json(rig, 'query', '--attempts', 'all', '--select', 'run,attempt,train.loss,test.acc');
    expect(rows.map(Object.values)).toEqual([
      [1, 1, 1, 3],
      [1, 2, 2, null],
      [2, 1, 1, 3],
      [2, 2, 2, null],
    ]);
    expect((await rig.mlx('query', 'run == 1', '--attempts', 'all')).stdout).toMatch(/^run +attempt +status/);
    expect((await rig.mlx('plot', 'train.loss', '--attempts', 'all', '-o', 'all.svg')).stderr).toBe(
      '4 curves in all.svg\n',
    );
    expect(rig.read('all.svg')).toContain('run 2 attempt 1');
    expect(await json(rig, 'query', 'run == 1', '--attempts', 'last')).toEqual([
      { run: 1, status: 'COMPLETE', 'train.epoch': 0, 'train.loss': 2 },
    ]);
    expect(await python(rig, '[[row["run"], row["attempt"], row.get("test.acc")] for row in rows]', 'all')).toEqual([
      [1, 1, [3]],
      [1, 2, null],
      [2, 1, [3]],
      [2, 2, null],
    ]);
    rig.write('configs/mlx.yaml', 'results:\n  attempts: last\n');
    expect(Object.keys((await json(rig, 'query', 'run == 1'))[0])).not.toContain('test.acc');
  });

  test('marks what only an earlier attempt has logged, and leaves it out of what takes runs together', async () => {
    const rig = await restarted(
      'log({"epoch": 0, "loss": 1})\nif first or sys.argv[-1] == "seed=2": log({"acc": 3 if first else 4}, "test")',
    );
    const { stdout, stderr } = await rig.mlx('query', '--select', 'run,test.acc');
    expect(stdout).toBe('run  test.acc\n  1        3*\n  2         4\n');
    const note = 'note: test.acc* is of an earlier attempt, since the last one has not logged it: run 1 (attempt 1)\n';
    expect(stderr).toBe(note);
    expect((await rig.mlx('list', '--columns', 'run,test.acc')).stdout).toBe(
      'run  test.acc\n  1        3*\n  2         4\n',
    );
    expect(await json(rig, 'query', '--select', 'run,test.acc')).toEqual([
      { run: 1, 'test.acc': 3, earlier: { 'test.acc': 1 } },
      { run: 2, 'test.acc': 4 },
    ]);
    const grouped = await rig.mlx('query', '--agg', 'mean:test.acc', '--json');
    expect(JSON.parse(grouped.stdout)).toEqual([{ n: 2, 'mean:test.acc': 4, runs: [1, 2] }]);
    expect(grouped.stderr).toBe('note: mean:test.acc is without 1 run whose last attempt has not logged it\n');
    const best = await rig.mlx('best', 'test.acc', '--min');
    expect(best.stdout).toContain('again: mlx rerun 2, the best of 2 runs');
    expect(best.stderr).toBe('note: passed over, since the last attempt has not logged test.acc: run 1 (attempt 1)\n');
    const plot = await rig.mlx('plot', 'test.acc');
    expect([plot.stdout, plot.stderr]).toEqual([expect.stringContaining('run 1 attempt 1'), note]);
    expect((await rig.mlx('show', '1')).stdout).toContain('test.acc: 3  (of attempt 1)');
    expect(await python(rig, '[row.earlier("test.acc") for row in rows]')).toEqual([1, null]);
  });
});

test('a run that was killed and goes on shows what its attempt has logged so far', async () => {
  const rig = makeRig();
  rig.write(
    'd.py',
    `${programs.itself}
import time
first = os.environ["MLX_ATTEMPT"] == "1"
for epoch in range(3 if first else 1): log({"epoch": epoch, "loss": 5 if first else 7})
open("ready" + os.environ["MLX_ATTEMPT"], "w").close()
while not os.path.exists("end"): time.sleep(0.02)
`,
  );
  const isThere = (name: string) => existsSync(join(rig.directory, name));
  const launch = rig.start(['run', 'seed=1', '-q', '--', 'python3', 'd.py']);
  await waitUntil(() => isThere('ready1'), 'the first attempt to have logged');
  expect((await rig.mlx('stop', '1')).exitCode).toBe(0);
  await launch;
  const again = rig.start(['resubmit', '1', '-q']);
  await waitUntil(() => isThere('ready2'), 'the second attempt to have logged');
  const rows = await json(rig, 'query', '--select', 'status,train.loss@values');
  const listed = await json(rig, 'list', '--columns', 'train.loss,train.epoch');
  rig.write('end', '');
  await again;
  expect(rows.map(Object.values)).toEqual([['RUNNING', [7]]]);
  expect(listed).toEqual([{ 'train.loss': 7, 'train.epoch': 0 }]);
});

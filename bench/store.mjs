import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { internals } from '../scripts/internals.mjs';
import { freshDirectory, interleaved, median, mlx, run, times } from './measure.mjs';

const { createRun, IdClaimer, openStore, storePaths } = await import(internals('store'));

const job = {
  token: 'token',
  command: 'python main.py',
  configKeys: 2,
  firstAttempt: 1,
  launch: 'launch',
  point: 0,
  engine: 'here',
  jobId: undefined,
  idVariable: undefined,
  task: undefined,
  restartsGetNewIds: false,
  launcher: undefined,
  verdict: undefined,
};

/** Claims a run and fills its directory, as a launch does. */
function makeRun(claimer) {
  const id = claimer.claim();
  const runDirectory = storePaths.run(claimer.store, id);
  createRun(runDirectory, {
    job,
    info: {
      runDirectory,
      id,
      launch: 'launch',
      currentFilePath: '/home/ada/main.py',
      executable: '/usr/bin/python3',
      host: 'n1',
      workDirectory: '/home/ada',
      command: 'python main.py',
      versionManager: 'version_manager: null\n',
      engine: 'here',
    },
    overrides: ['optimizer.lr=1e-3', `seed=${id}`],
    config: `optimizer:\n  lr: 0.001\nseed: ${id}\n...\n`,
    settings: 'grace: 10\n...\n',
    script: '#!/bin/bash\npython main.py\n',
  });
  return id;
}

/** A store that holds as many directories already. */
function storeOfSize(size) {
  const store = join(freshDirectory(), 'logs');
  openStore(store);
  for (let id = 1; id <= size; id++) mkdirSync(storePaths.run(store, id));
  return new IdClaimer(store);
}

/** MLXP's way to a number: list the directory, take the largest (its logger, `_get_log_id`). */
function claimLikeMlxp(store) {
  const ids = readdirSync(store)
    .map(Number)
    .filter((id) => id > 0);
  const id =
    Math.max(
      0,
      ...ids.slice(-1),
      ids.reduce((a, b) => Math.max(a, b), 0),
    ) + 1;
  mkdirSync(join(store, String(id)));
}

const perSecond = (count, milliseconds) => (count / milliseconds) * 1000;

/** Runs created per second, whatever the store holds already. */
export async function* creation({ quick }) {
  const sizes = quick ? [10, 10_000] : [10, 10_000, 100_000];
  const claimers = sizes.map(storeOfSize);
  // Or the disk would still be busy with what was made for the measurement.
  spawnSync('sync');
  const batch = 200;
  const measure = (action) => async () => {
    const begin = performance.now();
    for (let i = 0; i < batch; i++) action();
    return performance.now() - begin;
  };
  const taken = await interleaved(
    claimers.map((claimer) => measure(() => makeRun(claimer))),
    quick ? 3 : 15,
  );
  const rates = taken.map((milliseconds) => perSecond(batch, milliseconds).toFixed(0)).join(', ');
  yield {
    what: `runs created in stores of ${sizes.join(', ')} (${rates} per second)`,
    beside: 'the largest beside the smallest',
    ratio: times(Math.max(...taken), Math.min(...taken)),
    goal: 'at most 1.5',
  };
  const store = claimers.at(-1).store;
  const [ours, theirs] = await interleaved(
    [measure(() => claimers.at(-1).claim()), measure(() => claimLikeMlxp(store))],
    3,
  );
  yield {
    what: `numbers claimed in the store of ${sizes.at(-1)}`,
    beside: 'listing the directory each time, as MLXP does',
    ratio: times(ours, theirs),
    goal: 'far below 1',
  };
}

/** A store of runs that have ended, old enough for the index. */
export function endedRuns(count) {
  const claimer = new IdClaimer(join(freshDirectory(), 'logs'));
  openStore(claimer.store);
  for (let i = 0; i < count; i++) {
    const attempts = join(storePaths.run(claimer.store, makeRun(claimer)), 'metadata', 'attempts');
    const code = i % 1000 === 7 ? 1 : 0;
    writeFileSync(join(attempts, '1.yaml'), 'attempt: 1\ntoken: token\nhost: n1\npid: 1\nstart_seconds: 5\n...\n');
    writeFileSync(
      join(attempts, '1.end.yaml'),
      `attempt: 1\nexit_code: ${code}\nsignal: null\nsignals_received: null\nend_seconds: 6\n...\n`,
    );
    utimesSync(attempts, 1e9, 1e9);
  }
  claimer.writeHint();
  return claimer.store;
}

/** `mlx list` on many runs, once the index is there. */
export async function* listing({ quick }) {
  const count = quick ? 10_000 : 100_000;
  const store = endedRuns(count);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const list = async (options) => await run([process.execPath, mlx, 'list', '--store', store], { memory: options });
  const cold = (await list()).milliseconds;
  const [warm, node] = await interleaved(
    [async () => (await list()).milliseconds, async () => (await run([process.execPath, '-e', '0'])).milliseconds],
    quick ? 5 : 9,
  );
  yield {
    what: `\`mlx list\` on ${count} runs (${warm.toFixed(0)} ms; the first time, without an index, ${(cold / 1000).toFixed(1)} s)`,
    beside: `\`node -e 0\` (${node.toFixed(0)} ms)`,
    ratio: times(warm, node),
    goal: 'at most 10',
  };
  yield {
    what: 'the same, peak memory',
    beside: '',
    ratio: `${(await list(true)).peak.toFixed(0)} MB`,
    goal: 'reported',
  };
}

const script = `
import mlxrun, os, sys, time
run = mlxrun.start()
count = int(sys.argv[1])
def timed(action):
    begin = time.perf_counter()
    for i in range(count): action(i)
    return time.perf_counter() - begin
def log(i): run.log_metrics({"epoch": i, "loss": 0.1234 * i, "accuracy": 0.9})
def plain(i):
    import json
    with open(os.path.join(run.dir, "plain.json"), "a") as file: file.write(json.dumps({"epoch": i, "loss": 0.1234 * i, "accuracy": 0.9}) + "\\n")
def step(i):
    x = 0.0
    for k in range(100000): x += k * 1e-9
    return x
timed(log); ours = timed(log); other = timed(plain)
count = 200
def both(i): step(i); log(i)
alone = timed(step); together = timed(both)
print(count_per_second := int(sys.argv[1]) / ours, other, ours, max(0.0, together - alone) / together)
`;

/** Metrics logged per second from Python, and their share of a training loop. */
export async function* metrics({ quick }) {
  const { execFileSync } = await import('node:child_process');
  const { root } = await import('./measure.mjs');
  const results = Array.from({ length: quick ? 3 : 7 }, () => {
    const output = execFileSync('python3', ['-c', script, quick ? '5000' : '20000'], {
      env: { ...process.env, PYTHONPATH: join(root, 'dist/python'), MLX_LOG_DIR: freshDirectory() },
      encoding: 'utf8',
    });
    const [rate, other, ours, share] = output.trim().split(' ').map(Number);
    return { rate, ratio: ours / other, share };
  });
  yield {
    what: `log_metrics from Python (${(median(results.map(({ rate }) => rate)) / 1000).toFixed(0)},000 calls per second)`,
    beside: 'open, json.dumps, write, close',
    ratio: `${median(results.map(({ ratio }) => ratio)).toFixed(2)} ×`,
    goal: 'below 1',
  };
  yield {
    what: 'its share of a training loop',
    beside: 'a step of about 5 ms, one call each',
    ratio: `${(100 * median(results.map(({ share }) => share))).toFixed(1)} %`,
    goal: 'below 1 %',
  };
}

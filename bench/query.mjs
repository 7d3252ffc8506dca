import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { interleaved, median, mlx, run, times } from './measure.mjs';
import { endedRuns } from './store.mjs';

const python = `
import json, os, sys
runs = {}
for name in os.listdir(sys.argv[1]):
    metrics = os.path.join(sys.argv[1], name, "metrics")
    if not os.path.isdir(metrics): continue
    for file in os.listdir(metrics):
        if not file.endswith(".json"): continue
        with open(os.path.join(metrics, file)) as lines:
            for line in lines:
                for key, value in json.loads(line).items():
                    low = runs.setdefault((name, file, key), value)
                    if value < low: runs[name, file, key] = value
print(len(runs))
`;

/** Gives each run of a store three metrics of 200 lines. */
function logMetrics(store, count) {
  const lines = Array.from({ length: 200 }, (_, i) => i + 1);
  for (let id = 1; id <= count; id++) {
    const directory = join(store, String(id), 'metrics');
    mkdirSync(directory, { recursive: true });
    const text = lines.map((epoch) => {
      const loss = 1 / epoch + id / 1e5;
      return `{"epoch": ${epoch}, "loss": ${loss}, "accuracy": ${1 - loss / 2}, "_attempt": 1}\n`;
    });
    writeFileSync(join(directory, 'train.json'), text.join(''));
  }
}

/** What runs have come to: with and without the index, beside a loop over the same files. */
export async function* query({ quick }) {
  const count = quick ? 2_000 : 10_000;
  const store = endedRuns(count);
  logMetrics(store, count);
  const cwd = dirname(store);
  const node = process.execPath;
  const index = join(store, '.mlx', 'results.ndjson');
  const ask = (...words) => [node, mlx, 'query', '--csv', ...words];
  const loop = async () => (await run(['python3', '-c', python, store])).milliseconds;
  const repeats = quick ? 1 : 3;
  const [cold, theirs] = await interleaved(
    [
      async () => {
        rmSync(index, { force: true });
        return (await run(ask('--select', 'run,train.loss@min'), { cwd })).milliseconds;
      },
      loop,
    ],
    repeats,
  );
  const questions = [
    ask('--select', 'run,train.loss@min'),
    ask(
      'train.loss < 0.05 & config.seed > 100',
      '--group-by',
      'optimizer.lr',
      '--agg',
      'mean:train.loss,sem:train.loss',
    ),
  ];
  const [warm, grouped] = await interleaved(
    questions.map((argv) => async () => (await run(argv, { cwd })).milliseconds),
    quick ? 3 : 7,
  );
  const name = `${count.toLocaleString('en')} runs with 600 values each`;
  const beside = `python3 in one loop over their metrics (${(theirs / 1000).toFixed(1)} s)`;
  yield {
    what: `\`mlx query\` of ${name}, for the first time (${(cold / 1000).toFixed(1)} s)`,
    beside,
    ratio: times(cold, theirs),
    goal: 'at most 1',
  };
  yield {
    what: `the same, from the index (${warm.toFixed(0)} ms)`,
    beside,
    ratio: times(warm, theirs),
    goal: 'at most 0.05',
  };
  yield {
    what: `an expression, groups and aggregates (${grouped.toFixed(0)} ms)`,
    beside,
    ratio: times(grouped, theirs),
    goal: 'at most 0.05',
  };
  const { peak } = await run(questions[0], { cwd, memory: true });
  yield { what: 'the same, peak memory', beside: '', ratio: `${peak.toFixed(0)} MB`, goal: 'reported' };
  const plot = [node, mlx, 'plot', 'train.loss', '--group-by', 'optimizer.lr', '-o', join(cwd, 'loss.svg')];
  const drawn = await run(plot, { cwd, memory: true });
  yield {
    what: `\`mlx plot\` of all of it (${(drawn.milliseconds / 1000).toFixed(1)} s, ${drawn.peak.toFixed(0)} MB)`,
    beside,
    ratio: times(drawn.milliseconds, theirs),
    goal: 'at most 1',
  };
  const page = await pageAnswers(cwd);
  yield {
    what: `\`mlx ui\`: from its start to all rows of the table (${(page.first / 1000).toFixed(1)} s)`,
    beside: `\`mlx query\` from the index (${warm.toFixed(0)} ms)`,
    ratio: times(page.first, warm),
    goal: 'reported',
  };
  yield {
    what: `the same, what an open page asks every few seconds (${page.next.toFixed(0)} ms)`,
    beside: `\`mlx query\` from the index (${warm.toFixed(0)} ms)`,
    ratio: times(page.next, warm),
    goal: 'below 1',
  };
}

/** Milliseconds of `mlx ui` until it has told all runs, and for being asked again. */
async function pageAnswers(cwd) {
  const begin = performance.now();
  const ui = spawn(process.execPath, [mlx, 'ui'], { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  const [address] = await once(ui.stdout, 'data');
  const ask = async (words) => (await fetch(`${String(address).trim()}api/runs?${words}`)).json();
  const { version, columns } = await ask('after=0');
  const first = performance.now() - begin;
  const words = new URLSearchParams([['after', version], ...columns.map((name) => ['has', name])]);
  const again = [];
  for (let i = 0; i < 3; i++) {
    // Until then an answer is as good as a new one.
    await sleep(5000);
    const asked = performance.now();
    await ask(words);
    again.push(performance.now() - asked);
  }
  ui.kill();
  return { first, next: median(again) };
}

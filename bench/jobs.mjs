import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { freshDirectory, interleaved, mlx, run, times } from './measure.mjs';
import { endedRuns } from './store.mjs';

const command = (...words) => [process.execPath, mlx, ...words];
const isHere = (name, ...words) => spawnSync(name, words).error === undefined;

/** What waits in the local queue, run two at a time, beside what people have for that. */
export async function* queue({ quick }) {
  const count = quick ? 200 : 1000;
  const ours = async () => {
    const cwd = freshDirectory();
    await run(command('--local', 'submit', '--log-dir', 'logs', '-t', String(count), '/bin/true'), { cwd });
    return (await run(command('execute', '--parallel', '2', '--quiet'), { cwd })).milliseconds;
  };
  const rivals = [
    isHere('parallel', '--version') && {
      name: 'GNU parallel `-j2 --results`',
      goal: 'at most 2',
      run: async () => {
        const line = `seq ${count} | parallel --will-cite -j2 --results out /bin/true`;
        return (await run(['bash', '-c', line], { cwd: freshDirectory() })).milliseconds;
      },
    },
    isHere('tsp', '-V') && {
      name: 'task-spooler, `tsp -S 2`, its 1,000 `tsp true` included',
      goal: 'at most 0.5',
      run: async () => {
        const cwd = freshDirectory();
        const env = { ...process.env, TS_SOCKET: join(cwd, 'socket'), TS_MAXFINISHED: '2000', TMPDIR: cwd };
        const line = `tsp -S 2; for i in $(seq ${count}); do tsp /bin/true; done; while tsp | grep -Eq 'queued|running'; do sleep 0.02; done`;
        const { milliseconds } = await run(['bash', '-c', line], { cwd, env });
        spawnSync('tsp', ['-K'], { env });
        return milliseconds;
      },
    },
  ].filter((rival) => rival !== false);
  const [mlxTime, ...others] = await interleaved([ours, ...rivals.map((rival) => rival.run)], quick ? 3 : 7);
  for (const [i, { name, goal }] of rivals.entries()) {
    yield {
      what: `\`mlx execute\` of ${count} × \`true\` in the local queue, two at once (${(mlxTime / count).toFixed(2)} ms each)`,
      beside: `${name} (${(others[i] / count).toFixed(2)} ms)`,
      ratio: times(mlxTime, others[i]),
      goal,
    };
  }
}

/** What is done with many runs, beside listing them. */
export async function* management({ quick }) {
  const count = quick ? 1000 : 10_000;
  const store = endedRuns(count);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const time = async (...words) => (await run(command(...words, '--store', store))).milliseconds;
  await time('list');
  const [list, report, stop] = await interleaved(
    [() => time('list'), () => time('report', '--errors-only'), () => time('stop', '--all')],
    quick ? 3 : 7,
  );
  const beside = `\`mlx list\` (${list.toFixed(0)} ms)`;
  yield {
    what: `\`mlx report --errors-only\` on ${count} runs`,
    beside,
    ratio: times(report, list),
    goal: 'at most 3',
  };
  yield { what: '`mlx stop --all`, where all have ended', beside, ratio: times(stop, list), goal: 'at most 3' };
  const cwd = freshDirectory();
  await run(command('--local', 'submit', '-t', String(count), '/bin/true'), { cwd });
  const copies = [1, 2, 3].map((n) => {
    cpSync(join(cwd, 'logs'), join(cwd, String(n)), { recursive: true });
    return join(cwd, String(n));
  });
  const [queued, stopped] = await interleaved(
    [
      async () => (await run(command('list', '--store', copies.at(-1)))).milliseconds,
      async () => (await run(command('stop', '--all', '--store', copies.pop()))).milliseconds,
    ],
    3,
  );
  yield {
    what: `\`mlx stop --all\`, where all wait in the local queue (${(stopped / 1000).toFixed(1)} s)`,
    beside: `\`mlx list\` (${queued.toFixed(0)} ms)`,
    ratio: times(stopped, queued),
    goal: 'at most 3',
  };
}

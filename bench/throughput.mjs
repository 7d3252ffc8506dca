import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshDirectory, interleaved, mlx, run, times } from './measure.mjs';

const values = (count) => Array.from({ length: count }, (_, i) => i).join(',');

/** A sweep of as many runs; `count` is a multiple of 100. */
const mlxRuns = (count) => [
  process.execPath,
  mlx,
  'run',
  `i=${values(count / 100)}`,
  `j=${values(100)}`,
  '--parallel',
  '2',
  '--quiet',
  '--',
  '/bin/true',
];

/** Runs per second: directories, metadata and statuses included. */
export async function* throughput({ quick }) {
  const count = quick ? 200 : 1000;
  if (spawnSync('parallel', ['--version']).status !== 0) {
    yield {
      what: `${count} runs of \`/bin/true\``,
      beside: 'GNU parallel is not installed (Debian: parallel)',
      ratio: 'not measured',
      goal: 'at most 2',
    };
    return;
  }
  const ours = async () => {
    const cwd = freshDirectory();
    return (await run(mlxRuns(count), { cwd })).milliseconds;
  };
  const parallel = async () => {
    const line = `seq ${count} | parallel --will-cite -j2 --results out /bin/true`;
    return (await run(['bash', '-c', line], { cwd: freshDirectory() })).milliseconds;
  };
  const floor = () => bareLoop(count);
  const [mlxTime, parallelTime, floorTime] = await interleaved([ours, parallel, floor], quick ? 3 : 7);
  const what = `${count} runs of \`/bin/true\`, two at once (${(mlxTime / count).toFixed(2)} ms each)`;
  yield {
    what,
    beside: `GNU parallel \`-j2 --results\` (${(parallelTime / count).toFixed(2)} ms)`,
    ratio: times(mlxTime, parallelTime),
    goal: 'at most 2, better below 1',
  };
  yield {
    what: 'the same',
    beside: `a bare loop of \`spawn('bash', ['script.sh'])\` (${(floorTime / count).toFixed(2)} ms)`,
    ratio: times(mlxTime, floorTime),
    goal: 'the floor',
  };
}

/** The same scripts started from Node two at a time, with nothing written. */
async function bareLoop(count) {
  const directory = freshDirectory();
  for (let i = 0; i < count; i++) {
    mkdirSync(join(directory, String(i)));
    writeFileSync(
      join(directory, String(i), 'script.sh'),
      `#!/bin/bash\ncd ${directory} || exit\nexec /bin/true i=${i}\n`,
    );
  }
  const begin = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const child = spawn('bash', [join(directory, String(next++), 'script.sh')], { stdio: 'ignore' });
      await new Promise((resolve) => child.on('exit', resolve));
    }
  };
  await Promise.all([worker(), worker()]);
  return performance.now() - begin;
}

/** Peak memory of the launcher. */
export async function* memory({ quick }) {
  const [small, large] = quick ? [200, 1000] : [1000, 10_000];
  const peakOf = async (count) => {
    const cwd = freshDirectory();
    return (await run(mlxRuns(count), { cwd, memory: true })).peak;
  };
  const first = await peakOf(small);
  const second = await peakOf(large);
  yield { what: `peak memory of ${small} runs`, beside: '', ratio: `${first.toFixed(0)} MB`, goal: 'under 150 MB' };
  yield {
    what: `peak memory of ${large} runs`,
    beside: `of ${small}`,
    ratio: `${second.toFixed(0)} MB, ${(second - first).toFixed(0)} MB more`,
    goal: 'at most 10 MB more',
  };
}

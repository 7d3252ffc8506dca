import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { internals } from '../scripts/internals.mjs';
import { interleaved, median, mlx, root, run, times } from './measure.mjs';

const sweeps = internals('sweep');
const { parseOverride, sourceToken, sweepOf, tokens } = await import(sweeps);

const keys = ['a', 'b', 'c'];
const values = Array.from({ length: 100 }, (_, i) => String(i));
const million = 1_000_000;

const points = () => tokens(sweepOf({ overrides: keys.map((key) => parseOverride(`${key}=${values}`)) }), sourceToken);

/** What keeps each array from being left out by the compiler. */
const ring = new Array(1024);

function walk(each) {
  for (const point of points()) each(point);
}

function nestedLoop(each) {
  const [first, second, third] = keys.map((key) => values.map((value) => `${key}=${value}`));
  for (const a of first) for (const b of second) for (const c of third) each([a, b, c]);
}

function keep(make) {
  let index = 0;
  make((point) => {
    ring[index++ & 1023] = point;
  });
}

function print(make) {
  const nowhere = openSync('/dev/null', 'w');
  let text = '';
  make((point) => {
    text += `${point.join(' ')}\n`;
    if (text.length < 65_536) return;
    writeSync(nowhere, text);
    text = '';
  });
  writeSync(nowhere, text);
  closeSync(nowhere);
}

function milliseconds(action) {
  const begin = performance.now();
  action();
  return performance.now() - begin;
}

const python = `
import itertools, time
lists = [[f'{key}={i}' for i in range(100)] for key in 'abc']
begin = time.perf_counter()
jobs = [list(job) for job in itertools.product(*lists)]
print((time.perf_counter() - begin) * 1000)
`;

const rate = (time) => `${(million / time / 1000).toFixed(1)} million a second`;

/** Points of a sweep of a million, beside what else makes them; both in turn. */
export async function* sweep({ quick }) {
  const ways = [
    () => milliseconds(() => keep(walk)),
    () => milliseconds(() => keep(nestedLoop)),
    () => milliseconds(() => print(walk)),
    () => milliseconds(() => print(nestedLoop)),
    () => Number(execFileSync('python3', ['-c', python])),
  ];
  const results = ways.map(() => []);
  for (let i = 0; i < (quick ? 5 : 15); i++) for (const [k, way] of ways.entries()) results[k].push(way());
  const [kept, loopKept, printed, loopPrinted, product] = results.map(median);
  yield {
    what: `10⁶ points of three keys, iterated and printed (${rate(printed)})`,
    beside: `a nested \`for\` loop that makes the same arrays (${rate(loopPrinted)})`,
    ratio: times(printed, loopPrinted),
    goal: 'at most 2',
  };
  yield {
    what: `the same, iterated only (${rate(kept)})`,
    beside: `the same loop (${rate(loopKept)})`,
    ratio: times(kept, loopKept),
    goal: 'at most 2',
  };
  yield {
    what: 'the same',
    beside: `Python's \`[list(x) for x in itertools.product(…)]\`, as Hydra makes its jobs (${rate(product)})`,
    ratio: times(kept, product),
    goal: 'below 1',
  };
  const walkAll = `
    import { parseOverride, sourceToken, sweepOf, tokens } from '${sweeps}';
    const words = ['a=range(1000)', 'b=range(100)', 'c=range(100)'];
    let count = 0;
    for (const point of tokens(sweepOf({ overrides: words.map((word) => parseOverride(word)) }), sourceToken)) count += point.length;
    if (count !== 3e7) process.exit(1);`;
  const walked = await run([process.execPath, '--input-type=module', '-e', walkAll], { memory: true });
  yield {
    what: 'peak memory of walking 10⁷ points',
    beside: 'Hydra needs 1.6 GB',
    ratio: `${Math.round(walked.peak)} MB`,
    goal: 'under 120 MB',
  };
  const count = [process.execPath, mlx, 'run', 'a=range(1000000)', 'b=range(1000000)', '--count', '--', 'true'];
  const timed = (argv) => async () => (await run(argv, { cwd: root })).milliseconds;
  const [counting, node] = await interleaved([timed(count), timed([process.execPath, '-e', '0'])], quick ? 5 : 15);
  yield {
    what: `\`mlx run --count\` of 10¹² points (${Math.round(counting)} ms)`,
    beside: `\`node -e 0\` (${Math.round(node)} ms)`,
    ratio: times(counting, node),
    goal: 'at most 1.6',
  };
}

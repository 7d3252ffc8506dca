import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { internals } from '../scripts/internals.mjs';
import { freshDirectory, interleaved, run, times } from './measure.mjs';

const composing = internals('config', 'sweep');

const groups = 10;
const options = 4;
const keys = 12;

/** A config of 40 files in ten groups, of which one composes to some 130 keys of 500; interpolations among them. */
function makeConfigs() {
  const directory = freshDirectory();
  const write = (path, text) => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const names = Array.from({ length: groups }, (_, g) => `group${g}`);
  write(
    'config.yaml',
    `defaults:\n${names.map((name) => `  - ${name}: option0\n`).join('')}  - _self_\nseed: 0\nlr: 0.1\n`,
  );
  for (const name of names) {
    for (let o = 0; o < options; o++) {
      const lines = Array.from({ length: keys }, (_, k) => `key${k}: ${k === 0 ? '${seed}' : k * o}\n`);
      write(`${name}/option${o}.yaml`, `${lines.join('')}nested:\n  name: ${name}\n  list: [1, 2, 3]\n`);
    }
  }
  // One group whose options are large, so that a config has 500 keys.
  for (let o = 0; o < options; o++) {
    write(`group0/option${o}.yaml`, Array.from({ length: 380 }, (_, k) => `key${k}: ${k * o}\n`).join(''));
  }
  return directory;
}

const script = (directory, points) => `
  import { configAt, loadConfigBase, parseOverride, selectPoints, sweepOf } from '${composing}';
  const request = { cwd: '/', programDirectory: undefined, jobName: undefined, declared: undefined, path: '${directory}', name: undefined, directories: [], none: false, env: {}, resolve: true };
  const base = loadConfigBase(request);
  const words = ['group1=option0,option1', 'group2=option2,option3', 'lr=range(${points / 20})', 'seed=1,2,3,4,5'];
  let count = 0;
  for (const point of selectPoints(sweepOf({ overrides: words.map((word) => parseOverride(word)) }), {})) {
    if (configAt(base, point.overrides).get('group1').get('key0') !== undefined) count++;
  }
  if (count !== ${points}) process.exit(1);`;

/** Configs of the points of a sweep, composed one after the other. */
export async function* config({ quick }) {
  const directory = makeConfigs();
  const node = (code) => [process.execPath, '--input-type=module', '-e', code];
  const timed = (argv) => async () => (await run(argv)).milliseconds;
  const [start, few, many] = await interleaved(
    [[process.execPath, '-e', '0'], node(script(directory, 20)), node(script(directory, 10_000))].map(timed),
    quick ? 3 : 9,
  );
  const each = (many - few) / 9980;
  yield {
    what: `the config of a point, 40 files and 500 keys (${(each * 1000).toFixed(0)} µs; 10,000 of them in ${((many - few) / 1000).toFixed(1)} s)`,
    beside: `\`node -e 0\` (${Math.round(start)} ms)`,
    ratio: times(each, start).replace(/[\d.]+/, (text) => (Number(text) < 0.01 ? (each / start).toFixed(4) : text)),
    goal: 'at most 0.02',
  };
  yield {
    what: 'the same',
    beside: 'Hydra needs about 100 ms for each run',
    ratio: `${(each / 100).toFixed(4)} ×`,
    goal: 'far below 1',
  };
  const peaks = [];
  for (const points of [10_000, 40_000])
    peaks.push((await run(node(script(directory, points)), { memory: true })).peak);
  yield {
    what: 'peak memory of composing 40,000 of them',
    beside: 'of 10,000',
    ratio: `${Math.round(peaks[1])} MB, ${Math.round(peaks[1] - peaks[0])} MB more`,
    goal: 'at most 20 MB more',
  };
}

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeRig } from '../rig/rig.js';
import { report } from './report.js';

test('100,000 stored runs are listed, selected and counted', { timeout: 1_800_000 }, async () => {
  const rig = makeRig();
  const count = 100_000;
  for (let id = 1; id <= count; id++) {
    const run = join(rig.directory, 'logs', String(id));
    mkdirSync(join(run, 'metadata'), { recursive: true });
    mkdirSync(join(run, 'metrics'));
    // As MLXP writes them.
    const status = id % 1000 === 0 ? 'FAILED' : 'COMPLETE';
    writeFileSync(join(run, 'metadata', 'info.yaml'), `status: ${status}\nhostname: n1\nlogger:\n  log_id: ${id}\n`);
    writeFileSync(join(run, 'metadata', 'config.yaml'), `seed: ${id}\n`);
    writeFileSync(join(run, 'metrics', 'train.json'), `{"loss": ${1 / id}}\n`);
  }
  const timed = async (...words: string[]) => {
    const begin = performance.now();
    const result = await rig.mlx(...words);
    return { ...result, seconds: ((performance.now() - begin) / 1000).toFixed(1) };
  };
  const first = await timed('list');
  const again = await timed('list');
  const failed = await timed('list', 'failed', '--json');
  const query = await timed('query', 'seed == 77777', '--json');
  const wrong = [
    !/100,?000 runs/.test(first.stdout + first.stderr),
    again.stdout !== first.stdout,
    JSON.parse(failed.stdout).length !== count / 1000,
    !query.stdout.includes('77777'),
  ];
  const more = `list ${first.seconds} s, again ${again.seconds} s, failed ones ${failed.seconds} s, a query ${query.seconds} s`;
  report('100,000 stored runs', 4, wrong.filter(Boolean).length, more);
  // More than a test's end has time for.
  rmSync(join(rig.directory, 'logs'), { recursive: true });
  expect(wrong).toEqual([false, false, false, false]);
});

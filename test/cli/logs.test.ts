import { appendFileSync, closeSync, existsSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offsetOfTail } from '../../src/results/index.js';
import { makeRig, waitUntil } from '../rig/rig.js';

test('mlx logs --tail prints the last lines of each stream, byte for byte', async () => {
  const rig = makeRig();
  rig.write(
    'say.py',
    `import sys
for i in range(10):
    print("out", i)
    print("err", i, file=sys.stderr)
sys.stdout.write("no end")
`,
  );
  await rig.mlx('run', 'say.py', 'x=1,2', '-q');
  const tail = async (...words: string[]) => {
    const { stdout, stderr, exitCode } = await rig.mlx('logs', ...words);
    return [stdout, stderr, exitCode];
  };
  expect(await tail('--tail', '2', '1')).toEqual(['out 9\nno end', 'err 8\nerr 9\n', 0]);
  expect(await tail('--tail', '1', '1', '--stderr')).toEqual(['', 'err 9\n', 0]);
  expect(await tail('--tail', '0', '1')).toEqual(['', '', 0]);
  expect(await tail('--tail', '999999', '1')).toEqual(await tail('1'));
  expect(await tail('-f', '--tail', '1', '1')).toEqual(['no end', 'err 9\n', 0]);
  expect(await tail('--tail', '2', '1-2')).toEqual([
    '[1] out 9\n[1] no end\n[2] out 9\n[2] no end\n',
    '[1] err 8\n[1] err 9\n[2] err 8\n[2] err 9\n',
    0,
  ]);
  for (const bad of ['-1', 'x', '1.5', '1e3', '99999999999999999999']) {
    const { exitCode, stderr } = await rig.mlx('logs', `--tail=${bad}`, '1');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`option '--tail' can't be '${bad}'`)]);
  }
});

test('mlx logs -f --tail goes on from the last lines', async () => {
  const rig = makeRig();
  rig.write(
    'wait.sh',
    '#!/bin/sh\necho one; echo two; echo three\ntouch said\nwhile [ ! -e go ]; do sleep 0.05; done\necho four\n',
  );
  const launch = rig.start(['run', 'x=1', '-q', '--', './wait.sh']);
  await waitUntil(() => existsSync(join(rig.directory, 'said')), 'the first lines');
  let told = '';
  const logs = rig.start(['logs', '-f', '--tail', '1', '1']);
  logs.stdout?.on('data', (chunk: Buffer) => {
    told += chunk;
  });
  await waitUntil(() => told === 'three\n', 'the last line');
  rig.write('go', '');
  await Promise.all([launch, logs]);
  expect(told).toBe('three\nfour\n');
});

test('the tail of a file of any size is found from its end', () => {
  const rig = makeRig();
  const path = rig.write('sparse.log', '');
  const file = openSync(path, 'r+');
  ftruncateSync(file, 20_000_000_000);
  closeSync(file);
  appendFileSync(path, '\nlast but one\nlast\n');
  expect(offsetOfTail(path, 2)).toBe(20_000_000_001);
  rmSync(path);
  expect(offsetOfTail(path, 2)).toBe(0);

  const line = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.integer({ min: 65_530, max: 65_540 }).map((size) => 'x'.repeat(size)),
  );
  const texts = fc
    .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('', '\n'))
    .map(([lines, end]) => lines.join('\n') + end);
  fc.assert(
    fc.property(texts, fc.nat(8), (text, count) => {
      const bytes = Buffer.from(text);
      const lines = text
        .split('\n')
        .map((one, i, all) => (i === all.length - 1 ? one : `${one}\n`))
        .filter((one) => one !== '');
      const shown = bytes.subarray(offsetOfTail(rig.write('some.log', text), count)).toString();
      expect(shown).toBe(count === 0 ? '' : lines.slice(-count).join(''));
    }),
    { numRuns: 60 },
  );
});

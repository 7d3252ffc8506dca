import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { internals } from '../../scripts/internals.mjs';
import { readLastMetrics } from '../../src/results/index.js';
import {
  checkStoreWritable,
  IdClaimer,
  listRunIds,
  nextIdHint,
  openStore,
  parseMetricLine,
  readRun,
} from '../../src/store/index.js';

function store(): string {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  openStore(directory, { groupWritable: false });
  return directory;
}

describe('ids', () => {
  test('are never given twice to processes that claim at once', async () => {
    const directory = store();
    const library = internals('store');
    const claim = `const { IdClaimer } = await import(${JSON.stringify(library)});
      const claimer = new IdClaimer(${JSON.stringify(directory)});
      const ids = Array.from({ length: 100 }, () => claimer.claim());
      claimer.writeHint();
      console.log(JSON.stringify(ids));`;
    const run = promisify(execFile);
    const outputs = await Promise.all(
      Array.from({ length: 6 }, () => run(process.execPath, ['--input-type=module', '-e', claim])),
    );
    const ids = outputs.flatMap(({ stdout }) => JSON.parse(stdout) as number[]);
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
  });

  test('go on after runs of MLXP, over gaps, and are not used again after the last is deleted', () => {
    const directory = store();
    for (const name of ['1', '2', '7', 'x', '08']) mkdirSync(join(directory, name));
    const claimer = new IdClaimer(directory);
    expect([claimer.claim(), claimer.claim()]).toEqual([8, 9]);
    claimer.writeHint();
    rmSync(join(directory, '9'), { recursive: true });
    expect(new IdClaimer(directory).claim()).toBe(10);
    expect(listRunIds(directory)).toEqual([1, 2, 7, 8, 10]);
  });

  test('are found past a hint that is far behind or broken', () => {
    const directory = store();
    for (let id = 1; id <= 300; id++) mkdirSync(join(directory, String(id)));
    writeFileSync(join(directory, '.mlx', 'next'), '1\n');
    expect(new IdClaimer(directory).claim()).toBe(301);
    writeFileSync(join(directory, '.mlx', 'next'), 'rubbish');
    expect(nextIdHint(directory)).toBe(302);
  });
});

test('a directory without info.yaml is an incomplete run', () => {
  const directory = store();
  mkdirSync(join(directory, '1'));
  expect(readRun(directory, 1)).toMatchObject({ kind: 'incomplete', id: 1 });
  expect(readRun(directory, 2)).toBeUndefined();
});

test('a store that can not be is refused and nothing is made', () => {
  const directory = store();
  writeFileSync(join(directory, 'file'), '');
  expect(() => checkStoreWritable(join(directory, 'file', 'logs'))).toThrow('store-unusable');
  expect(() => checkStoreWritable(join(directory, 'new', 'logs'))).not.toThrow();
  expect(readdirSync(directory).sort()).toEqual(['.mlx', 'file']);
});

test('the last value of each metric is found, whatever else is in the file', () => {
  const directory = store();
  mkdirSync(join(directory, 'metrics'));
  const lines = [
    '{"loss": 1, "best": 0.5}',
    '{"loss": NaN, "note": "NaN \\"Infinity"}',
    'rubbish',
    '{"loss": -Infinity, "_attempt": 1}',
    '{"lo',
  ];
  writeFileSync(join(directory, 'metrics', 'train.json'), lines.join('\n'));
  expect(Object.fromEntries(readLastMetrics(directory))).toEqual({
    'train.loss': Number.NEGATIVE_INFINITY,
    'train.note': 'NaN "Infinity',
    'train.best': 0.5,
  });
  expect(parseMetricLine('{"a": NaN}')).toEqual({ a: Number.NaN });
  for (const [open, close] of ['[]', '{"a":}'].map((pair) => [pair.slice(0, -1), pair.slice(-1)] as const))
    for (const first of ['1', 'NaN'])
      expect(parseMetricLine(`{"b": ${first}, "a": ${open.repeat(20_000)}1${close.repeat(20_000)}}`)).toBeUndefined();
});

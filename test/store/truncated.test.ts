import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MlxError } from '../../src/failures/failure.js';
import { readLaunch, surveyHere } from '../../src/launch/index.js';
import { RunRow } from '../../src/results/index.js';
import { listLaunches, readRun } from '../../src/store/index.js';
import { makeRig } from '../rig/rig.js';

/** All that is read of a run and its launch, as one text; a record that is not whole is told by its path. */
async function tellAll(store: string): Promise<string> {
  const told: string[] = [];
  const run = readRun(store, 1);
  if (run?.kind === 'damaged') told.push(`damaged ${run.path}`);
  if (run?.kind === 'incomplete') told.push(`incomplete ${run.directory}/metadata/info.yaml`);
  if (run?.kind === 'run') {
    const row = new RunRow(run);
    told.push(row.problem ? `damaged ${JSON.stringify(row.problem)}` : JSON.stringify([...row.columns]));
    told.push(run.status.status, run.overrides.join(' '));
  }
  for (const { launch } of listLaunches(store)) {
    try {
      const recorded = await readLaunch(store, launch);
      const { counts } = surveyHere(store, launch, recorded, true);
      told.push(JSON.stringify([recorded.plan.count, recorded.target, recorded.environment, recorded.files, counts]));
    } catch (error) {
      if (!(error instanceof MlxError)) throw error;
      told.push(`damaged ${JSON.stringify(error.failure)}`);
    }
  }
  return told.join('\n');
}

describe('a file of metadata that was cut short', () => {
  let original: string;

  beforeAll(async () => {
    original = mkdtempSync(join(tmpdir(), 'mlx-cut-'));
  });

  test('is named, whatever its length: never a crash, never half the truth', { timeout: 120_000 }, async () => {
    const rig = makeRig();
    rig.write('configs/config.yaml', 'lr: 0.125\nmodel: {name: tiny}\n');
    rig.write('main.sh', '#!/bin/bash\nexit 3\n');
    await rig.mlx('run', 'main.sh', 'lr=0.25', '+seed=12', '-q');
    const store = mkdtempSync(join(tmpdir(), 'mlx-cut-'));
    onTestFinished(() => rmSync(store, { recursive: true, force: true }));
    cpSync(join(rig.directory, 'logs'), store, { recursive: true });
    rmSync(original, { recursive: true, force: true });
    const whole = await tellAll(store);
    const launch = readdirSync(join(store, '.mlx/launches'))[0] ?? '';
    const files = [
      ...['info', 'job', 'config', 'overrides'].map((name) => `1/metadata/${name}.yaml`),
      ...['1', '1.end'].map((name) => `1/metadata/attempts/${name}.yaml`),
      ...['launch', 'configs', 'mlx'].map((name) => `.mlx/launches/${launch}/${name}.yaml`),
      `.mlx/launches/${launch}/points.jsonl`,
    ];
    let cuts = 0;
    for (const file of files) {
      const path = join(store, file);
      const bytes = readFileSync(path);
      // The last byte is a newline; without it nothing is lost but the sign that nothing is.
      for (let length = 0; length < bytes.length; length++) {
        writeFileSync(path, bytes.subarray(0, length));
        const told = await tellAll(store);
        cuts++;
        if (told === whole) continue;
        const evident =
          told.includes(path) || told.includes('LOST') || told.includes('RUNNING') || file.endsWith('points.jsonl');
        expect(evident, `${file} cut to ${length} of ${bytes.length}: ${told}`).toBe(true);
        // What is still told of the run is as true as before.
        if (file.endsWith('1.end.yaml')) expect(told).toContain('LOST');
      }
      writeFileSync(path, bytes);
    }
    expect(await tellAll(store)).toBe(whole);
    expect(cuts).toBeGreaterThan(3000);
  });
});

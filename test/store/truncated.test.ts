import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MlxError } from '../../src/failures/failure.js';
import { readLaunch, surveyHere, wholeScope } from '../../src/launch/index.js';
import { RunRow } from '../../src/results/index.js';
import { listLaunches, readAttempt, readLaunchPoints, readRun } from '../../src/store/index.js';
import { makeRig } from '../rig/rig.js';

let store: string;
/** The directory of the store's only launch, relative to the store. */
let launchDirectory: string;

beforeAll(async () => {
  const finished: (() => unknown)[] = [];
  const rig = makeRig({}, (callback) => void finished.push(callback as () => unknown));
  rig.write('configs/config.yaml', 'lr: 0.125\nmodel: {name: tiny}\n');
  rig.write('main.sh', '#!/bin/bash\nexit 3\n');
  await rig.mlx('run', 'main.sh', 'lr=0.25', '+seed=12', '-q');
  store = mkdtempSync(join(tmpdir(), 'mlx-cut-'));
  cpSync(join(rig.directory, 'logs'), store, { recursive: true });
  launchDirectory = join('.mlx/launches', readdirSync(join(store, '.mlx/launches'))[0] ?? '');
  for (const callback of finished) await callback();
});

afterAll(() => rmSync(store, { recursive: true, force: true }));

/** All that is read of the run, as one text. A record that is not whole is named by its path. */
function readRunAsText(): string {
  const run = readRun(store, 1);
  if (run?.kind === 'damaged') return `damaged ${run.path}`;
  if (run?.kind !== 'run') return `incomplete ${run?.directory}/metadata/info.yaml`;
  const row = new RunRow(run);
  const columns = row.problem ? `damaged ${JSON.stringify(row.problem)}` : JSON.stringify([...row.columns]);
  return [columns, run.status.status, run.overrides.join(' ')].join('\n');
}

/** All that is read of the launch, as one text. A record that is not whole is named by its path. */
async function readLaunchAsText(): Promise<string> {
  const [launch] = listLaunches(store);
  if (launch === undefined) return 'no launch';
  try {
    const recorded = await readLaunch(store, launch.launch);
    const { target } = recorded;
    if (target.kind !== 'here') throw new Error('a launch of this machine');
    const { counts } = surveyHere(store, launch.launch, { ...recorded, target }, { force: true, scope: wholeScope });
    return JSON.stringify([recorded.plan.count, recorded.target, recorded.environment, recorded.files, counts]);
  } catch (error) {
    if (!(error instanceof MlxError)) throw error;
    return `damaged ${JSON.stringify(error.failure)}`;
  }
}

/** Cuts a file to every shorter length in turn, looks at each, and puts the file back. Returns the number of cuts. */
async function cutEverywhere(file: string, look: (length: number) => unknown): Promise<number> {
  const path = join(store, file);
  const bytes = readFileSync(path);
  try {
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      await look(length);
    }
  } finally {
    writeFileSync(path, bytes);
  }
  return bytes.length;
}

/** Expects that the first line of a text says of the file that it is damaged. */
function expectDamaged(text: string, file: string, length: number): void {
  const [first = ''] = text.split('\n');
  expect(first.startsWith('damaged ') && first.includes(join(store, file)), `cut to ${length}: ${first}`).toBe(true);
}

describe('a record that was cut short is named, whatever its length: never a crash, never half the truth', () => {
  test.for(['info', 'job', 'overrides'])('%s.yaml of a run', async (name) => {
    const whole = readRunAsText();
    const file = `1/metadata/${name}.yaml`;
    const cuts = await cutEverywhere(file, (length) => {
      expectDamaged(readRunAsText(), file, length);
    });
    expect(readRunAsText()).toBe(whole);
    expect(cuts).toBeGreaterThan(40);
  });

  test('config.yaml of a run; only the mark of its end may be missing, as in those of MLXP', async () => {
    const whole = readRunAsText();
    const file = '1/metadata/config.yaml';
    const withoutMark = readFileSync(join(store, file)).length - '...\n'.length;
    const cuts = await cutEverywhere(file, (length) => {
      if (length === withoutMark) expect(readRunAsText()).toBe(whole);
      else expectDamaged(readRunAsText(), file, length);
    });
    expect(cuts).toBeGreaterThan(40);
  });

  test.for(['launch', 'configs', 'mlx'])('%s.yaml of a launch', async (name) => {
    const whole = await readLaunchAsText();
    const file = join(launchDirectory, `${name}.yaml`);
    const cuts = await cutEverywhere(file, async (length) => {
      expectDamaged(await readLaunchAsText(), file, length);
    });
    expect(await readLaunchAsText()).toBe(whole);
    expect(cuts).toBeGreaterThan(500);
  });
});

describe('a record of an attempt that was cut short counts as not written', () => {
  test('the claim: no start and no process are read, and the end stays what it is', async () => {
    const { end } = readAttempt(store1(), 1);
    const cuts = await cutEverywhere('1/metadata/attempts/1.yaml', (length) => {
      expect(readAttempt(store1(), 1), `cut to ${length}`).toEqual({ number: 1, claim: undefined, end, received: [] });
      expect(readRun(store, 1), `cut to ${length}`).toMatchObject({ kind: 'run', status: { status: 'FAILED' } });
    });
    expect(readAttempt(store1(), 1).claim).toBeDefined();
    expect(cuts).toBeGreaterThan(150);
  });

  test('the end: the run is LOST, without an exit code', async () => {
    const { claim } = readAttempt(store1(), 1);
    const cuts = await cutEverywhere('1/metadata/attempts/1.end.yaml', (length) => {
      expect(readAttempt(store1(), 1), `cut to ${length}`).toEqual({ number: 1, claim, end: undefined, received: [] });
      expect(readRun(store, 1), `cut to ${length}`).toMatchObject({ kind: 'run', status: { status: 'LOST' } });
    });
    expect(readAttempt(store1(), 1).end).toMatchObject({ exitCode: 3 });
    expect(cuts).toBeGreaterThan(100);
  });
});

test('a line of points.jsonl that was cut short is passed over, and the run is known by its own record', async () => {
  const launch = listLaunches(store)[0]?.launch ?? '';
  const whole = await readLaunchAsText();
  const lineLength = readFileSync(join(store, launchDirectory, 'points.jsonl')).length - 1;
  await cutEverywhere(join(launchDirectory, 'points.jsonl'), async (length) => {
    // Only the newline is missing from the longest one.
    expect([...readLaunchPoints(store, launch)], `cut to ${length}`).toEqual(length < lineLength ? [] : [[0, 1]]);
    expect(await readLaunchAsText(), `cut to ${length}`).toBe(whole);
  });
  expect(lineLength).toBeGreaterThan(10);
});

const store1 = () => join(store, '1');

import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readBriefs } from '../../src/results/index.js';
import { createRun, openStore } from '../../src/store/index.js';

const many = 300;

/** A store of ended runs whose files are old enough to be indexed. */
function storeOfRuns(): string {
  const store = mkdtempSync(join(tmpdir(), 'mlx-index-'));
  onTestFinished(() => rmSync(store, { recursive: true, force: true }));
  openStore(store, { groupWritable: false });
  for (let id = 1; id <= many; id++) makeRun(store, id);
  return store;
}

function makeRun(store: string, id: number, exitCode = 0): void {
  const run = join(store, String(id));
  writeRun(run, id, exitCode);
  for (const name of ['job.yaml', 'info.yaml', 'attempts/1.yaml', 'attempts/1.end.yaml', 'attempts']) {
    utimesSync(join(run, 'metadata', name), 1e9 + id, 1e9 + id);
  }
}

function writeRun(run: string, id: number, exitCode: number): void {
  mkdirSync(run);
  createRun(run, {
    job: {
      token: 't',
      firstAttempt: 1,
      launch: 'l',
      point: id - 1,
      engine: 'here',
      jobId: undefined,
      idVariable: undefined,
      task: undefined,
      restartsGetNewIds: false,
      launcher: undefined,
      verdict: undefined,
    },
    info: {
      runDirectory: run,
      id,
      launch: 'l',
      currentFilePath: '/main.py',
      executable: '/python',
      host: 'n',
      workDirectory: '/',
      command: 'x',
      engine: 'here',
      versionManager: 'version_manager: null\n',
    },
    overrides: [`i=${id}`],
    patch: undefined,
    scriptMode: 0o777,
    config: `i: ${id}\n...\n`,
    settings: '...\n',
    script: '#!/bin/bash\n',
  });
  writeFileSync(
    join(run, 'metadata/attempts/1.yaml'),
    'attempt: 1\ntoken: t\nhost: n\npid: 1\nstart_seconds: 5\n...\n',
  );
  writeFileSync(join(run, 'metadata/attempts/1.end.yaml'), endRecord(exitCode));
}

const endRecord = (exitCode: number) =>
  `attempt: 1\nexit_code: ${exitCode}\nsignal: null\nsignals_received: null\nend_seconds: 6\n...\n`;

const statuses = async (store: string) =>
  new Map((await readBriefs(store, async (runs) => runs))?.map(({ id, status }) => [id, status]));
const indexOf = (store: string) => join(store, '.mlx/index.json');

describe('the index', () => {
  test('is right after runs were added, removed, started again, or edited by hand', async () => {
    const store = storeOfRuns();
    expect([...(await statuses(store)).values()]).toEqual(Array(many).fill('COMPLETE'));
    const written = readFileSync(indexOf(store), 'utf8');
    expect(JSON.parse(written).ids.length).toBe(many);

    rmSync(join(store, '3'), { recursive: true });
    makeRun(store, 400, 1);
    // In place, of the same length: only the modification time tells.
    writeFileSync(join(store, '5/metadata/attempts/1.end.yaml'), endRecord(4));
    writeFileSync(
      join(store, '6/metadata/attempts/2.yaml'),
      'attempt: 2\ntoken: t\nhost: elsewhere\npid: 1\nprocess_start: x\nstart_seconds: 7\n...\n',
    );
    // As run.sh does before it claims a further attempt.
    utimesSync(join(store, '6/metadata/job.yaml'), new Date(), new Date());
    writeFileSync(
      join(store, '7/metadata/job.yaml'),
      readFileSync(join(store, '7/metadata/job.yaml'), 'utf8').replace('first_attempt: 1', 'first_attempt: 2'),
    );
    truncateSync(join(store, '8/metadata/job.yaml'), 10);
    const now = await statuses(store);
    expect([3, 4, 5, 6, 7, 8, 400].map((id) => now.get(id))).toEqual([
      undefined,
      'COMPLETE',
      'FAILED',
      'RUNNING',
      'STARTING',
      'damaged',
      'FAILED',
    ]);
  });

  test('answers from what it knows, and says the same as the directories', async () => {
    const store = storeOfRuns();
    await readBriefs(store, async (runs) => runs);
    const fromIndex = await readBriefs(store, async (runs) => runs);
    rmSync(indexOf(store));
    expect(fromIndex).toEqual(
      (await readBriefs(store, async (runs) => runs))?.map((brief) => expect.objectContaining(brief)),
    );
    const index = JSON.parse(readFileSync(indexOf(store), 'utf8'));
    // That it is used at all: a lie in it is believed.
    writeFileSync(
      indexOf(store),
      JSON.stringify({ ...index, texts: index.texts.map((text: string) => text.replace('COMPLETE', 'STOPPED')) }),
    );
    expect((await statuses(store)).get(1)).toBe('STOPPED');
  });

  test('may be cut short at any length, of another version, or rubbish', async () => {
    const store = storeOfRuns();
    await readBriefs(store, async (runs) => runs);
    const whole = readFileSync(indexOf(store));
    const expected = await statuses(store);
    const texts = [
      ...Array.from({ length: 40 }, (_, i) => whole.subarray(0, Math.floor((whole.length * i) / 40))),
      '{}',
      'null',
      '[]',
      '{"format":"mlx index 1"}',
      '{"format":"mlx index 999"}',
    ];
    for (const text of texts) {
      writeFileSync(indexOf(store), text);
      expect(await statuses(store)).toEqual(expected);
    }
  });

  test('leaves out what was written a moment ago, and may change without a sign', async () => {
    const store = storeOfRuns();
    writeFileSync(join(store, '1/metadata/attempts/1.end.yaml'), endRecord(0));
    await readBriefs(store, async (runs) => runs);
    expect(JSON.parse(readFileSync(indexOf(store), 'utf8')).ids.slice(0, 2)).toEqual([2, 3]);
  });
});

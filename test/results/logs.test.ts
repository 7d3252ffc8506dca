import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readLogTail } from '../../src/results/index.js';

test('the last lines of a run are those of its last attempt', () => {
  const run = mkdtempSync(join(tmpdir(), "mlx log's "));
  onTestFinished(() => rmSync(run, { recursive: true }));
  const next = '--- attempt 2, 2026-11-28T07:30:12+00:00 on n1 ---\n';
  writeFileSync(join(run, 'log.stdout'), `first\n${next}second\n`);
  writeFileSync(join(run, 'log.stderr'), `## OAR [2026-11-28 07:30:00] Job 23 KILLED ##\n${next}`);
  expect(readLogTail(run, 5)).toEqual(['second']);
  writeFileSync(join(run, 'log.stderr'), `killed\n${next}warning\n`);
  expect(readLogTail(run, 5)).toEqual(['warning']);
});

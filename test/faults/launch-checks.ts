import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Rig } from '../rig/rig.js';

/** A program that leaves one line for each time that it ran. */
export const program = '#!/bin/bash\nsleep 0.0$((RANDOM % 5))\necho "$1" >> done.log\n';

interface ListedRun {
  readonly run: number;
  readonly status: string | null;
  readonly point: number | null;
}

export async function listedRuns(rig: Rig): Promise<ListedRun[]> {
  const { stdout, stderr, exitCode } = await rig.mlx('list', '--json');
  if (exitCode === 2 && /there are no runs/.test(stderr)) return [];
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

/** The points that the program has run, sorted. */
export function pointsDone(rig: Rig): string[] {
  return existsSync(join(rig.directory, 'done.log')) ? rig.read('done.log').trim().split('\n').sort() : [];
}

/** All points done, each once, none lost, all metadata whole. */
export async function expectAllDone(rig: Rig, words: readonly string[], what: string): Promise<void> {
  expect(pointsDone(rig), what).toEqual([...words].sort());
  const runs = (await listedRuns(rig)).filter(({ status }) => status !== null);
  expect(runs.map(({ status, point }) => `${status} ${point}`).sort(), what).toEqual(
    words.map((_, i) => `COMPLETE ${i}`).sort(),
  );
  for (const { run } of runs) {
    const info = readFileSync(join(rig.directory, `logs/${run}/metadata/info.yaml`), 'utf8');
    expect(info, `${what}, run ${run}`).toMatch(
      /^status: COMPLETE$[\s\S]*^exit_code: 0$[\s\S]*^version_manager: null\n\.\.\.\n$/m,
    );
  }
}

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareRow, divergences } from './compare.js';
import type { Row } from './row.js';

function rowsOf(file: string): Row[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const files = ['overrides.jsonl', 'sweeps.jsonl', 'compose.jsonl', 'cli.jsonl'];

describe.for(files)('%s: what Hydra answers', (file) => {
  test.for(rowsOf(file))('$id $input', (row) => {
    const outcome = compareRow(file, row);
    // Compared part by part, so that a report shows where they differ.
    if (outcome?.kind === 'failed') expect(outcome.actual).toEqual(outcome.expected);
    expect(outcome?.kind).toMatch(/^(passed|divergence)$/);
  });
});

test('mlx differs on purpose in a few rows only, each for a reason that is told', () => {
  const outcomes = files.flatMap((file) => rowsOf(file).map((row) => compareRow(file, row)));
  const differing = outcomes.filter((outcome) => outcome?.kind === 'divergence');
  expect(differing.length).toBeLessThanOrEqual(45);
  expect(new Set(differing.map((outcome) => 'name' in outcome && outcome.name))).toEqual(
    new Set(divergences.map(({ name }) => name)),
  );
});

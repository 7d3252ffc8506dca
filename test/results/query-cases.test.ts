import { cpSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseExpression, plainJson } from '../../src/expression/index.js';
import { type Failure, MlxError } from '../../src/failures/failure.js';
import { renderFailure } from '../../src/failures/index.js';
import {
  matchingResults,
  only,
  type RunResult,
  readStoreResults,
  resolveColumns,
  resultValue,
  writtenColumns,
} from '../../src/results/index.js';
import { type QueryCase, queryCaseStore, queryCases } from '../fixtures/query-cases/cases.js';

// The same cases are put to the Python reader, in test/client/query-cases.test.ts.
let results: readonly RunResult[];

beforeAll(async () => {
  process.env['TZ'] = 'UTC';
  const store = realpathSync(mkdtempSync(join(tmpdir(), 'mlx-cases-')));
  cpSync(queryCaseStore, store, { recursive: true });
  ({ results } = await readStoreResults(store));
});

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof MlxError) return error.failure;
    throw error;
  }
  throw new Error('it is not refused');
}

describe('of the shared cases', () => {
  const isExpression = (one: QueryCase) => 'expression' in one;
  test.for(queryCases.filter(isExpression))('$expression', (one) => {
    const match = () => matchingResults(results, parseExpression(one.expression)).map(({ id }) => id);
    if ('runs' in one) return void expect(match()).toEqual(one.runs);
    const failure = failureOf(match);
    expect(renderFailure(failure).text).toContain(one.error);
    if (one.at !== undefined) expect(failure).toMatchObject({ span: { offset: one.at } });
  });

  test.for(queryCases.filter((one) => 'column' in one))('the column $column', ({ column, values }) => {
    const [found] = resolveColumns(only(results), writtenColumns(column, 'column'));
    const all = results.flatMap((result): [string, unknown][] => {
      const value = found && resultValue(result, found);
      return value === undefined ? [] : [[String(result.id), rounded(plainJson(value))]];
    });
    expect(Object.fromEntries(all)).toEqual(rounded(values));
  });
});

/** Numbers to twelve digits: sums may be taken in another order. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(12));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
}

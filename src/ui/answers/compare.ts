import isEqual from 'lodash/isEqual.js';
import { plainJson } from '../../expression/index.js';
import { problemText } from '../../failures/index.js';
import { differingKeys, metricNames, parseColumnName, type RunResult, resultValue } from '../../results/index.js';
import { codeDifference, compareRuns } from '../../runs/index.js';
import { readRun } from '../../store/index.js';
import type { Cell, CompareAnswer } from '../wire.js';

/**
 * The differences between runs, side by side; for two runs also those of their code and installed packages.
 */
export async function compareAnswer(store: string, results: readonly RunResult[]): Promise<CompareAnswer> {
  const cells = (name: string) =>
    results.map((result) => plainJson(resultValue(result, parseColumnName(name))) as Cell);
  const rows = (names: readonly string[]) => names.map((key) => ({ key, values: cells(key) }));
  return {
    runs: results.map(({ id }) => id),
    config: rows(differingKeys(results)),
    metrics: rows(metricNames(results)).filter(({ values }) => values.some((value) => !isEqual(value, values[0]))),
    ...(await twoRuns(store, results)),
  };
}

async function twoRuns(
  store: string,
  results: readonly RunResult[],
): Promise<Pick<CompareAnswer, 'code' | 'requirements'>> {
  const [from, to] = results.length === 2 ? results.map(({ id }) => readRun(store, id)) : [];
  if (from?.kind !== 'run' || to?.kind !== 'run') return { code: null, requirements: null };
  const found = await compareRuns(store, from, to);
  const code = await codeDifference(found.code, false);
  const text = !code ? null : 'diff' in code ? code.diff : problemText(code.failure);
  return { code: text, requirements: found.requirements ?? null };
}

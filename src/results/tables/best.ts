import type { ExpressionValue } from '../../expression/index.js';
import type { ColumnName } from '../columns/column.js';
import { currentValue } from '../columns/values.js';
import type { RunResult } from '../run-result.js';
import { aggregate } from './aggregate.js';
import { groupResults } from './groups.js';

/**
 * The best setting of a group. A setting is the runs that agree in all settings' columns; its metric is
 * averaged.
 */
export interface BestSetting {
  /** The values of the group's columns. */
  readonly group: readonly ExpressionValue[];
  /** The values of the settings' columns. */
  readonly setting: readonly ExpressionValue[];
  /** The mean of the metric over its runs, and its standard error (undefined for a single run). */
  readonly mean: number;
  readonly sem: number | undefined;
  readonly runs: readonly number[];
  /** The best run of the setting. */
  readonly best: number;
  /** How many settings the group has. */
  readonly settings: number;
  /** How many runs of the group have no number: no metric, NaN or a text. */
  readonly missing: number;
}

/**
 * The best setting of each group, by the mean of a metric. `settings` are the columns in which the runs of a
 * setting agree. Groups in which no run has a number are left out.
 */
export function bestSettings(
  results: readonly RunResult[],
  metric: ColumnName,
  {
    groupBy,
    settings,
    goal,
  }: {
    readonly groupBy: readonly ColumnName[];
    readonly settings: readonly ColumnName[];
    readonly goal: 'min' | 'max';
  },
): BestSetting[] {
  return groupResults(results, groupBy).flatMap(({ key, results: members }): BestSetting[] => {
    const candidates = groupResults(members, settings).map(({ key: setting, results: runs }) => {
      const values = runs.map((result) => ({ run: result.id, value: currentValue(result, metric) }));
      const mean = aggregate(values, 'mean');
      return { setting, values, mean, missing: mean.missing + mean.nan + mean.other };
    });
    const sign = goal === 'min' ? 1 : -1;
    const valued = candidates.filter(({ mean }) => typeof mean.value === 'number');
    const [best] = valued.sort((a, b) => sign * (Number(a.mean.value) - Number(b.mean.value)));
    if (!best) return [];
    const sem = aggregate(best.values, 'sem').value;
    return [
      {
        group: key,
        setting: best.setting,
        mean: Number(best.mean.value),
        sem: typeof sem === 'number' ? sem : undefined,
        runs: best.values.map(({ run }) => run),
        best: Number(aggregate(best.values, goal === 'min' ? 'argmin' : 'argmax').value),
        settings: candidates.length,
        missing: candidates.reduce((sum, { missing }) => sum + missing, 0),
      },
    ];
  });
}

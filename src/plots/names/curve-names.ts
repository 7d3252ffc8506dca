import { plural } from '../../core/words.js';
import { plainJson } from '../../expression/index.js';
import type { ColumnName, RunResult } from '../../results/index.js';
import { columnText, distinguishingKeys, resultValue, settingText } from '../../results/index.js';
import type { Curve } from '../curves.js';
import type { LongName } from './short-names.js';

/** If a list of runs is longer than this, it may be replaced by their number. */
const longTail = 16;

/**
 * Names that distinguish curves. A run's curve has its number, its attempt if that is not obvious, and its
 * settings of the keys in which `results` differ, as they were typed. A group's curve has its values of
 * `groupBy` and its runs, as `runsText` writes them.
 */
export function curveNames(
  curves: readonly Pick<Curve, 'runs' | 'key' | 'attempt'>[],
  results: readonly RunResult[],
  groupBy: readonly ColumnName[] | undefined,
  runsText: (ids: readonly number[]) => string,
): LongName[] {
  const byId = new Map(results.map((result) => [result.id, result]));
  const keys = groupBy ? [] : distinguishingKeys(results);
  return curves.map(({ runs, attempt }) => {
    const members = runs.flatMap((id) => byId.get(id) ?? []);
    if (groupBy) {
      const tail = runsText(runs);
      const brief = tail.length > longTail ? { briefTail: plural(runs.length, 'run') } : {};
      return { head: '', pairs: groupBy.map((column) => groupPair(column, members)), tail, ...brief };
    }
    const pairs = keys.map((key) => {
      const text = members[0] && settingText(members[0], key);
      return text === undefined ? '' : `${key}=${text}`;
    });
    return { head: `run ${runs[0]}${attempt === undefined ? '' : ` attempt ${attempt}`}`, pairs, tail: '' };
  });
}

/** `lr=1e-3` for a group: as it was typed, if all of its runs typed the same. */
function groupPair(column: ColumnName, members: readonly RunResult[]): string {
  const [first] = members;
  const value = first && resultValue(first, column);
  if (value === undefined || value === '') return `${columnText(column)}=none`;
  const key = column.name.replace(/^config\./, '');
  const texts = members.map((one) => settingText(one, key));
  const isSetting = column.reducer === undefined && value === first?.columns.get(`config.${key}`);
  if (isSetting && texts[0] !== undefined && texts.every((text) => text === texts[0]))
    return `${columnText(column)}=${texts[0]}`;
  return `${columnText(column)}=${Array.isArray(value) ? JSON.stringify(plainJson(value)) : String(value)}`;
}

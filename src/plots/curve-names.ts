import { plural } from '../core/words.js';
import { plainJson } from '../expression/index.js';
import type { ColumnName, RunResult } from '../results/index.js';
import { columnText, distinguishingKeys, resultValue, settingText } from '../results/index.js';
import type { Curve } from './curves.js';
import type { LongName } from './short-names.js';

/** A list of runs that is longer is their number where there is no room. */
const longTail = 16;

/**
 * What tells each curve from the others: of a run its number (and its attempt, where
 * that is not clear by itself) and what it was given for the keys in which `results` differ, as it was typed; of a
 * group its values of `groupBy`, and its runs as `runsText` has them.
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

/** `lr=1e-3`, as it was typed where all runs of a group have typed the same. */
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

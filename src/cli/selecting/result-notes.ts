import groupBy from 'lodash/groupBy.js';
import sortBy from 'lodash/sortBy.js';
import uniq from 'lodash/uniq.js';
import uniqBy from 'lodash/uniqBy.js';
import { printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import { type Expression, namesIn } from '../../expression/index.js';
import {
  type Column,
  type ColumnName,
  columnText,
  earlierAttempt,
  type LeftOut,
  parseColumnName,
  type RunBrief,
  type RunResult,
  resultValue,
  sortable,
} from '../../results/index.js';
import type { MetricValue } from '../../store/index.js';
import type { Io } from '../grammar/command.js';
import { lostText, metricText } from '../output/metrics-text.js';
import { idsText } from './outcome.js';

/** At most this many files with broken lines, or values, are named. */
const shown = 3;
/** At most this many runs with values of earlier attempts are named. */
const named = 10;

/** Warns about damaged files among those that the columns are read from. Their other lines are used. */
export function warnOfProblems(results: readonly RunResult[], columns: readonly Column[], io: Io): void {
  if (columns.some(({ meaning }) => meaning === 'metric')) warnOfBrokenMetrics(results, io);
  if (columns.some(({ meaning }) => meaning === 'key' || meaning === 'prefixed')) warnOfUnreadable(results, io);
}

/** Warns about runs whose config, info or metrics can't be read. */
export function warnOfUnreadable(results: readonly RunResult[], io: Io): void {
  const ids = results.flatMap(({ id, unreadable }) => (unreadable ? id : []));
  if (ids.length > 0)
    io.stderr.write(`warning: config, info or metrics of runs ${idsText(ids)} can't be read; mlx show ID tells why\n`);
}

/** Warns about runs that this user may not read, in one line. */
export function warnOfPrivateRuns(runs: readonly RunBrief[], io: Io): void {
  const ids = runs.flatMap(({ id, status }) => (status === 'unreadable' ? id : []));
  if (ids.length > 0)
    io.stderr.write(`warning: ${plural(ids.length, 'run')} can't be read: permission denied (${idsText(ids)})\n`);
}

/** Warns about damaged files of metrics. Their other lines are used. */
export function warnOfBrokenMetrics(results: readonly RunResult[], io: Io): void {
  const files = results.flatMap(({ id, problems }) => problems.map((problem) => ({ id, ...problem })));
  const broken = files.filter(({ lines }) => lines.length > 0);
  for (const { id, file, lines } of broken.slice(0, shown)) {
    const which = `line${lines.length > 1 ? 's' : ''} ${lines.slice(0, 5).join(', ')}${lines.length > 5 ? ', …' : ''}`;
    io.stderr.write(
      `warning: run ${id}: ${which} of ${printableLine(file)} ${lines.length > 1 ? 'are' : 'is'} no JSON; the rest is used\n`,
    );
  }
  if (broken.length > shown) io.stderr.write(`warning: so have ${plural(broken.length - shown, 'other file')}\n`);
  const lacking = files.filter(({ lost }) => lost > 0);
  for (const { id, file, lost } of lacking.slice(0, shown))
    io.stderr.write(`warning: run ${id}: ${lostText(lost, file)}\n`);
  if (lacking.length > shown) io.stderr.write(`warning: so do ${plural(lacking.length - shown, 'other file')}\n`);
  const torn = files.filter(({ torn: isTorn }) => isTorn);
  if (torn.length > 0) {
    io.stderr.write(
      `warning: ${plural(torn.length, 'file')} of metrics end in half a line, which is not used: runs ${idsText([...new Set(torn.map(({ id }) => id))])}\n`,
    );
  }
}

/** Says for each name with two meanings which was used, and how to write the other. */
export function noteTwoMeanings(columns: readonly Column[], io: Io): void {
  const kinds = { metric: 'the metric', key: 'the key of the config', leading: 'the fact of the run' } as const;
  for (const { name, meaning, other } of uniqBy(columns, 'name')) {
    if (other === undefined || meaning === 'prefixed' || meaning === 'fact') continue;
    io.stderr.write(
      `note: ${printableLine(name)} has two meanings: ${kinds[meaning]} is taken; the other is ${printableLine(other)}\n`,
    );
  }
}

/** Says that no run matched, and which values the expression's names have in the runs. */
export function noteNoMatch(results: readonly RunResult[], expression: Expression | undefined, io: Io): void {
  const what = results.length === 0 ? 'there are none that have begun' : `of ${plural(results.length, 'run')}`;
  const names = expression && results.length > 0 ? uniq(namesIn(expression).map(({ name }) => name)) : [];
  const lines = names.map((name) => `  ${printableLine(name)} is ${valuesText(results, name)}\n`);
  io.stderr.write(`no run matched; ${what}\n${lines.join('')}`);
}

/** Returns `from 0.01 to 0.1`, or the values themselves if they are few or not numbers. */
function valuesText(results: readonly RunResult[], name: string): string {
  const values = uniq(results.map((result) => resultValue(result, parseColumnName(name))));
  const there = values.filter((value) => value !== undefined);
  const lacking = there.length < values.length ? ', or missing' : '';
  const numbers = there.filter((value): value is number => typeof value === 'number' && !Number.isNaN(value));
  if (numbers.length === there.length && numbers.length > shown) {
    const text = (pick: (a: number, b: number) => number) => metricText(numbers.reduce((a, b) => pick(a, b)));
    return `from ${text(Math.min)} to ${text(Math.max)}${lacking}`;
  }
  const some = sortBy(there, sortable)
    .slice(0, shown)
    .map((value) => printableLine(metricText(value as MetricValue)));
  return `${some.join(', ')}${there.length > shown ? ', …' : ''}${lacking}`;
}

/** Says how many runs an aggregate leaves out. */
export function noteLeftOut(leftOut: readonly LeftOut[], io: Io): void {
  for (const { column, missing, nan, earlier, other } of leftOut) {
    const parts = [
      missing > 0 ? `${plural(missing, 'run')} without it` : '',
      nan > 0 ? `${plural(nan, 'run')} with NaN` : '',
      earlier > 0 ? `${plural(earlier, 'run')} whose last attempt has not logged it` : '',
      other > 0 ? `${plural(other, 'run')} with what is no number` : '',
    ].filter((part) => part !== '');
    io.stderr.write(
      `note: ${printableLine(column)} is without ${parts.join(', ').replace(/without it/g, 'that lack it')}\n`,
    );
  }
}

/** A run whose value is from an attempt before the last one. */
export interface EarlierValue {
  readonly run: number;
  readonly attempt: number;
}

/** Returns the runs whose last attempt has not logged a metric, with the attempt that its value is from. */
export const earlierValues = (results: readonly RunResult[], column: ColumnName): EarlierValue[] =>
  results.flatMap((result) => {
    const attempt = earlierAttempt(result, column);
    return attempt === undefined ? [] : [{ run: result.id, attempt }];
  });

/** Says which attempts marked values are from. Columns that are marked for the same runs share a line. */
export function noteEarlier(columns: readonly EarlierColumn[], io: Io): void {
  const marked = columns.filter(({ values }) => values.length > 0);
  for (const [text, alike] of Object.entries(groupBy(marked, ({ values }) => earlierText(values)))) {
    const names = alike.map(({ column }) => `${printableLine(column)}*`).join(', ');
    const [verb, them] = alike.length === 1 ? ['is', 'it'] : ['are', 'them'];
    io.stderr.write(
      `note: ${names} ${verb} of an earlier attempt, since the last one has not logged ${them}: ${text}\n`,
    );
  }
}

/** A column, and its values from earlier attempts. */
interface EarlierColumn {
  readonly column: string;
  readonly values: readonly EarlierValue[];
}

/**
 * Says which runs are left out because their last attempts have not logged the metric. Returns their number.
 */
export function notePassedOver(results: readonly RunResult[], column: ColumnName, io: Io): number {
  const values = earlierValues(results, column);
  if (values.length > 0) {
    const name = printableLine(columnText(column));
    io.stderr.write(`note: passed over, since the last attempt has not logged ${name}: ${earlierText(values)}\n`);
  }
  return values.length;
}

/** Returns `run 3 (attempt 1), run 5 (attempt 2)`. */
function earlierText(values: readonly EarlierValue[]): string {
  const some = values.slice(0, named).map(({ run, attempt }) => `run ${run} (attempt ${attempt})`);
  return some.join(', ') + (values.length > named ? ` and ${values.length - named} more` : '');
}

/** Says how many runs are left out because they have no number for the metric. */
export function noteWithout(count: number, metric: string, io: Io): void {
  if (count === 0) return;
  io.stderr.write(
    `note: ${plural(count, 'run')} without a number for ${printableLine(metric)} ${count === 1 ? 'is' : 'are'} left out\n`,
  );
}

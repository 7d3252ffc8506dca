import countBy from 'lodash/countBy.js';
import groupBy from 'lodash/groupBy.js';
import sortBy from 'lodash/sortBy.js';
import { printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import { isWhole, type RunBrief } from '../../results/index.js';
import { wentWrong } from '../../store/index.js';
import { failureKind, failureLine, failureText } from './failures.js';
import type { Paint } from './style.js';
import { statusStyle } from './style.js';
import { cutTo } from './table.js';

const errorsShown = 10;
const idsShown = 5;
const errorWidth = 100;
const isBad = (status: RunBrief['status']) => !isWhole(status) || wentWrong(status);

/** Returns the counts per status: `3 complete, 1 failed`. */
export function countsText(briefs: readonly RunBrief[]): string {
  const counts = countBy(briefs, ({ status }) => status.toLowerCase());
  return sortBy(Object.entries(counts), ([, count]) => -count)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

/**
 * Returns many runs on one screen: counts per status, the distinct errors, and commands that show single
 * runs.
 */
export function overviewText(briefs: readonly RunBrief[], { name, paint }: { name: string; paint: Paint }): string {
  const counts = sortBy(Object.entries(groupBy(briefs, 'status')), ([, runs]) => -runs.length);
  const lines = counts.map(([status, runs]) => {
    const word = status.toLowerCase();
    const style = runs[0] && isWhole(runs[0].status) ? statusStyle(runs[0].status) : 'red';
    return `  ${String(runs.length).padStart(7)}  ${paint(style, word.padEnd(10))}  ${runs[0] && isBad(runs[0].status) ? `mlx list ${word === 'unreadable' ? 'damaged' : word}` : ''}`.trimEnd();
  });
  const bad = briefs.filter(({ status }) => isBad(status));
  const groups = sortBy(Object.entries(groupBy(bad, kindOf)), ([, runs]) => -runs.length);
  const errors = groups.slice(0, errorsShown).map(([, runs]) => {
    const [first] = runs;
    const error = first ? failureLine(first.status, failureText(first, first.error)) : '';
    const ids = runs.slice(0, idsShown).map(({ id }) => id);
    const more = runs.length > ids.length ? ', …' : '';
    return `  ${String(runs.length).padStart(7)}  ${cutTo(error, errorWidth)}  ${paint('dim', `run ${ids.join(', ')}${more}`)}`;
  });
  const left = groups.length - errors.length;
  return [
    `${plural(briefs.length, 'run')} in ${printableLine(name)}`,
    ...lines,
    ...(errors.length === 0 ? [] : [paint('dim', 'what went wrong')]),
    ...errors,
    ...(left > 0 ? [`  … and ${left} other errors`] : []),
    paint('dim', `mlx list --all lists every run, mlx list ${briefs.at(-1)?.id ?? 1} or @last some, mlx show ID one`),
    '',
  ].join('\n');
}

const kindOf = (brief: RunBrief) => failureKind(brief, brief.error);

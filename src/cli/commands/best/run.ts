import type { ParsedArgs } from '../../../arguments/index.js';
import { refuseTogether } from '../../../arguments/index.js';
import { jsonText, printableLine } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import { fail } from '../../../failures/index.js';
import {
  type BestSetting,
  bestSettings,
  columnText,
  keyColumn,
  sweptKeys,
  writtenColumns,
} from '../../../results/index.js';
import type { Io } from '../../grammar/command.js';
import { valueText } from '../../output/query-output.js';
import { painter } from '../../output/style.js';
import { type Cell, renderTable } from '../../output/table.js';
import { lookUpColumns } from '../../selecting/look-up-columns.js';
import { idsText } from '../../selecting/outcome.js';
import { notePassedOver, noteWithout } from '../../selecting/result-notes.js';
import { resultsOf } from '../../selecting/run-results.js';
import type { BestOptions } from './spec.js';

/**
 * `mlx best METRIC --min`: prints the best setting of each group, averaged over seeds, and how to run it
 * again.
 */
export async function run({ positionals, options }: ParsedArgs<BestOptions>, io: Io): Promise<number> {
  refuseTogether(options, 'min', 'max');
  const [text, extra] = positionals;
  if (text === undefined) return fail({ reason: 'missing-argument', argument: 'METRIC', command: 'best' });
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'best' });
  if (!options.min && !options.max) fail({ reason: 'missing-argument', argument: '--min or --max', command: 'best' });
  const known = await resultsOf({ positionals: [], options }, io);
  const { results } = known;
  const columnsOf = (words: string, option: string) => lookUpColumns(known, writtenColumns(words, option), io);
  const [metric] = columnsOf(text, 'METRIC');
  const groupBy = options.groupBy !== undefined ? columnsOf(options.groupBy ?? '', '--group-by') : [];
  const over = options.over !== undefined ? columnsOf(options.over ?? '', '--over') : undefined;
  if (!metric) return 1;
  const isOver = (key: string) =>
    over ? over.some(({ name }) => name === key || name === `config.${key}`) : /(^|[._])seed$/.test(key);
  const isGroup = (key: string) => groupBy.some(({ name }) => name === key || name === `config.${key}`);
  const keys = sweptKeys(results).filter((key) => !isOver(key) && !isGroup(key));
  const settings = keys.map(keyColumn);
  const goal = options.min ? 'min' : 'max';
  const best = bestSettings(results, metric, { groupBy, settings, goal });
  if (options.json) {
    const groupNames = groupBy.map(columnText);
    io.stdout.write(`${jsonText(best.map((one) => bestData(one, text, groupNames, keys)))}\n`);
    return 0;
  }
  const earlier = notePassedOver(results, metric, io);
  if (best.length === 0) {
    if (results.length > 0) io.stderr.write(`no run has a number for ${printableLine(text)}\n`);
    return 1;
  }
  const heading = [...groupBy.map(columnText), ...keys, `mean:${text}`, '±', 'n', 'of', 'runs'];
  const rows = best.map((one): Cell[] => [
    ...[...one.group, ...one.setting].map((value) => cell(valueText(value, ''), typeof value === 'number')),
    cell(valueText(one.mean, ''), true),
    cell(one.sem === undefined ? '' : valueText(one.sem, ''), true),
    cell(String(one.runs.length), true),
    cell(plural(one.settings, 'setting'), true),
    cell(idsText(one.runs), false),
  ]);
  io.stdout.write(renderTable(heading, rows, painter(io.stdout, io.env)));
  for (const { best: id, runs } of best) {
    io.stdout.write(`again: mlx rerun ${id}${runs.length > 1 ? `, the best of ${plural(runs.length, 'run')}` : ''}\n`);
  }
  const missing = best.reduce((sum, one) => sum + one.missing, 0);
  noteWithout(Math.max(0, missing - earlier), text, io);
  return 0;
}

const cell = (text: string, isNumber: boolean): Cell => (isNumber ? { text, align: 'right' } : { text });

function bestData(one: BestSetting, metric: string, groups: readonly string[], keys: readonly string[]): object {
  const named = (names: readonly string[], values: BestSetting['group']) =>
    Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
  return {
    group: named(groups, one.group),
    setting: named(keys, one.setting),
    metric,
    mean: one.mean,
    sem: one.sem ?? null,
    runs: one.runs,
    best: one.best,
    again: `mlx rerun ${one.best}`,
    settings: one.settings,
    missing: one.missing,
  };
}

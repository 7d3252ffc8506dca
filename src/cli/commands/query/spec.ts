import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { allAttemptsOption } from '../../options/metrics.js';
import { helpOption, jsonOption } from '../../options/output.js';
import { selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const querySpec = commandSpec({
  name: 'query',
  aliases: [],
  summary: 'what runs have come to: metrics, config and info, one by one or in groups',
  usage: 'mlx query [EXPR] [OPTIONS]',
  positionals: [
    {
      name: 'EXPR',
      help: 'which runs: \'info.status == "COMPLETE" & config.optimizer.lr < 1 & train.loss@min < 0.2\' (default: all)',
    },
  ],
  options: [
    {
      name: 'select',
      type: 'text',
      shape: 'COLUMNS',
      help: 'run, status, config.… (or the key alone), override.…, info.…, a metric: train.loss (its last value), train.loss@min, @max, @mean, @median, @std, @q90, @first, @argmin, @epoch=10, @values, artifact.TYPE.NAME',
    },
    {
      name: 'group-by',
      type: 'text',
      shape: 'COLUMNS',
      help: 'one row for runs that agree in these; leave out seed to average over it',
    },
    {
      name: 'agg',
      type: 'list',
      shape: 'FN:COLUMN,…',
      help: 'mean:train.loss,min:test.acc@max; mean, std, sem, median, q10 … q90, min, max, sum, count, first, last, argmin and argmax (the run)',
    },
    {
      name: 'sort',
      type: 'text',
      shape: 'COLUMN',
      help: 'by this column, as it is written there; what has no value comes last',
    },
    { name: 'reverse', short: 'r', type: 'flag', help: 'with --sort, the largest first' },
    { name: 'limit', type: 'count', shape: 'N', help: 'so many rows' },
    { name: 'table', type: 'flag', help: 'a table for people (the default)' },
    { name: 'jsonl', type: 'flag', help: 'print a JSON object for each row' },
    { name: 'csv', type: 'flag', help: 'print CSV' },
    { name: 'parquet', type: 'flag', help: 'print Parquet, into a file' },
    { name: 'md', type: 'flag', help: 'print a table of Markdown' },
    allAttemptsOption,
    ...selectionOptions,
    storeOption,
    jsonOption,
    helpOption,
  ],
  examples: [
    ['mlx query', 'every run: what was swept, and what its metrics were last'],
    [
      'mlx query "info.status == \'COMPLETE\'" --group-by optimizer.lr --agg mean:train.loss,sem:train.loss',
      'over seeds',
    ],
    ['mlx query --select run,lr,train.loss@min --sort train.loss@min --limit 5', 'the five best'],
  ],
});

export type QueryOptions = OptionsOfCommand<typeof querySpec>;

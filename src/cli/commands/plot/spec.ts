import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { allAttemptsOption } from '../../options/metrics.js';
import { helpOption } from '../../options/output.js';
import { selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const plotSpec = commandSpec({
  name: 'plot',
  aliases: [],
  summary: 'curves of a metric, in the terminal or in a file',
  usage: 'mlx plot METRIC [EXPR] [OPTIONS]',
  positionals: [
    { name: 'METRIC', help: 'train.loss' },
    { name: 'EXPR', help: 'which runs, as for mlx query' },
  ],
  options: [
    {
      name: 'x',
      type: 'text',
      shape: 'KEY',
      help: 'along what: a key that is logged beside it, or line (default: epoch or step)',
    },
    {
      name: 'group-by',
      type: 'text',
      shape: 'COLUMNS',
      help: 'the mean of runs that agree in these, instead of a curve for each run',
    },
    {
      name: 'band',
      type: 'text',
      shape: 'KIND',
      choices: ['std', 'sem', 'minmax'],
      help: 'how far the runs of a group are apart',
    },
    { name: 'log-y', type: 'flag', help: 'a logarithmic axis' },
    { name: 'y-min', type: 'number', shape: 'N', help: 'where the axis begins' },
    {
      name: 'y-max',
      type: 'number',
      shape: 'N',
      help: 'where it ends (default: where the curves do, without the few that are far out)',
    },
    {
      name: 'heat-map',
      type: 'text',
      shape: 'ROWS,COLUMNS',
      help: 'a map of its last value (or METRIC@min, …) over two columns instead of curves',
    },
    {
      name: 'parallel',
      type: 'text',
      shape: 'COLUMNS',
      help: 'parallel coordinates: a line for each run through these to its last value; with -o',
    },
    {
      name: 'output',
      short: 'o',
      type: 'text',
      shape: 'FILE',
      help: 'into a .svg, a .png, or a .html with values, zoom and curves to turn off',
    },
    allAttemptsOption,
    ...selectionOptions,
    storeOption,
    helpOption,
  ],
  examples: [
    ['mlx plot train.loss --group-by optimizer.lr --band std', 'learning rates, over seeds'],
    ['mlx plot train.loss --log-y -o loss.html', 'a page of its own'],
    ['mlx plot test.loss@min --heat-map optimizer.lr,model', 'means over what else differs'],
  ],
});

export type PlotOptions = OptionsOfCommand<typeof plotSpec>;

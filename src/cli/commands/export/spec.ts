import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { attemptsOption } from '../../options/metrics.js';
import { helpOption } from '../../options/output.js';
import { selectionOptions } from '../../options/selection.js';
import { storeOption } from '../../options/store.js';

export const exportSpec = commandSpec({
  name: 'export',
  aliases: [],
  summary: 'runs in the files of TensorBoard, MLflow or W&B',
  usage: 'mlx export tensorboard|mlflow|wandb DIR [RUNS…] [OPTIONS]',
  positionals: [
    { name: 'TOOL', help: 'tensorboard, mlflow or wandb' },
    { name: 'DIR', help: 'where its files go; a later export renews them' },
    { name: 'RUNS', help: 'which runs (default: all)' },
  ],
  options: [attemptsOption, ...selectionOptions, storeOption, helpOption],
  examples: [
    ['mlx export tensorboard tb @last', 'event files of the runs of the last launch'],
    ["mlx export mlflow mlruns --where 'config.lr < 0.5'", 'into a file store of MLflow'],
  ],
});

export type ExportOptions = OptionsOfCommand<typeof exportSpec>;

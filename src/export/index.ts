/** Runs in the files of other tools. */

export { type ExportedRun, type ExportedSeries, exportedRun } from './exported-run.js';

import type { ExportedRun } from './exported-run.js';
import { writeMlflow } from './mlflow.js';
import { writeTensorBoard } from './tensorboard.js';
import { writeWandb } from './wandb.js';

/** The tools, how each has a run written into a directory, and what shows it then. */
export const exportTools: Readonly<
  Record<string, { write(run: ExportedRun, directory: string): void; show(directory: string): string }>
> = {
  tensorboard: { write: writeTensorBoard, show: (directory) => `tensorboard --logdir ${directory}` },
  mlflow: { write: writeMlflow, show: (directory) => `mlflow ui --backend-store-uri ${directory}` },
  wandb: { write: writeWandb, show: () => 'mlx help reading has the lines of Python that log them' },
};

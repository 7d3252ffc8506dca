import type { ExportedRun } from './exported-run.js';
import { writeMlflow } from './mlflow.js';
import { writeTensorBoard } from './tensorboard.js';
import { writeWandb } from './wandb.js';

interface ExportTool {
  /** Writes a run into a directory, which may hold other runs. */
  write(run: ExportedRun, directory: string): void;
  /** Returns the command that shows the directory, or where to read about it. */
  show(directory: string): string;
}

/** The tools that runs can be exported to, by name. */
export const exportTools: Readonly<Record<string, ExportTool>> = {
  tensorboard: { write: writeTensorBoard, show: (directory) => `tensorboard --logdir ${directory}` },
  mlflow: { write: writeMlflow, show: (directory) => `mlflow ui --backend-store-uri ${directory}` },
  wandb: { write: writeWandb, show: () => 'mlx help reading has the lines of Python that log them' },
};

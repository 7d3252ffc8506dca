/** Export: runs as files that TensorBoard, MLflow and W&B can read. */

export { exportTools } from './export-tools.js';
export { type ExportedRun, type ExportedSeries, exportedRun } from './exported-run.js';

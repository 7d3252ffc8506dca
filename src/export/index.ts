/** Export: runs as files that TensorBoard, MLflow and W&B can read. */

export { exportTools } from './export-tools.js';
export { exportedRun } from './exported-run.js';

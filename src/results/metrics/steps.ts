/**
 * Keys that count a run's progress. Metrics are plotted along the first of these that is logged with them,
 * and attempts are joined by them. `batch` is left out: it is often a size. The Python client has the same
 * list (mlxattempts.py).
 */
export const usualSteps = [
  ...['epoch', 'step', 'iteration', 'global_step', 'iter', 'it', 'update', 'episode', 'timestep', 'timesteps', 'round'],
];

/**
 * The step key of a metric: `epoch` for `train.epoch`. Undefined if the metric is a result, such as
 * `train.loss`.
 */
const stepOf = (metric: string) => usualSteps.find((step) => metric === step || metric.endsWith(`.${step}`));

/** Whether a metric only counts a run's progress. */
export const isStep = (metric: string): boolean => stepOf(metric) !== undefined;

/**
 * Metric names in the order of tables: results first, then each step once (the first of `train.epoch`,
 * `valid.epoch`).
 */
export function metricsFirst(names: readonly string[]): string[] {
  const steps = new Map<string, string>();
  for (const name of names) {
    const step = stepOf(name);
    if (step !== undefined && !steps.has(step)) steps.set(step, name);
  }
  return [...names.filter((name) => !isStep(name)), ...steps.values()];
}

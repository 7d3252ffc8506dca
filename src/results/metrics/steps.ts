/**
 * Keys that count how far a run is: other metrics are drawn along the first of these that is logged beside them, and attempts are fitted together
 * by them. `batch` is as often a size. mlxattempts.py has the same.
 */
export const usualSteps = [
  ...['epoch', 'step', 'iteration', 'global_step', 'iter', 'it', 'update', 'episode', 'timestep', 'timesteps', 'round'],
];

/** The step that a metric is: `epoch` for `train.epoch`; undefined for a result, such as `train.loss`. */
const stepOf = (metric: string) => usualSteps.find((step) => metric === step || metric.endsWith(`.${step}`));

/** Whether a metric only counts how far a run is. */
export const isStep = (metric: string): boolean => stepOf(metric) !== undefined;

/** Names of metrics as tables show them: results as they come, then each step once: of `train.epoch` and `valid.epoch` the first. */
export function metricsFirst(names: readonly string[]): string[] {
  const steps = new Map<string, string>();
  for (const name of names) {
    const step = stepOf(name);
    if (step !== undefined && !steps.has(step)) steps.set(step, name);
  }
  return [...names.filter((name) => !isStep(name)), ...steps.values()];
}

/** What metrics are logged beside: they are drawn along the first of these that is there, and attempts are fitted together by them. */
export const usualSteps = [
  'epoch',
  'step',
  'iteration',
  'global_step',
  'iter',
  'it',
  'update',
  'episode',
  'timestep',
  'timesteps',
  'round',
];

/** Whether a metric, such as `train.epoch`, is what others are logged beside, and no result itself. */
export const isStep = (metric: string): boolean => usualSteps.some((step) => metric.endsWith(`.${step}`));

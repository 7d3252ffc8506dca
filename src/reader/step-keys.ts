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

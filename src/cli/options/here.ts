import type { OptionSpec } from '../../arguments/index.js';

export const parallelOption = {
  name: 'parallel',
  short: 'j',
  type: 'count',
  shape: 'N',
  help: 'how many runs at once (default: CPU cores)',
  group: 'here',
} as const satisfies OptionSpec;

export const detachOption = {
  name: 'detach',
  type: 'flag',
  help: 'go on in the background, also when the terminal is gone; mlx watch @last follows',
  group: 'here',
} as const satisfies OptionSpec;

export const graceOption = {
  name: 'grace',
  type: 'duration',
  shape: 'TIME',
  help: 'here: how long a run may take to end when it is told to, before it is killed (setting grace)',
  group: 'here',
} as const satisfies OptionSpec;

export const gpusPerRunOption = {
  name: 'gpus-per-run',
  type: 'count',
  shape: 'K',
  help: 'here: each run has K GPUs of this machine for its own',
  group: 'here',
} as const satisfies OptionSpec;

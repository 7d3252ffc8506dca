import type { OptionSpec } from '../../arguments/index.js';
import { engineNamed } from '../../engines/index.js';

export const schedulerOption = {
  name: 'scheduler',
  type: 'optional',
  shape: 'ENGINE',
  accepts: (word: string) => engineNamed(word) !== undefined,
  help: 'submit them: to ENGINE (slurm, oar, sge, pbs, torque, lsf, mwm, local, ./my-engine.mjs), else to the configured one',
  group: 'engine',
} as const satisfies OptionSpec;

import type { Wording } from '../words.js';

/**
 * sbatch.c: at MaxJobCount sbatch prints this line, and tries again 15 times with growing pauses, two minutes
 * in all.
 */
export const retrying = /sleeping and retrying/;

/** What sbatch prints. Each line of a site's job_submit plug-in stands in a line of its own. */
export const slurmWording: Wording = {
  vague: /sleeping and retrying|^Try "sbatch --help"/,
  prefix: /^sbatch: (?:(?:error|fatal|warning): )?|^allocation failure: /,
};

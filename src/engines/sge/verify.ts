import type { Verification } from '../engine.js';
import { commandOf } from '../request.js';
import { reasonText, type Wording } from '../words.js';
import { sgeDirectives } from './directives.js';

// qsub(1), -w v, of Grid Engine 8.1.9, seen on a real one: it judges the configuration, as `-w e` does at a
// submission, and submits nothing.

const wording: Wording = { noise: /^Exiting\.|^warning:/, prefix: /^(?:Unable to run job|verification|error): / };

/** Words that mean that no waiting mends it: no queue takes the job, or it asks for what is not there. */
const impossible =
  /no suitable queues|cannot run|unknown (?:resource|queue)|requested [\w ]+ "[^"]*" does not exist|attribute "[^"]*" is not an? /i;

/**
 * Asks by `qsub -w v`. TORQUE's and OpenPBS's qsub take `-w` for a path and submit, so `qstat` must have
 * named Grid Engine.
 */
export const sgeVerification: Verification = {
  commands(job) {
    // The user decides how it is checked.
    if (job.options.some((option) => /^-w\b/.test(option))) return [];
    const input = `${sgeDirectives({ ...job, array: undefined, stdout: undefined, stderr: undefined }).join('\n')}\ntrue\n`;
    return [{ ...commandOf('qsub', '-w', 'v'), input }];
  },
  read([answer]) {
    if (!answer || answer.exitCode === 0 || answer.exitCode === undefined) return undefined;
    const words = reasonText(answer, wording);
    return impossible.test(words) ? words : undefined;
  },
};

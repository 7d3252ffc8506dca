import { anyJob } from '../asked-jobs.js';
import type { BatchEngine, JobUsage } from '../engine.js';
import { commandOf } from '../request.js';
import { among, jobsIn, seenOf } from './states.js';

/** What jobs used. OAR keeps no account of CPU time and memory; the run's own record has them. */
export const oarUsage: NonNullable<BatchEngine['usage']> = {
  optional: true,
  command: (jobIds) => commandOf('oarstat', '-J', '-f', '--sql', among('job_id', jobIds)),
  read(result, _, asked = anyJob) {
    const jobs = jobsIn(result);
    return (
      jobs &&
      new Map(
        [...jobs]
          .filter(([id, job]) => asked.isOurs(id, seenOf(job)))
          .map(([id, { startTime, stopTime, walltime, assigned_resources: resources }]): [string, JobUsage] => [
            id,
            {
              seconds: startTime && stopTime ? stopTime - startTime : undefined,
              timeLimit: walltime ?? undefined,
              cpus: resources?.length || undefined,
            },
          ]),
      )
    );
  },
};

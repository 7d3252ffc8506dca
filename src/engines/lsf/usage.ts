import { anyJob } from '../asked-jobs.js';
import type { JobUsage, Query } from '../engine.js';
import { printedBytes } from '../output.js';
import { commandOf } from '../request.js';
import { ofOwner, tokenIn } from './states.js';

/** What jobs used: bjobs(1), -o. Memory has the unit that the site shows, which follows the number. */
export const lsfUsage: Query<readonly string[], ReadonlyMap<string, JobUsage>> = {
  optional: true,
  command: (_, jobs) =>
    commandOf(
      'bjobs',
      '-a',
      ...ofOwner(jobs),
      '-noheader',
      '-o',
      "jobid jobindex run_time runtimelimit cpu_used slots max_mem memlimit job_description delimiter='|'",
    ),
  read({ exitCode, stdout }, _, jobs = anyJob) {
    if (exitCode !== 0) return undefined;
    return new Map(
      stdout.split('\n').flatMap((line) => {
        const [id = '', index = '0', ran = '', limit = '', cpu = '', slots = '', peak = '', most = '', ...description] =
          line.trim().split('|');
        if (!/^\d+$/.test(id)) return [];
        const key = index === '0' || index === '-' ? id : `${id}[${index}]`;
        if (description.length > 0 && !jobs.isOurs(key, { token: tokenIn(description.join('|')) })) return [];
        const usage: JobUsage = {
          seconds: Number.parseFloat(ran) || undefined,
          // In minutes.
          timeLimit: Number.parseFloat(limit) * 60 || undefined,
          cpuSeconds: Number.parseFloat(cpu) || undefined,
          cpus: Number(slots) || undefined,
          peakMemory: printedBytes(peak),
          memory: printedBytes(most),
        };
        return [[key, usage] as const];
      }),
    );
  },
};

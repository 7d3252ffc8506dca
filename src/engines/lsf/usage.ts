import type { JobUsage, Query } from '../engine.js';
import { printedBytes } from '../output.js';
import { commandOf } from '../request.js';

/** What jobs used: bjobs(1), -o. Memory has the unit that the site shows, which follows the number. */
export const lsfUsage: Query<readonly string[], ReadonlyMap<string, JobUsage>> = {
  optional: true,
  command: () =>
    commandOf(
      'bjobs',
      '-a',
      '-noheader',
      '-o',
      "jobid jobindex run_time runtimelimit cpu_used slots max_mem memlimit delimiter='|'",
    ),
  read({ exitCode, stdout }) {
    if (exitCode !== 0) return undefined;
    return new Map(
      stdout.split('\n').flatMap((line) => {
        const [id = '', index = '0', ran = '', limit = '', cpu = '', slots = '', peak = '', most = ''] = line
          .trim()
          .split('|');
        if (!/^\d+$/.test(id)) return [];
        const usage: JobUsage = {
          seconds: Number.parseFloat(ran) || undefined,
          // In minutes.
          timeLimit: Number.parseFloat(limit) * 60 || undefined,
          cpuSeconds: Number.parseFloat(cpu) || undefined,
          cpus: Number(slots) || undefined,
          peakMemory: printedBytes(peak),
          memory: printedBytes(most),
        };
        return [[index === '0' || index === '-' ? id : `${id}[${index}]`, usage] as const];
      }),
    );
  },
};

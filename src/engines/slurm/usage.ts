import { type AskedJobs, anyJob } from '../asked-jobs.js';
import type { JobUsage, Query } from '../engine.js';
import { printedBytes, printedSeconds } from '../output.js';
import { slurmCommand } from './command.js';
import { lacksColumn, seenInAccount } from './states.js';

// sacct(1): a line for the job and one for each step (`7.batch` is the script). A step has its peak memory.

const fields = 'JobID,ElapsedRaw,TimelimitRaw,AllocCPUS,TotalCPU,ReqMem,MaxRSS,AllocTRES,TRESUsageInAve,NNodes';

/** What jobs used, by accounting. */
export const slurmUsage: Query<readonly string[], ReadonlyMap<string, JobUsage>> = {
  ...usageWith('SubmitLine'),
  otherwise: (result) => (lacksColumn(result) ? usageWith('JobName') : undefined),
};

function usageWith(last: 'SubmitLine' | 'JobName'): Query<readonly string[], ReadonlyMap<string, JobUsage>> {
  return {
    optional: true,
    command: (jobIds) =>
      slurmCommand(
        'sacct',
        '-n',
        '-P',
        '-j',
        [...new Set(jobIds.map((id) => id.replace(/_\d+$/, '')))].join(','),
        '-o',
        `${fields},${last}`,
      ),
    read: ({ exitCode, stdout }, _, jobs = anyJob) => (exitCode === 0 ? usageIn(stdout, last, jobs) : undefined),
  };
}

function usageIn(stdout: string, last: 'SubmitLine' | 'JobName', asked: AskedJobs): Map<string, JobUsage> {
  const jobs = new Map<string, JobUsage>();
  const others = new Set<string>();
  for (const line of stdout.split('\n')) {
    const [
      id = '',
      elapsed = '',
      limit = '',
      cpus,
      cpu = '',
      memory = '',
      peak = '',
      has = '',
      used = '',
      nodes,
      ...seen
    ] = line.split('|');
    const [jobId = '', step] = id.split('.');
    if (jobId === '' || elapsed === '' || others.has(jobId)) continue;
    if (step === undefined && !asked.isOurs(jobId, seenInAccount(last, seen.join('|')))) {
      others.add(jobId);
      continue;
    }
    const before = jobs.get(jobId) ?? {};
    if (step === undefined) {
      const gpus = countOf(has, 'gres/gpu');
      jobs.set(jobId, {
        ...before,
        seconds: Number(elapsed),
        timeLimit: /^\d+$/.test(limit) ? Number(limit) * 60 : undefined,
        cpus: Number(cpus),
        cpuSeconds: printedSeconds(cpu),
        // Slurm before 21.08 may ask for memory per CPU, which the letter c marks.
        memory: multiplied(printedBytes(memory, 'm'), memory.endsWith('c') ? Number(cpus) : Number(nodes || 1)),
        gpus: gpus === 0 ? undefined : gpus,
      });
    } else {
      const use = /gres\/gpuutil=(\d+(?:\.\d+)?)/.exec(used)?.[1];
      jobs.set(jobId, {
        ...before,
        peakMemory: Math.max(before.peakMemory ?? 0, printedBytes(peak) ?? 0) || undefined,
        gpuUse: use === undefined ? before.gpuUse : Number(use) / 100 / Math.max(1, before.gpus ?? 1),
      });
    }
  }
  return jobs;
}

const multiplied = (bytes: number | undefined, by: number) => (bytes ? bytes * by : undefined);

function countOf(tres: string, name: string): number {
  return Number(
    tres
      .split(',')
      .find((part) => part.startsWith(`${name}=`))
      ?.split('=')[1] ?? 0,
  );
}

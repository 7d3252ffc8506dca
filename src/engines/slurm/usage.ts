import type { QueuePosition } from '../../store/index.js';
import type { EngineCommand, JobUsage, Query } from '../engine.js';
import { printedBytes, printedSeconds } from '../output.js';

// sacct(1): a line for the job and one for each step, `7.batch` the script's own; a step tells what it used at most.

const fields = 'JobID,ElapsedRaw,TimelimitRaw,AllocCPUS,TotalCPU,ReqMem,MaxRSS,AllocTRES,TRESUsageInAve,NNodes';

/** What accounting tells of the use of jobs; `ask` makes a command of its words. */
export const slurmUsage = (
  ask: (...argv: [string, ...string[]]) => EngineCommand,
): Query<readonly string[], ReadonlyMap<string, JobUsage>> => ({
  optional: true,
  command: (jobIds) =>
    ask('sacct', '-n', '-P', '-j', [...new Set(jobIds.map((id) => id.replace(/_\d+$/, '')))].join(','), '-o', fields),
  read: ({ exitCode, stdout }) => (exitCode === 0 ? usageIn(stdout) : undefined),
});

function usageIn(stdout: string): Map<string, JobUsage> {
  const jobs = new Map<string, JobUsage>();
  for (const line of stdout.split('\n')) {
    const [id = '', elapsed = '', limit = '', cpus, cpu = '', asked = '', peak = '', has = '', used = '', nodes] =
      line.split('|');
    const [jobId = '', step] = id.split('.');
    if (jobId === '') continue;
    const before = jobs.get(jobId) ?? {};
    if (step === undefined) {
      const gpus = countOf(has, 'gres/gpu');
      jobs.set(jobId, {
        ...before,
        seconds: Number(elapsed),
        timeLimit: /^\d+$/.test(limit) ? Number(limit) * 60 : undefined,
        cpus: Number(cpus),
        cpuSeconds: printedSeconds(cpu),
        // Of each CPU in Slurm before 21.08, which says so by a letter.
        memory: multiplied(printedBytes(asked, 'm'), asked.endsWith('c') ? Number(cpus) : Number(nodes || 1)),
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

/** The places of jobs among all that wait, in the order in which the scheduler looks at them: by priority. */
export const slurmPlaces = (
  ask: (...argv: [string, ...string[]]) => EngineCommand,
): Query<readonly string[], ReadonlyMap<string, QueuePosition>> => ({
  optional: true,
  command: () => ask('squeue', '-h', '-t', 'PD', '--sort=-p', '-o', '%i'),
  read({ exitCode, stdout }, jobIds) {
    if (exitCode !== 0) return undefined;
    const jobOf = (id: string) => id.replace(/_.*$/, '');
    const waiting = stdout.trimEnd().split('\n').filter(Boolean).map(jobOf);
    return new Map(
      jobIds.flatMap((id) => {
        const place = waiting.indexOf(jobOf(id)) + 1;
        return place === 0 ? [] : [[id, { place, of: waiting.length }] as const];
      }),
    );
  },
});

import { anyJob } from '../asked-jobs.js';
import type { BatchEngine, Query } from '../engine.js';
import { slurmCommand } from './command.js';
import { lacksColumn, seenIn, seenInAccount } from './states.js';

// sacct(1), squeue(1) of Slurm 22.05.

type Facts = readonly (readonly [name: string, text: string])[];

const columns = 'JobID,State,ExitCode,Elapsed,Timelimit,ReqMem,MaxRSS,NodeList';

const accounting = (last: 'SubmitLine' | 'JobName'): Query<string, Facts> => ({
  optional: true,
  command: (jobId) => slurmCommand('sacct', '-n', '-P', '-j', jobId, '-o', `${columns},${last}`),
  read({ exitCode, stdout }, jobId, jobs = anyJob) {
    if (exitCode !== 0) return undefined;
    const [job, ...steps] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('|'));
    if (!job || job.length < 8) return [];
    const [, state = '', exit = '', elapsed = '', limit = '', memory = '', , nodes = '', ...seen] = job;
    if (!jobs.isOurs(jobId, seenInAccount(last, seen.join('|')))) return [];
    const peak = steps.map(([, , , , , , used]) => used ?? '').find((used) => used !== '');
    return [
      ['state in Slurm', exit === '' || exit === '0:0' ? state : `${state}, exit code:signal ${exit}`],
      ['time', limit === '' ? elapsed : `${elapsed} of ${limit}`],
      ['memory', memoryText(peak, jobs.asksMemory ? memory : '')],
      ['nodes', /^None( assigned)?$/.test(nodes) ? '' : nodes],
    ];
  },
});

/** Returns what is known of a job's memory; empty if nothing is. */
function memoryText(peak: string | undefined, asked: string): string {
  if (asked === '') return peak ?? '';
  return `${peak ?? 'not measured'} of ${asked} asked for`;
}

/** Ask for facts about one job: accounting, then `squeue`. */
export const slurmDetails: BatchEngine['details'] = [
  { ...accounting('SubmitLine'), otherwise: (result) => (lacksColumn(result) ? accounting('JobName') : undefined) },
  {
    command: (jobId) => slurmCommand('squeue', '-h', '-t', 'all', '-j', jobId, '-o', '%T|%r|%S|%j|%o'),
    read({ exitCode, stdout }, jobId, jobs = anyJob) {
      const [state, reason, start, ...seen] = stdout.trim().split('|');
      // If it does not know the job any more, accounting has answered above.
      if (exitCode !== 0 || state !== 'PENDING') return [];
      if (seen.length > 0 && !jobs.isOurs(jobId, seenIn(seen.join('|')))) return [];
      return [
        ["Slurm's reason", reason ?? ''],
        ['expected start', start === 'N/A' ? 'not known' : (start ?? '')],
      ];
    },
  },
];

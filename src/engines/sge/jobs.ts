import { anyJob } from '../asked-jobs.js';
import type { BatchEngine, CommandResult } from '../engine.js';
import { commandOf } from '../request.js';
import { fieldsOf, seenInRecord } from './usage.js';

// qstat(1), -j, and qacct(1) of Grid Engine 8.1.9: all that they tell of single jobs.

/** The token of each job that `qstat -j` shows; empty for a job of somebody else. */
function tokensIn(result: CommandResult): Map<string, string> | undefined {
  // Without any jobs it complains about the pattern; that is an answer too.
  if (result.exitCode !== 0 && !/do not exist/.test(result.stderr)) return undefined;
  const jobs = result.stdout.split(/^=+$/m).flatMap((text) => {
    const [, jobId] = /^job_number:\s+(\d+)/m.exec(text) ?? [];
    return jobId === undefined ? [] : [[jobId, tokenIn(text)] as const];
  });
  return new Map(jobs);
}

const tokenIn = (text: string) => /^job_args:.*--submission=(\w+)/m.exec(text)?.[1] ?? '';

/** Find jobs by token. */
export const sgeFind: BatchEngine['find'] = [
  {
    command: () => commandOf('qstat', '-j', '*'),
    read(result) {
      const tokens = tokensIn(result);
      return tokens && new Map([...tokens].map(([jobId, token]) => [token, jobId]));
    },
  },
];

/** The most ids to list one by one. */
const namedIds = 400;

/** Ask for the tokens of jobs. */
export const sgeTokens: NonNullable<BatchEngine['tokens']> = {
  command: (jobIds) => {
    const bases = [...new Set(jobIds.map((id) => id.replace(/\.\d+$/, '')))];
    return commandOf('qstat', '-j', bases.length <= namedIds ? bases.join(',') : '*');
  },
  read: tokensIn,
};

/** Ask for facts about one job: why it waits, then how it ended. */
export const sgeDetails: BatchEngine['details'] = [
  {
    command: (jobId) => commandOf('qstat', '-j', jobId.replace(/\.\d+$/, '')),
    read({ exitCode, stdout, stderr }, jobId, jobs = anyJob) {
      if (exitCode !== 0) return /do not exist/.test(stderr) ? [] : undefined;
      if (/^job_number:/m.test(stdout) && !jobs.isOurs(jobId, { token: tokenIn(stdout) })) return [];
      const errors = [...stdout.matchAll(/^error reason\s+\d+:\s+(.*)$/gm)].map(
        ([, text = '']) => ['error reason', text] as const,
      );
      const waits = [...(/^scheduling info:([\s\S]*)/m.exec(stdout)?.[1] ?? '').matchAll(/^\s+(\S.*)$/gm)];
      return [...errors, ...waits.slice(0, 5).map(([, text = '']) => ['waits because', text] as const)];
    },
  },
  {
    optional: true,
    command: (jobId) => {
      const [base = '', task] = jobId.split('.');
      return commandOf('qacct', '-j', base, ...(task === undefined ? [] : ['-t', task]));
    },
    read({ exitCode, stdout }, jobId, jobs = anyJob) {
      if (exitCode !== 0) return undefined;
      const records = stdout.split(/^=+$/m).map(fieldsOf);
      const field = records.findLast((one) => one('jobnumber') !== '' && jobs.isOurs(jobId, seenInRecord(one)));
      if (!field) return [];
      return [
        ['ended as', `failed ${field('failed')}, exit status ${field('exit_status')}`],
        ['time', field('ru_wallclock')],
        ['peak memory', field('maxvmem')],
        ['node', field('hostname')],
      ];
    },
  },
];

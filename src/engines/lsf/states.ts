import type { EngineAnswer } from '../../store/index.js';
import type { AskedJobs } from '../asked-jobs.js';
import type { BatchEngine, CommandResult } from '../engine.js';
import { commandOf } from '../request.js';

// bjobs(1) of IBM Spectrum LSF 10.1, by its documentation.

/** Returns the text of a column, or undefined if it has none. */
export const known = (text: string) => (text === '' || text === '-' ? undefined : text);

const endReasons: readonly (readonly [RegExp, EngineAnswer['state'], string])[] = [
  [/TERM_RUNLIMIT|TERM_DEADLINE|TERM_CPULIMIT/, 'TIMEOUT', 'over its time limit'],
  [/TERM_MEMLIMIT|TERM_SWAP/, 'FAILED', 'out of memory'],
  [/TERM_PREEMPT/, 'PREEMPTED', 'preempted by another job'],
  [/TERM_OWNER|TERM_ADMIN|TERM_FORCE_OWNER|TERM_FORCE_ADMIN/, 'STOPPED', 'killed in LSF'],
  [/TERM_LOAD|TERM_WINDOW|TERM_BUCKET_KILL|TERM_REMOVE_HUNG_JOB|TERM_ZOMBIE/, 'FAILED', 'ended by LSF'],
];

/** Returns the answer for a job's state: bjobs(1), STAT. */
function answerOf(stat: string, exitCode: string, exitReason: string, pendReason: string): EngineAnswer {
  switch (stat) {
    case 'PEND':
    case 'PROV':
    case 'WAIT':
      return { state: 'queued', word: stat, reason: known(pendReason) };
    case 'PSUSP':
      return { state: 'held', word: stat, reason: known(pendReason), byHand: true };
    case 'RUN':
    case 'USUSP':
    case 'SSUSP':
      return { state: 'running', word: stat };
    case 'DONE':
      return { state: 'COMPLETE', word: stat, exitCode: 0 };
    case 'EXIT': {
      const [, state, reason] = endReasons.find(([pattern]) => pattern.test(exitReason)) ?? [];
      if (state !== undefined) return { state, word: exitReason, reason };
      return {
        state: 'FAILED',
        word: exitReason === '-' ? stat : exitReason,
        ...(/^\d+$/.test(exitCode) && { exitCode: Number(exitCode) }),
      };
    }
    default:
      return { state: 'unknown', word: stat };
  }
}

const fields = "jobid jobindex stat exit_code exit_reason pend_reason delimiter='|'";

function readJobs(result: CommandResult): Map<string, EngineAnswer> | undefined {
  if (/is not found|No .*job found/i.test(result.stderr) && result.stdout.trim() === '') return new Map();
  if (result.exitCode !== 0 && result.stdout.trim() === '') return undefined;
  const answers = new Map<string, EngineAnswer>();
  for (const line of result.stdout.split('\n')) {
    const [id = '', index = '0', stat = '', exitCode = '', exitReason = '', ...pend] = line.trim().split('|');
    if (!/^\d+$/.test(id) || stat === '') continue;
    const key = index === '0' || index === '-' ? id : `${id}[${index}]`;
    answers.set(key, answerOf(stat, exitCode, exitReason, pend.join('|')));
  }
  return answers;
}

/** bjobs(1): without -u it shows only the jobs of the user who calls it, with it those of one. */
export function ofOwner(jobs: AskedJobs | undefined): string[] {
  const [owner, another] = jobs?.owners ?? [];
  return ['-u', owner === undefined || another !== undefined ? 'all' : owner];
}

/** Returns the token in a job's description; empty if it has none. */
export const tokenIn = (description: string): string => /^mlx:(\w+)/.exec(description.trim())?.[1] ?? '';

/** Ask for the states of jobs. */
export const lsfPolls: BatchEngine['polls'] = [
  { command: (_, jobs) => commandOf('bjobs', '-a', ...ofOwner(jobs), '-noheader', '-o', fields), read: readJobs },
];

/** Ask for the tokens of jobs, which are their descriptions. */
export const lsfTokens: NonNullable<BatchEngine['tokens']> = {
  command: () => commandOf('bjobs', '-a', '-u', 'all', '-noheader', '-o', "jobid job_description delimiter='|'"),
  read({ exitCode, stdout }) {
    if (exitCode !== 0) return undefined;
    const lines = [...stdout.matchAll(/^\s*(\d+)\|(.*)$/gm)];
    return new Map(lines.map(([, id = '', description = '']) => [id, tokenIn(description)]));
  },
};

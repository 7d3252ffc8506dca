import * as v from 'valibot';
import type { EngineAnswer } from '../../store/index.js';
import { type AskedJobs, anyJob, type SeenJob } from '../asked-jobs.js';
import type { BatchEngine, CommandResult } from '../engine.js';
import { commandOf } from '../request.js';
import type { Dialect } from './directives.js';

// qstat(1B) of OpenPBS 23.06, seen on a real one; of TORQUE, qstat.1B of 2.4.16: its ended jobs are in state
// C.

const schema = v.object({
  job_state: v.string(),
  substate: v.optional(v.number()),
  Exit_status: v.optional(v.number()),
  comment: v.optional(v.string()),
  Job_Name: v.optional(v.union([v.string(), v.number()])),
  Hold_Types: v.optional(v.string()),
  depend: v.optional(v.unknown()),
  Variable_List: v.optional(v.record(v.string(), v.unknown())),
});
export type PbsJob = v.InferOutput<typeof schema>;

/** Returns what a job tells of its submission: mlx passes it its token as a variable. */
export function seenOf({ Job_Name, Variable_List }: PbsJob): SeenJob {
  const token = Variable_List && (Variable_List['MLX_TOKEN'] ?? '');
  return {
    token: typeof token === 'number' ? token : token === undefined ? undefined : String(token),
    name: Job_Name === undefined ? undefined : String(Job_Name),
  };
}

/** Reads `qstat -f -F json`, by job id. Returns undefined if the output is no answer. */
export function jobsInJson(result: CommandResult): Map<string, PbsJob> | undefined {
  // A dead server also prints a whole document, without jobs. A server without history says so with exit code
  // 0.
  if (result.exitCode !== 0 || /not configured to maintain job history/.test(result.stderr)) return undefined;
  try {
    const { Jobs = {} } = JSON.parse(result.stdout) as { Jobs?: Record<string, unknown> };
    const jobs = v.safeParse(v.record(v.string(), schema), Jobs);
    return jobs.success ? new Map(Object.entries(jobs.output)) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads `qstat -f`, by job id. Returns undefined if the output is no answer. The dialects write attribute
 * names in different case, and fold lines.
 */
export function jobsInText(result: CommandResult): Map<string, PbsJob> | undefined {
  if (result.exitCode !== 0 && !/Unknown Job Id/.test(result.stderr)) return undefined;
  const text = result.stdout.replace(/\n\t/g, '');
  const jobs = text
    .split(/^Job Id: /m)
    .slice(1)
    .flatMap((block): [string, PbsJob][] => {
      const field = (name: string) => new RegExp(`^ +${name} = (.*)$`, 'mi').exec(block)?.[1];
      const state = field('job_state');
      const exit = field('exit_status');
      const name = field('Job_Name');
      const variables = field('Variable_List');
      const token = /\bMLX_TOKEN=(\w+)/.exec(variables ?? '')?.[1];
      if (state === undefined) return [];
      const job: PbsJob = {
        job_state: state,
        ...(exit !== undefined && { Exit_status: Number(exit) }),
        ...(field('comment') !== undefined && { comment: field('comment') ?? '' }),
        ...(name !== undefined && { Job_Name: name }),
        ...(field('Hold_Types') !== undefined && { Hold_Types: field('Hold_Types') ?? '' }),
        ...(field('depend') !== undefined && { depend: field('depend') ?? '' }),
        ...(variables !== undefined && { Variable_List: token === undefined ? {} : { MLX_TOKEN: token } }),
      };
      return [[(block.split('\n')[0] ?? '').trim(), job]];
    });
  return new Map(jobs);
}

/** Returns the answer about a job: qstat(1B), job_state. */
function answerOf(job: PbsJob, dialect: Dialect): EngineAnswer {
  const { job_state: state, comment } = job;
  const stuck = /^Can Never Run|too many failed attempts/i.test(comment ?? '');
  switch (state) {
    case 'Q':
    case 'W':
    case 'T':
    case 'M':
      return { state: 'queued', word: state, reason: comment, stuck };
    case 'H':
      return heldAnswer(job, stuck);
    case 'R':
    case 'E':
    case 'B':
    case 'S':
    case 'U':
      return { state: 'running', word: state };
    case 'F':
    case 'X':
    case 'C':
      return endOf(job, dialect);
    default:
      return { state: 'unknown', word: state };
  }
}

/**
 * Returns the answer about a job in state H. A job that waits for others has a hold of type `s`, of the
 * server, which also puts aside so what it could not start; `u` and `o` are of people. Without types it is
 * not known.
 */
function heldAnswer({ job_state: word, comment, Hold_Types: types, depend }: PbsJob, stuck: boolean): EngineAnswer {
  if (types === undefined || /^n?$/.test(types)) return { state: 'held', word, reason: comment, stuck };
  if (/[uop]/.test(types)) return { state: 'held', word, reason: comment ?? 'held', stuck, byHand: true };
  return depend === undefined || stuck
    ? { state: 'held', word, reason: comment, stuck, byHand: true }
    : { state: 'queued', word, reason: comment ?? 'waits for another job' };
}

/** Exit codes below 0 come from PBS itself: pbs_job.h; for TORQUE, its administrator's guide. */
const madeByPbs: Readonly<Record<Dialect, Readonly<Record<number, [EngineAnswer['state'], string]>>>> = {
  openpbs: {
    [-29]: ['TIMEOUT', 'over its time limit'],
    [-27]: ['FAILED', 'out of memory'],
    [-4]: ['FAILED', 'its node was restarted'],
    [-3]: ['FAILED', 'PBS could not start it'],
    [-2]: ['FAILED', 'PBS could not start it (is there a home directory on the node?)'],
  },
  torque: {
    [-11]: ['TIMEOUT', 'over its time limit'],
    [-10]: ['FAILED', 'out of memory'],
    [-9]: ['FAILED', 'its output files could not be opened'],
    [-3]: ['FAILED', 'TORQUE could not start it'],
  },
};

function endOf({ job_state: state, substate, Exit_status: exit, comment }: PbsJob, dialect: Dialect): EngineAnswer {
  // A task has no exit code while its array lives: its state is known, but not how it ended.
  const reason = 'deleted in PBS before it started';
  if (exit === undefined && state === 'X') return { state: 'STOPPED', word: state, reason, traceless: true };
  if (exit === undefined) return { state: 'STOPPED', word: state, reason };
  const [known, why] = madeByPbs[dialect][exit] ?? [];
  if (known !== undefined) return { state: known, word: `exit status ${exit}`, reason: why };
  if (substate === 91 || /terminated by/.test(comment ?? ''))
    return { state: 'STOPPED', word: String(substate ?? state), reason: 'deleted in PBS' };
  if (exit >= 256) return { state: 'FAILED', word: `exit status ${exit}`, signal: String(exit - 256) };
  return { state: exit === 0 ? 'COMPLETE' : 'FAILED', word: `exit status ${exit}`, exitCode: exit };
}

/** Returns answers by job id, as the submission printed it: `133[2].pbs` for a task. */
function answers(
  jobs: ReadonlyMap<string, PbsJob> | undefined,
  dialect: Dialect,
  asked: AskedJobs = anyJob,
): Map<string, EngineAnswer> | undefined {
  if (!jobs) return undefined;
  const ours = [...jobs].filter(([id, job]) => asked.isOurs(id, seenOf(job)));
  return new Map(ours.map(([id, job]) => [id, answerOf(job, dialect)]));
}

/**
 * Ask for the states of all jobs at once. Ids on the command line would cost a connection each, of which a
 * host has about 500 a minute.
 */
export const pbsPolls = (dialect: Dialect): BatchEngine['polls'] =>
  dialect === 'openpbs'
    ? [
        {
          command: () => commandOf('qstat', '-x', '-t', '-f', '-F', 'json'),
          read: (result, _, jobs) => answers(jobsInJson(result), dialect, jobs),
          optional: true,
        },
        {
          command: () => commandOf('qstat', '-t', '-f', '-F', 'json'),
          read: (result, _, jobs) => answers(jobsInJson(result), dialect, jobs),
        },
      ]
    : [
        {
          command: () => commandOf('qstat', '-f', '-t'),
          read: (result, _, jobs) => answers(jobsInText(result), dialect, jobs),
        },
      ];

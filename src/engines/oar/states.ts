import * as v from 'valibot';
import { localIso } from '../../core/clock.js';
import type { EngineAnswer } from '../../store/index.js';
import { anyJob, type SeenJob } from '../asked-jobs.js';
import type { BatchEngine, CommandResult } from '../engine.js';
import { commandOf } from '../request.js';

// oarstat(1) of OAR 2.5; states and events were seen on a real one.

const schema = v.object({
  state: v.string(),
  command: v.optional(v.nullable(v.string())),
  exit_code: v.optional(v.nullable(v.number())),
  message: v.optional(v.nullable(v.string())),
  scheduledStart: v.optional(v.nullable(v.number())),
  array_id: v.optional(v.number()),
  array_index: v.optional(v.number()),
  startTime: v.optional(v.nullable(v.number())),
  stopTime: v.optional(v.nullable(v.number())),
  walltime: v.optional(v.nullable(v.number())),
  assigned_resources: v.optional(v.array(v.unknown())),
  resubmit_job_id: v.optional(v.nullable(v.number())),
  events: v.optional(v.array(v.object({ type: v.string(), description: v.optional(v.nullable(v.string())) }))),
});
type OarJob = v.InferOutput<typeof schema>;

/** Returns what a job tells of its submission, whose token stands in its command. */
export const seenOf = ({ command }: OarJob): SeenJob => ({
  token: command ? (/--submission=(\w+)/.exec(command)?.[1] ?? '') : undefined,
});

/**
 * Reads `oarstat -J`, by job id. Returns undefined if the output is no answer. oarstat prints nothing if
 * there are no jobs.
 */
export function jobsIn(result: CommandResult): Map<string, OarJob> | undefined {
  if (result.exitCode !== 0 || /error/i.test(result.stderr)) return undefined;
  if (result.stdout.trim() === '') return new Map();
  try {
    const jobs = v.safeParse(v.record(v.string(), schema), JSON.parse(result.stdout));
    return jobs.success ? new Map(Object.entries(jobs.output)) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns when the scheduler
 * plans to start a waiting job, for people; empty if it has no plan. */
export function expectedStart({ state, scheduledStart }: OarJob): string {
  return state === 'Waiting' && scheduledStart ? localIso(new Date(scheduledStart * 1000)) : '';
}

/** Returns when the scheduler plans to start a job, in seconds since 1970, or undefined if it has no plan. */
const plannedStart = ({ scheduledStart }: OarJob) => scheduledStart || undefined;

/** Returns the answer about a job, or `restarted` if OAR continues it as a job with another id. */
function answerOf(job: OarJob): EngineAnswer | 'restarted' {
  const { state, message } = job;
  const events = new Set(job.events?.map(({ type }) => type));
  // Jobs that wait for others are Waiting.
  if (state === 'Hold') return { state: 'held', word: state, reason: 'held', byHand: true };
  if (['Waiting', 'toLaunch', 'toAckReservation'].includes(state)) {
    const reason = /^(Cannot|No) .*/.exec(message ?? '')?.[0];
    return { state: 'queued', word: state, reason, expectedStart: plannedStart(job) };
  }
  if (events.has('RESUBMIT_JOB_AUTOMATICALLY')) return 'restarted';
  if (state === 'Terminated') {
    // The status of wait(2): the exit code in the upper byte, the signal in the lower.
    const code = job.exit_code ?? 0;
    if (code === 0) return { state: 'COMPLETE', word: state, exitCode: 0 };
    const signal = code & 127;
    return { state: 'FAILED', word: state, ...(signal > 0 ? { signal: String(signal) } : { exitCode: code >> 8 }) };
  }
  if (state !== 'Error')
    return {
      state: /^(Launching|Running|Finishing|Suspended|Resuming|toError)$/.test(state) ? 'running' : 'unknown',
      word: state,
    };
  if (events.has('WALLTIME')) return { state: 'TIMEOUT', word: 'WALLTIME', reason: 'over its time limit' };
  if (events.has('BESTEFFORT_KILL'))
    return { state: 'PREEMPTED', word: 'BESTEFFORT_KILL', reason: 'preempted by another job' };
  for (const type of ['OUTPUT_FILES', 'WORKING_DIRECTORY']) {
    const event = job.events?.find((one) => one.type === type);
    if (event)
      return {
        state: 'FAILED',
        word: type,
        reason: `OAR could not start it: ${event.description?.replace(/^\[.*?\] /, '') ?? type}`,
      };
  }
  if (events.has('FRAG_JOB_REQUEST')) return { state: 'STOPPED', word: 'FRAG_JOB_REQUEST', reason: 'deleted in OAR' };
  return { state: 'FAILED', word: [...events].at(-1) ?? state, reason: 'OAR ended it with an error' };
}

/**
 * Returns an SQL condition for ids in a column. For many ids it is their range, which may match more jobs.
 */
export function among(column: string, jobIds: readonly string[]): string {
  if (jobIds.length <= 5000) return `${column} IN (${jobIds.join(',')})`;
  const numbers = jobIds.map(Number);
  const [first, last] = numbers.reduce(([low, high], id) => [Math.min(low, id), Math.max(high, id)], [Infinity, 0]);
  return `${column} BETWEEN ${first} AND ${last}`;
}

/** Ask for the states of jobs: by their own ids, then by the ids of jobs that they continue. */
export const oarPolls: BatchEngine['polls'] = [
  {
    command: (jobIds) => commandOf('oarstat', '-J', '-f', '--sql', among('job_id', jobIds)),
    read(result, _, asked = anyJob) {
      const jobs = jobsIn(result);
      if (!jobs) return undefined;
      const known = [...jobs].flatMap(([id, job]) => {
        const answer = answerOf(job);
        return answer === 'restarted' || !asked.isOurs(id, seenOf(job)) ? [] : [[id, answer] as const];
      });
      return new Map(known);
    },
  },
  {
    command: (jobIds) => commandOf('oarstat', '-J', '-f', '--sql', among('resubmit_job_id', jobIds)),
    read(result, _, asked = anyJob) {
      const jobs = jobsIn(result);
      if (!jobs) return undefined;
      const known = [...jobs].flatMap(([jobId, job]): [string, EngineAnswer][] => {
        const first = String(job.resubmit_job_id);
        const answer = answerOf(job);
        const now = answer === 'restarted' ? ({ state: 'queued', word: 'restarted' } as const) : answer;
        return asked.isOurs(first, seenOf(job)) ? [[first, { ...now, jobId }]] : [];
      });
      return new Map(known);
    },
    optional: true,
  },
];

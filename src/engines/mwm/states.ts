import type { EngineAnswer } from '../../store/index.js';
import { type AskedJobs, anyJob } from '../asked-jobs.js';
import type { BatchEngine, CommandResult } from '../engine.js';
import { commandOf } from '../request.js';

// showq of Moab Workload Manager, by its page in the administrator's guide (9.1).

const waiting = new Set(['Idle', 'Deferred', 'NotQueued', 'Staging', 'Migrated']);
const running = new Set(['Running', 'Starting', 'Suspended', 'Exiting']);

/** Returns the answer for a job's state and completion code. */
function answerOf(state: string, code: string | undefined): EngineAnswer {
  if (/Hold$/.test(state)) return { state: 'held', word: state, ...(state === 'UserHold' && { byHand: true }) };
  if (waiting.has(state)) return { state: 'queued', word: state, stuck: state === 'Deferred' };
  if (running.has(state)) return { state: 'running', word: state };
  if (state === 'Removed' || /^CNCLD/.test(code ?? ''))
    return { state: 'STOPPED', word: state, reason: 'cancelled in Moab' };
  if (state === 'Completed' || state === 'Vacated') {
    const exit = Number(code ?? 0);
    return { state: exit === 0 ? 'COMPLETE' : 'FAILED', word: state, exitCode: Number.isNaN(exit) ? undefined : exit };
  }
  return { state: 'unknown', word: state };
}

/** Returns the token at the end of a job's name; empty if it has none. */
export const tokenIn = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : (/\.(\w+)$/.exec(name)?.[1] ?? '');

function readShowq(
  result: CommandResult,
  _: readonly string[],
  jobs: AskedJobs = anyJob,
): Map<string, EngineAnswer> | undefined {
  if (result.exitCode !== 0 || !/<Data/.test(result.stdout)) return undefined;
  const answers = new Map<string, EngineAnswer>();
  for (const [element] of result.stdout.matchAll(/<job\s[^>]*>/g)) {
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(element)?.[1];
    const id = attribute('JobID');
    const state = attribute('State');
    if (id === undefined || state === undefined) continue;
    const token = tokenIn(attribute('JobName'));
    if (jobs.isOurs(id, { token })) answers.set(id, answerOf(state, attribute('CompletionCode')));
  }
  return answers;
}

/** Ask for the states of jobs: `showq` about jobs that have not ended, then about completed ones. */
export const mwmPolls: BatchEngine['polls'] = [
  { command: () => commandOf('showq', '--xml'), read: readShowq },
  { command: () => commandOf('showq', '-c', '--xml'), read: readShowq, optional: true },
];

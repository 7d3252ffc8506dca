import { roughMemory } from '../../resources/index.js';
import type { EngineAnswer } from '../../store/index.js';
import { type AskedJobs, anyJob } from '../asked-jobs.js';
import type { BatchEngine, CommandResult } from '../engine.js';
import { printedBytes, taskIndexes } from '../output.js';
import { commandOf } from '../request.js';
import { askQacct, fieldsOf, seenInRecord } from './usage.js';

// qstat(1), qacct(1), accounting(5) of Grid Engine 8.1.9; what is not in them was seen on a real one.

/** Returns the answer for the letters of a job's state: qstat(1), FULL FORMAT. */
function answerOf(state: string): EngineAnswer {
  if (state.includes('E')) {
    return {
      state: 'held',
      word: state,
      reason: 'it could not be started and stays in error (qmod -cj clears that)',
      stuck: true,
    };
  }
  if (state.includes('h')) return { state: 'held', word: state, reason: 'held' };
  if (state.includes('d')) return { state: 'running', word: state, reason: 'is being deleted' };
  if (/[qw]/.test(state))
    return { state: 'queued', word: state, reason: state.includes('R') ? 'to be started again' : undefined };
  return { state: /[rtsST]/.test(state) ? 'running' : 'unknown', word: state };
}

const isHeld = (answer: EngineAnswer | undefined) => answer?.word.includes('h') ?? false;

const ownersOf = (jobs: AskedJobs | undefined) => jobs?.owners?.join(',') ?? '*';

/** qstat(1): without -u it shows only the jobs of the user who calls it. */
const askQstat = (_: readonly string[], jobs?: AskedJobs) => commandOf('qstat', '-u', ownersOf(jobs), '-xml');

function readQstat(
  result: CommandResult,
  _: readonly string[],
  jobs: AskedJobs = anyJob,
): Map<string, EngineAnswer> | undefined {
  if (result.exitCode !== 0 || !/<job_info|^\s*$/.test(result.stdout)) return undefined;
  const answers = new Map<string, EngineAnswer>();
  for (const [block] of result.stdout.matchAll(/<job_list .*?<\/job_list>/gs)) {
    const field = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(block)?.[1];
    const jobId = field('JB_job_number');
    const state = field('state');
    if (jobId === undefined || state === undefined) continue;
    const tasks = field('tasks');
    // A site may rename jobs; `tokens` tells the owner's jobs apart.
    const seen = { user: unescaped(field('JB_owner')) };
    const ids = tasks === undefined ? [jobId] : [...taskIndexes(tasks)].map((index) => `${jobId}.${index}`);
    for (const id of ids) if (jobs.isOurs(id, seen)) answers.set(id, answerOf(state));
  }
  return answers;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const unescaped = (text: string | undefined) =>
  text?.replace(/&(lt|gt|quot|apos|amp);/g, (whole, name: string) => entities[name] ?? whole);

/**
 * Reads accounting: one record for each task and attempt, of which the last counts. A record of a
 * rescheduling (`failed` 25) is no end. Jobs that still exist are not asked about here, so a failed start of
 * theirs does not count.
 */
function readQacct(
  result: CommandResult,
  _: readonly string[],
  jobs: AskedJobs = anyJob,
): Map<string, EngineAnswer> | undefined {
  if (result.exitCode !== 0) return undefined;
  const answers = new Map<string, EngineAnswer>();
  for (const record of result.stdout.split(/^=+$/m)) {
    const field = fieldsOf(record);
    const jobId = field('jobnumber');
    const failed = Number.parseInt(field('failed'), 10);
    if (jobId === '' || failed === 25) continue;
    const task = field('taskid');
    const id = task === 'undefined' ? jobId : `${jobId}.${task}`;
    if (jobs.isOurs(id, seenInRecord(field))) answers.set(id, endOf(failed, field));
  }
  return answers;
}

function endOf(failed: number, field: (name: string) => string): EngineAnswer {
  const exitCode = Number.parseInt(field('exit_status'), 10);
  const word = field('failed');
  if (failed === 0) return { state: exitCode === 0 ? 'COMPLETE' : 'FAILED', word, exitCode };
  if (failed === 100) {
    const [, name] = /\((.*)\)/.exec(field('exit_status')) ?? [];
    return {
      state: 'FAILED',
      word,
      signal: String(exitCode - 128),
      reason: `ended by a signal (${name ?? exitCode - 128}): deleted, or out of memory?`,
    };
  }
  if (failed === 37) {
    const [, limit] = /\bh_rt=(\d+)/.exec(field('category')) ?? [];
    const over = limit === undefined || Number.parseFloat(field('ru_wallclock')) >= Number(limit);
    if (over) return { state: 'TIMEOUT', word, reason: 'over its time limit' };
    const [, most = ''] = /\bh_vmem=([^,\s]+)/.exec(field('category')) ?? [];
    const [peakMemory, askedMemory] = [printedBytes(field('maxvmem')), printedBytes(most)];
    const amounts =
      peakMemory && askedMemory
        ? `out of memory: used ${roughMemory(peakMemory)} of ${roughMemory(askedMemory)}`
        : undefined;
    return {
      state: 'FAILED',
      word,
      peakMemory,
      askedMemory,
      reason: amounts ?? 'over its limit of memory or CPU time',
    };
  }
  return { state: 'FAILED', word, reason: `Grid Engine could not start it: ${word}` };
}

/** Ask for the states of jobs: `qstat` about jobs that have not ended, then accounting. */
export const sgePolls: BatchEngine['polls'] = [
  {
    command: askQstat,
    read: readQstat,
    // The state `hqw` is also that of a job that waits for others.
    further: {
      isNeeded: (answers, ids) => ids.some((id) => isHeld(answers.get(id))),
      command: (jobs) => commandOf('qstat', '-u', ownersOf(jobs), '-xml', '-s', 'hu'),
      read(result, answers) {
        const byUser = readQstat(result, []);
        if (!byUser) return undefined;
        const known = [...answers].map(([id, answer]): [string, EngineAnswer] => [
          id,
          isHeld(answer) ? { ...answer, byHand: byUser.has(id) } : answer,
        ]);
        return new Map(known);
      },
    },
  },
  { command: askQacct, read: readQacct, optional: true },
];

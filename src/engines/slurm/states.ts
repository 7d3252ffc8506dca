import { roughMemory } from '../../resources/index.js';
import type { EngineAnswer, FinalStatus } from '../../store/index.js';
import { type AskedJobs, anyJob, type SeenJob } from '../asked-jobs.js';
import type { BatchEngine, CommandResult, EngineCommand, Query } from '../engine.js';
import { printedBytes, taskIndexes } from '../output.js';
import { slurmCommand, tokenIn, whichJobs } from './command.js';

// squeue(1), sacct(1) of Slurm 22.05; the error messages were seen on a real cluster.

/** Final states: squeue(1), JOB STATE CODES. A job in any other state counts as alive. */
const endStates: Readonly<Record<string, [FinalStatus, string?]>> = {
  COMPLETED: ['COMPLETE'],
  FAILED: ['FAILED'],
  TIMEOUT: ['TIMEOUT', 'over its time limit'],
  DEADLINE: ['TIMEOUT', 'over its deadline'],
  CANCELLED: ['STOPPED', 'cancelled in Slurm'],
  PREEMPTED: ['PREEMPTED', 'preempted by another job'],
  NODE_FAIL: ['FAILED', 'its node failed'],
  BOOT_FAIL: ['FAILED', 'its node did not boot'],
  OUT_OF_MEMORY: ['FAILED', 'out of memory'],
  REVOKED: ['STOPPED', 'revoked by the federation'],
};
const heldStates = new Set(['RESV_DEL_HOLD', 'REQUEUE_HOLD', 'SPECIAL_EXIT']);
const waitingStates = new Set(['PENDING', 'REQUEUED', 'REQUEUE_FED', ...heldStates]);
const liveStates = new Set([
  'RUNNING',
  'COMPLETING',
  'CONFIGURING',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'STAGE_OUT',
  'RESIZING',
]);

/** Reasons that waiting does not remove: squeue(1), JOB REASON CODES. Found by submitting such jobs. */
const stuckReasons: Readonly<Record<string, string>> = {
  PartitionTimeLimit: "its time limit is over the partition's",
  PartitionNodeLimit: 'it asks for more nodes than the partition has',
  PartitionConfig: 'no node of the partition can ever give what it asks for',
  BadConstraints: 'no node can give what it asks for',
  DependencyNeverSatisfied: 'what it waits for has failed',
  InvalidQOS: 'its QOS is not valid',
  InvalidAccount: 'its account is not valid',
  AccountNotAllowed: 'its account may not use the partition',
};
const plainReasons: Readonly<Record<string, string>> = {
  Priority: 'jobs of higher priority are before it',
  Resources: 'waits for free nodes',
  JobHeldUser: 'held by its owner',
  JobHeldAdmin: 'held by an administrator',
  JobArrayTaskLimit: 'as many tasks of its array run as may at once',
  BeginTime: 'waits for its begin time; a job that was requeued waits two minutes',
  Dependency: 'waits for another job',
  ReqNodeNotAvail: 'the nodes it needs are down or reserved',
  PartitionDown: 'the partition is down',
  PartitionInactive: 'the partition is inactive',
  QOSMaxJobsPerUserLimit: 'as many of your jobs run as its QOS allows',
  AssocMaxJobsLimit: 'as many jobs of its account run as may at once',
  ...stuckReasons,
};

function answerOf(state: string, reason: string): EngineAnswer {
  const [word = ''] = state.split(' ');
  const end = endStates[word];
  if (end) {
    const [final, text] = end;
    const launchFailed = final === 'FAILED' && reason === 'JobLaunchFailure';
    return { state: final, word: launchFailed ? reason : word, reason: text };
  }
  if (waitingStates.has(word)) {
    const held = heldStates.has(word) || /^JobHeld|held/i.test(reason);
    const known = plainReasons[reason.replace(/[,(].*$/, '')];
    const plain = known ?? (reason === 'None' ? undefined : reason);
    return {
      state: held ? 'held' : 'queued',
      word: reason,
      reason: plain,
      stuck: reason in stuckReasons,
      ...(held && { byHand: true }),
    };
  }
  return { state: liveStates.has(word) ? 'running' : 'unknown', word };
}

/**
 * Adds the time at which a waiting job will start. A start time in the past belongs to an earlier attempt.
 */
function withStart(answer: EngineAnswer, text: string): EngineAnswer {
  const start = Date.parse(text);
  return answer.state === 'queued' && start > Date.now() ? { ...answer, expectedStart: start / 1000 } : answer;
}

const baseOf = (jobId: string) => jobId.replace(/_\d+$/, '');

const askSqueue = (jobIds: readonly string[], jobs?: AskedJobs): EngineCommand =>
  slurmCommand('squeue', '-h', '-r', '-a', '-t', 'all', '-o', '%F|%K|%T|%S|%r|%j|%o', ...whichJobs(jobIds, jobs));

/**
 * Returns what a line of squeue tells of a submission: its name and its command, which a bar separates. Jobs
 * without a script have no command.
 */
export function seenIn(text: string): SeenJob {
  const [, name, command = ''] = /^(.*)\|(\(null\)|N\/A|)$/s.exec(text) ?? [];
  return name === undefined || command === undefined ? { token: tokenIn(text) } : { name };
}

/**
 * Returns the lines of squeue. A name or a path may hold a newline, so that its line goes on in the next one.
 */
function linesOf(stdout: string): string[] {
  const lines: string[] = [];
  for (const line of stdout.split('\n')) {
    if (lines.length === 0 || /^\d+\|[^|]*\|[A-Z_]+\|/.test(line)) lines.push(line);
    else lines.push(`${lines.pop()}\n${line}`);
  }
  return lines.map((line) => line.trimEnd());
}

function readSqueue(
  result: CommandResult,
  _: readonly string[],
  jobs: AskedJobs = anyJob,
): Map<string, EngineAnswer> | undefined {
  const unknownId = result.exitCode === 1 && /Invalid job id specified/.test(result.stderr);
  if (result.exitCode !== 0 && !unknownId) return undefined;
  const answers = new Map<string, EngineAnswer>();
  for (const line of linesOf(result.stdout)) {
    const [base, task, state, start = '', reason = '', ...rest] = line.split('|');
    if (!base || !task || !state) continue;
    const answer = withStart(answerOf(state, reason), start);
    const seen = rest.length === 0 ? {} : seenIn(rest.join('|'));
    // `N/A` is a job without tasks. Tasks that were cancelled together while they waited share a line.
    const ids = /^\d/.test(task) ? [...taskIndexes(task)].map((index) => `${base}_${index}`) : [base];
    for (const id of ids) if (jobs.isOurs(id, seen)) answers.set(id, answer);
  }
  return answers;
}

/** Accounting of jobs; `last` is the column that tells of their submission. */
const askSacct = (last: 'SubmitLine' | 'JobName') => (jobIds: readonly string[], jobs?: AskedJobs) => {
  const columns = `JobID,State,ExitCode,NodeList,ReqMem,MaxRSS,${last}`;
  return slurmCommand('sacct', '-n', '-P', '-o', columns, ...whichJobs(jobIds, jobs, '-S', 'now-30days'));
};

/** Returns what the last column of sacct tells of a submission. Slurm before 21.08 has only the name. */
export const seenInAccount = (last: 'SubmitLine' | 'JobName', text: string): SeenJob =>
  last === 'JobName' ? { name: text || undefined } : { token: text.trim() === '' ? undefined : tokenIn(text) };

/** Returns whether an older sacct does not know a column. */
export const lacksColumn = ({ stderr }: CommandResult): boolean => /invalid field/i.test(stderr);

const readSacct =
  (last: 'SubmitLine' | 'JobName') =>
  (
    result: CommandResult,
    jobIds: readonly string[],
    jobs: AskedJobs = anyJob,
  ): Map<string, EngineAnswer> | undefined => {
    if (result.exitCode !== 0) return undefined;
    const answers = new Map<string, EngineAnswer>();
    const arrays = new Set<string>();
    const told = new Set<string>();
    // A newline in a submission belongs to the line before.
    for (const line of result.stdout.split(/\n(?=[\w.[\],%+-]+\|)/)) {
      const [jobId, state, exit = '', nodes = '', asked = '', peak = '', ...rest] = line.trimEnd().split('|');
      if (!jobId || !state) continue;
      const [whole = '', step] = jobId.split('.');
      if (step !== undefined) {
        const known = answers.get(whole);
        const used = printedBytes(peak);
        if (known && used) answers.set(whole, withMemory(known, used));
        continue;
      }
      const seen = seenInAccount(last, rest.join('|'));
      const askedBytes = printedBytes(asked, 'm');
      const answer: EngineAnswer = { ...answerOf(state, ''), ...exitOf(state, exit, nodes), askedMemory: askedBytes };
      const [, base, tasks] = /^(\d+)_\[(.*?)\]?$/.exec(jobId) ?? [];
      const known =
        base === undefined || tasks === undefined
          ? [jobId]
          : [...taskIndexes(tasks)].map((index) => `${base}_${index}`);
      for (const id of known) {
        if (!jobs.isOurs(id, seen)) continue;
        if (id.includes('_')) arrays.add(baseOf(id));
        told.add(id);
        // Only accounting knows this job. If it has no end there, accounting may have missed the end.
        if (['queued', 'held', 'running', 'unknown'].includes(answer.state)) answers.delete(id);
        else answers.set(id, answer);
      }
    }
    // A task that is cancelled while it waits disappears at once, from `squeue` and from accounting.
    const reason = 'cancelled in Slurm before it started';
    for (const id of jobIds) {
      if (arrays.has(baseOf(id)) && !told.has(id))
        answers.set(id, { state: 'STOPPED', word: 'CANCELLED', reason, traceless: true });
    }
    return answers;
  };

/** Adds the peak memory of a step to the answer about its job. */
function withMemory(answer: EngineAnswer, used: number): EngineAnswer {
  const peakMemory = Math.max(answer.peakMemory ?? 0, used);
  const { word, askedMemory } = answer;
  if (word !== 'OUT_OF_MEMORY') return { ...answer, peakMemory };
  const amounts = askedMemory ? `: used ${roughMemory(peakMemory)} of ${roughMemory(askedMemory)}` : '';
  return { ...answer, peakMemory, reason: `out of memory${amounts}` };
}

/**
 * Returns what the exit column adds to an answer. `3:0` is an exit code, `0:9` a signal. `0:53` with FAILED
 * is a job that could not start because its output file could not be opened.
 */
function exitOf(state: string, exit: string, nodes: string): Partial<EngineAnswer> {
  const [code, signal] = exit.split(':').map(Number);
  if (state === 'FAILED' && exit === '0:53') {
    return { word: 'JobLaunchFailure', reason: 'Slurm could not start it (is its log directory there on the node?)' };
  }
  if (state.startsWith('NODE_FAIL')) return { reason: nodes === '' ? 'its node failed' : `node ${nodes} failed` };
  const by = /^CANCELLED by (\d+)/.exec(state)?.[1];
  if (by !== undefined && Number(by) !== process.getuid?.()) return { reason: `cancelled in Slurm by user ${by}` };
  if (state !== 'FAILED') return {};
  return signal ? { signal: String(signal) } : { exitCode: code };
}

const accounting = (last: 'SubmitLine' | 'JobName'): Query<readonly string[], Map<string, EngineAnswer>> => ({
  command: askSacct(last),
  read: readSacct(last),
  optional: true,
});

/** Ask for the states of jobs: `squeue` about jobs that it still knows, then accounting. */
export const slurmPolls: BatchEngine['polls'] = [
  { command: askSqueue, read: readSqueue },
  { ...accounting('SubmitLine'), otherwise: (result) => (lacksColumn(result) ? accounting('JobName') : undefined) },
];

import { type AskedJobs, anyJob, type SeenJob } from '../asked-jobs.js';
import type { CommandResult, EngineCommand, JobUsage, Query } from '../engine.js';
import { printedBytes, printedSeconds } from '../output.js';
import { commandOf } from '../request.js';

/**
 * Returns the command that prints accounting: of one job, or of all jobs that their owner submitted in the
 * last 60 days. qacct(1) takes one owner.
 */
export function askQacct(jobIds: readonly string[], jobs?: AskedJobs): EngineCommand {
  if (jobIds.length === 1) return commandOf('qacct', '-j', (jobIds[0] ?? '').replace(/\.\d+$/, ''));
  const [owner, another] = jobs?.owners ?? [];
  return commandOf('qacct', ...(owner === undefined || another !== undefined ? [] : ['-o', owner]), '-d', '60', '-j');
}

/** Returns a function from the name of a field of an accounting(5) record to its text. */
export const fieldsOf =
  (record: string) =>
  (name: string): string =>
    new RegExp(`^${name}\\s+(.*?)\\s*$`, 'm').exec(record)?.[1] ?? '';

/** Returns what a record of accounting(5) tells of a submission. */
export function seenInRecord(field: (name: string) => string): SeenJob {
  // Some versions print `11/28/2026 12:26:16.123`, others `Sat Nov 28 12:26:16 2026`.
  const time = Date.parse(field('qsub_time'));
  return {
    name: field('jobname') || undefined,
    user: field('owner') || undefined,
    at: Number.isNaN(time) ? undefined : time / 1000,
  };
}

/**
 * Reads accounting(5): what each task used, in its last record. What it asked for is in the field `category`.
 */
function readUsage(
  { exitCode, stdout }: CommandResult,
  _: readonly string[],
  jobs: AskedJobs = anyJob,
): Map<string, JobUsage> | undefined {
  if (exitCode !== 0) return undefined;
  const usages = new Map<string, JobUsage>();
  for (const record of stdout.split(/^=+$/m)) {
    const field = fieldsOf(record);
    const jobId = field('jobnumber');
    const task = field('taskid');
    const id = task === 'undefined' ? jobId : `${jobId}.${task}`;
    if (jobId === '' || !jobs.isOurs(id, seenInRecord(field))) continue;
    const category = field('category');
    const asked = (name: string) => new RegExp(`\\b${name}=([^,\\s]+)`).exec(category)?.[1] ?? '';
    const slots = Number(field('slots')) || 1;
    // Memory is asked for per slot.
    const memory = printedBytes(asked('mem_free')) ?? printedBytes(asked('h_vmem'));
    usages.set(id, {
      seconds: Number.parseFloat(field('ru_wallclock')),
      timeLimit: /^\d+$/.test(asked('h_rt')) ? Number(asked('h_rt')) : printedSeconds(asked('h_rt')),
      cpuSeconds: Number.parseFloat(field('cpu')),
      cpus: slots,
      peakMemory: printedBytes(field('maxvmem')),
      memory: memory === undefined ? undefined : memory * slots,
    });
  }
  return usages;
}

/** What jobs used, by accounting. */
export const sgeUsage: Query<readonly string[], ReadonlyMap<string, JobUsage>> = {
  optional: true,
  command: askQacct,
  read: readUsage,
};

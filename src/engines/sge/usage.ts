import { userInfo } from 'node:os';
import type { CommandResult, EngineCommand, JobUsage, Query } from '../engine.js';
import { printedBytes, printedSeconds } from '../output.js';
import { commandOf } from '../request.js';

/**
 * Returns the command that prints accounting: of one job, or of all jobs that the user submitted in the last
 * 60 days.
 */
export const askQacct = (jobIds: readonly string[]): EngineCommand =>
  jobIds.length === 1
    ? commandOf('qacct', '-j', (jobIds[0] ?? '').replace(/\.\d+$/, ''))
    : commandOf('qacct', '-o', userInfo().username, '-d', '60', '-j');

/**
 * Reads accounting(5): what each task used, in its last record. What it asked for is in the field `category`.
 */
function readUsage({ exitCode, stdout }: CommandResult): Map<string, JobUsage> | undefined {
  if (exitCode !== 0) return undefined;
  const usages = new Map<string, JobUsage>();
  for (const record of stdout.split(/^=+$/m)) {
    const field = (name: string) => new RegExp(`^${name}\\s+(.*?)\\s*$`, 'm').exec(record)?.[1] ?? '';
    const jobId = field('jobnumber');
    if (jobId === '') continue;
    const task = field('taskid');
    const category = field('category');
    const asked = (name: string) => new RegExp(`\\b${name}=([^,\\s]+)`).exec(category)?.[1] ?? '';
    const slots = Number(field('slots')) || 1;
    // Memory is asked for per slot.
    const memory = printedBytes(asked('mem_free')) ?? printedBytes(asked('h_vmem'));
    usages.set(task === 'undefined' ? jobId : `${jobId}.${task}`, {
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

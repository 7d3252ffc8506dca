import { parseDuration } from '../../core/clock.js';
import type { EngineLimits, Query, QueueQuery } from '../engine.js';
import { printedSeconds } from '../output.js';
import { countJobs } from '../queues.js';
import { commandOf } from '../request.js';

// qstat(1), -g c; queue_conf(5).

/**
 * Grid Engine's queues; a slot counts as a core. A waiting job is in no queue yet, and counts in the first
 * one.
 */
export const sgeQueues: QueueQuery = {
  commands: (user) => [
    commandOf('qstat', '-g', 'c', '-xml'),
    commandOf('qconf', '-sq', '*'),
    commandOf('qstat', '-g', 'd', '-u', user, '-xml'),
  ],
  read([summary, settings, jobs]) {
    if (summary?.exitCode !== 0 || jobs?.exitCode !== 0) return undefined;
    const blocks = [...summary.stdout.matchAll(/<cluster_queue_summary>.*?<\/cluster_queue_summary>/gs)];
    const names = blocks.map(([block]) => field(block, 'name') ?? '');
    const own = countJobs(
      [...jobs.stdout.matchAll(/<job_list .*?<\/job_list>/gs)].map(([job]) => {
        const queue = field(job, 'queue_name')?.split('@')[0];
        return { queue: queue || (names[0] ?? ''), waits: !queue };
      }),
    );
    const limits = new Map(
      (settings?.stdout ?? '').split(/^(?=qname\s)/m).map((text) => {
        const [, name = ''] = /^qname\s+(\S+)/m.exec(text) ?? [];
        const [, limit = ''] = /^h_rt\s+(\S+)/m.exec(text) ?? [];
        return [name, parseDuration(limit)] as const;
      }),
    );
    return blocks.map(([block], i) => {
      const count = (name: string) => Number(field(block, name) ?? 0);
      const name = names[i] ?? '';
      const off = count('temp_disabled') + count('manual_intervention');
      const total = count('total');
      return {
        name,
        isDefault: false,
        closed: total > 0 && off >= total ? 'disabled, or in error' : undefined,
        time: limits.get(name),
        cpus: { free: count('available'), total },
        gpus: undefined,
        ...own(name),
      };
    });
  },
};

const field = (block: string, name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(block)?.[1];

/** Grid Engine's limits: of arrays, and of each queue. */
export const sgeLimits: readonly Query<undefined, EngineLimits>[] = [
  {
    command: () => commandOf('qconf', '-sconf', 'global'),
    read({ exitCode, stdout }) {
      const [, tasks] = /^max_aj_tasks\s+(\d+)/m.exec(stdout) ?? [];
      return exitCode === 0 && Number(tasks) > 0 ? { arrayTasks: Number(tasks) } : undefined;
    },
  },
  // queue_conf(5): the longest time. No queue is the default.
  {
    command: () => commandOf('qconf', '-sq', '*'),
    read({ exitCode, stdout }) {
      if (exitCode !== 0) return undefined;
      const queues = stdout.split(/^(?=qname\s)/m).flatMap((text) => {
        const field = (name: string) => new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(text)?.[1] ?? '';
        const name = field('qname');
        const time = field('h_rt') === 'INFINITY' ? undefined : printedSeconds(field('h_rt'));
        return name === '' ? [] : [{ name, isDefault: false, time, cpus: undefined, mem: undefined, nodes: undefined }];
      });
      return queues.length === 0 ? undefined : { queues };
    },
  },
];

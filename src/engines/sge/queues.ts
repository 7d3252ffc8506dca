import { parseDuration } from '../../core/clock.js';
import type { QueueQuery } from '../engine.js';
import { countJobs } from '../queues.js';
import { commandOf } from '../request.js';

// qstat(1), -g c; queue_conf(5).

/** The queues of Grid Engine: a slot is a core. What waits is in no queue yet, and is shown with the first. */
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

import type { EngineCommand, QueueQuery, QueueState } from '../engine.js';
import { countJobs } from '../queues.js';

// sinfo(1) and squeue(1), --Format: columns as wide as they are asked for, with no blank in any of these.

const columns = 'Partition:80,Available:20,Time:30,CPUsState:60,Gres:200,GresUsed:200';

/** GPUs in `gpu:2(S:0-1)`, `gpu:a100:4,gpu:t4:2`, `gpu:a100:1(IDX:0)`. */
function gpusIn(text: string): number {
  const counts = [...text.matchAll(/\bgpu(?::[A-Za-z][\w.-]*)?:(\d+)/g)].map(([, count]) => Number(count));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The queues of Slurm, node by node added up; `ask` makes a command of its words, `limit` reads a time limit. */
export const slurmQueues = (
  ask: (...argv: [string, ...string[]]) => EngineCommand,
  limit: (text: string) => number | undefined,
): QueueQuery => ({
  commands: () => [
    ask('sinfo', '-h', '-N', '-O', columns),
    ask('squeue', '-h', '-r', '-u', String(process.getuid?.() ?? ''), '-o', '%t|%P'),
  ],
  read([nodes, jobs]) {
    if (nodes?.exitCode !== 0 || jobs?.exitCode !== 0) return undefined;
    const own = countJobs(
      jobs.stdout.split('\n').flatMap((line) => {
        const [state, partitions = ''] = line.split('|');
        return state ? partitions.split(',').map((queue) => ({ queue, waits: state === 'PD' })) : [];
      }),
    );
    const queues = new Map<string, QueueState>();
    for (const line of nodes.stdout.split('\n')) {
      const [partition, available, time = '', cpus = '', gres = '', used = ''] = line.trim().split(/\s+/);
      if (!partition) continue;
      const name = partition.replace(/\*$/, '');
      const [, idle = 0, , total = 0] = cpus.split('/').map(Number);
      const gpus = gpusIn(gres);
      const before = queues.get(name);
      const gpusBefore = before?.gpus ?? { free: 0, total: 0 };
      const gpuTotal = gpusBefore.total + gpus;
      queues.set(name, {
        name,
        isDefault: partition.endsWith('*'),
        closed: available === 'up' ? undefined : available,
        time: limit(time),
        cpus: { free: (before?.cpus?.free ?? 0) + idle, total: (before?.cpus?.total ?? 0) + total },
        gpus: gpuTotal === 0 ? undefined : { free: gpusBefore.free + gpus - gpusIn(used), total: gpuTotal },
        ...own(name),
      });
    }
    return [...queues.values()];
  },
});

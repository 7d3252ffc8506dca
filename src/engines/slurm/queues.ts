import { parseDuration } from '../../core/clock.js';
import type { QueuePosition } from '../../store/index.js';
import type { CommandResult, EngineLimits, EngineQueue, EngineQueueLimits, Query, QueueQuery } from '../engine.js';
import { countJobs } from '../queues.js';
import { slurmCommand, userNumber } from './command.js';

// sinfo(1) and squeue(1), --Format: columns have the width asked for, and no value of these holds a blank.

const columns = 'Partition:80,Available:20,Time:30,CPUsState:60,Gres:200,GresUsed:200';

/** Returns the number of GPUs in `gpu:2(S:0-1)`, `gpu:a100:4,gpu:t4:2`, `gpu:a100:1(IDX:0)`. */
function gpusIn(text: string): number {
  const counts = [...text.matchAll(/\bgpu(?::[A-Za-z][\w.-]*)?:(\d+)/g)].map(([, count]) => Number(count));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Reads `1-12:00:00` or `30:00` (minutes and seconds). Returns seconds, or undefined for `infinite`. */
function timeLimit(time: string): number | undefined {
  if (time === 'infinite') return undefined;
  return parseDuration(time.length <= 5 && !time.includes('-') ? `0:${time}` : time);
}

/** Slurm's partitions, added up from their nodes. */
export const slurmQueues: QueueQuery = {
  commands: () => [
    slurmCommand('sinfo', '-h', '-N', '-O', columns),
    slurmCommand('squeue', '-h', '-r', '-u', userNumber(), '-o', '%t|%P'),
  ],
  read([nodes, jobs]) {
    if (nodes?.exitCode !== 0 || jobs?.exitCode !== 0) return undefined;
    const own = countJobs(
      jobs.stdout.split('\n').flatMap((line) => {
        const [state, partitions = ''] = line.split('|');
        return state ? partitions.split(',').map((queue) => ({ queue, waits: state === 'PD' })) : [];
      }),
    );
    const queues = new Map<string, EngineQueue>();
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
        time: timeLimit(time),
        cpus: { free: (before?.cpus?.free ?? 0) + idle, total: (before?.cpus?.total ?? 0) + total },
        gpus: gpuTotal === 0 ? undefined : { free: gpusBefore.free + gpus - gpusIn(used), total: gpuTotal },
        ...own(name),
      });
    }
    return [...queues.values()];
  },
};

function readNodes(result: CommandResult): EngineQueueLimits[] | undefined {
  if (result.exitCode !== 0) return undefined;
  const queues = new Map<string, EngineQueueLimits>();
  for (const line of result.stdout.split('\n')) {
    const [partition, time = '', cpus, mem] = line.split('|');
    // With -M the cluster's name may stand in a line of its own.
    if (!partition || cpus === undefined) continue;
    const name = partition.replace(/\*$/, '');
    const before = queues.get(name);
    queues.set(name, {
      name,
      isDefault: partition.endsWith('*'),
      time: timeLimit(time),
      cpus: Math.max(before?.cpus ?? 0, Number(cpus)),
      mem: Math.max(before?.mem ?? 0, Number(mem) * 2 ** 20),
      nodes: (before?.nodes ?? 0) + 1,
    });
  }
  return [...queues.values()];
}

/** Slurm's limits: of each partition, and of arrays. */
export const slurmLimits: readonly Query<undefined, EngineLimits>[] = [
  {
    command: () => slurmCommand('sinfo', '-h', '-N', '-o', '%P|%l|%c|%m'),
    read(result) {
      const queues = readNodes(result);
      return queues && { queues };
    },
  },
  {
    command: () => slurmCommand('scontrol', 'show', 'config'),
    read({ exitCode, stdout }) {
      // It limits the index, not the number of tasks, and mlx counts indexes from 1.
      const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(stdout) ?? [];
      return exitCode === 0 && size !== undefined ? { arrayTasks: Number(size) - 1 } : undefined;
    },
  },
];

/** The positions of waiting jobs, in the order in which the scheduler considers them: by priority. */
export const slurmPositions: Query<readonly string[], ReadonlyMap<string, QueuePosition>> = {
  optional: true,
  command: () => slurmCommand('squeue', '-h', '-r', '-a', '-t', 'PD', '--sort=-p', '-o', '%F|%K'),
  read({ exitCode, stdout }, jobIds) {
    if (exitCode !== 0) return undefined;
    const waiting = new Map<string, number>();
    for (const line of stdout.split('\n')) {
      const [base, task = ''] = line.split('|');
      if (base && task !== '') waiting.set(/^\d/.test(task) ? `${base}_${task}` : base, waiting.size + 1);
    }
    return new Map(
      jobIds.flatMap((id) => {
        const place = waiting.get(id);
        return place === undefined ? [] : [[id, { place, of: waiting.size }] as const];
      }),
    );
  },
};

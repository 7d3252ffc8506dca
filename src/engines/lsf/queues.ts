import type { EngineLimits, Query, QueueQuery } from '../engine.js';
import { commandOf } from '../request.js';

// bqueues(1): -o for columns, -l for limits; bhosts(1) for slots. By IBM's documentation.

const columns = "queue_name status njobs pend run delimiter='|'";

/**
 * Returns the time limit of each queue, in seconds. `2880.0 min` or `2880.0 min of hostA` stands below
 * `RUNLIMIT`.
 */
function limitsIn(stdout: string): Map<string, number | undefined> {
  return new Map(
    stdout.split(/^QUEUE:\s*/m).flatMap((text) => {
      const [, name] = /^(\S+)/.exec(text) ?? [];
      const [, minutes] = /^\s*RUNLIMIT\s*\n\s*(\d+(?:\.\d+)?) min/m.exec(text) ?? [];
      return name === undefined ? [] : [[name, minutes === undefined ? undefined : Number(minutes) * 60] as const];
    }),
  );
}

const isDefaultIn = (stdout: string, name: string) =>
  new RegExp(
    `^QUEUE:\\s*${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s[\\s\\S]*?This is (?:the|a) default queue`,
    'm',
  ).test(stdout.split(/^(?=QUEUE:)/m).find((text) => text.startsWith(`QUEUE: ${name}\n`)) ?? '');

/** LSF's queues, with the user's jobs. */
export const lsfQueues: QueueQuery = {
  commands: (user) => [
    commandOf('bqueues', '-noheader', '-o', columns),
    commandOf('bqueues', '-l'),
    commandOf('bjobs', '-u', user, '-noheader', '-o', "stat queue delimiter='|'"),
    commandOf('bhosts', '-noheader', '-o', "max njobs delimiter='|'"),
  ],
  read([queues, details, jobs, hosts]) {
    if (queues?.exitCode !== 0) return undefined;
    const limits = limitsIn(details?.stdout ?? '');
    const slots = (hosts?.stdout ?? '').split('\n').flatMap((line) => {
      const [max = '', used = ''] = line.trim().split('|');
      return /^\d+$/.test(max) ? [{ total: Number(max), used: Number(used) }] : [];
    });
    const total = slots.reduce((sum, host) => sum + host.total, 0);
    const used = slots.reduce((sum, host) => sum + host.used, 0);
    const own = (jobs?.stdout ?? '').split('\n').map((line) => line.trim().split('|'));
    const count = (queue: string, stats: readonly string[]) =>
      own.filter(([stat = '', name]) => name === queue && stats.includes(stat)).length;
    return queues.stdout.split('\n').flatMap((line) => {
      const [name = '', status = ''] = line.trim().split('|');
      if (name === '') return [];
      return {
        name,
        isDefault: isDefaultIn(details?.stdout ?? '', name),
        closed: status === 'Open:Active' ? undefined : status,
        time: limits.get(name),
        // All queues share the hosts.
        cpus: total === 0 ? undefined : { free: total - used, total },
        gpus: undefined,
        running: count(name, ['RUN', 'USUSP', 'SSUSP']),
        waiting: count(name, ['PEND', 'PSUSP']),
      };
    });
  },
};

/** LSF's limits of each queue. */
const queueLimits: Query<undefined, EngineLimits> = {
  command: () => commandOf('bqueues', '-l'),
  read({ exitCode, stdout }) {
    if (exitCode !== 0) return undefined;
    const queues = [...limitsIn(stdout)].map(([name, time]) => ({
      name,
      isDefault: isDefaultIn(stdout, name),
      time,
      cpus: undefined,
      mem: undefined,
      nodes: undefined,
    }));
    return queues.length === 0 ? undefined : { queues };
  },
};

/** LSF's limits: of each queue, and of arrays. */
export const lsfLimits: readonly Query<undefined, EngineLimits>[] = [
  queueLimits,
  {
    command: () => commandOf('bparams', '-l'),
    read({ exitCode, stdout }) {
      const [, size] = /MAX_JOB_ARRAY_SIZE\s*=\s*(\d+)/.exec(stdout) ?? [];
      return exitCode === 0 && size !== undefined ? { arrayTasks: Number(size) } : undefined;
    },
  },
];

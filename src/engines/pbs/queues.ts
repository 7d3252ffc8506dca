import type { EngineLimits, Query, QueueQuery } from '../engine.js';
import { printedSeconds } from '../output.js';
import { countJobs } from '../queues.js';
import { commandOf } from '../request.js';

// qstat(1B) -Q -f and pbsnodes(8B) -a of OpenPBS: a line with the name of a queue or node, then lines `name =
// value`.

interface Block {
  readonly name: string;
  readonly field: (name: string) => string | undefined;
}

function blocksIn(stdout: string, head: RegExp): Block[] {
  return stdout
    .replace(/\n\t/g, '')
    .split(head)
    .slice(1)
    .map((text) => ({
      name: (text.split('\n')[0] ?? '').trim(),
      field: (name) => new RegExp(`^ +${name.replace('.', '\\.')} = (.*)$`, 'mi').exec(text)?.[1],
    }));
}

const queuesIn = (stdout: string) =>
  blocksIn(stdout, /^Queue: /m).filter(({ field }) => /^execution$/i.test(field('queue_type') ?? 'execution'));

const defaultIn = (stdout: string) => /^ +default_queue = (\S+)/m.exec(stdout)?.[1];

/** A queue that is not enabled takes no jobs; one that is not started takes them and starts none. */
function closedWord({ field }: Block): string | undefined {
  const isFalse = (name: string) => !/^true$/i.test(field(name) ?? 'True');
  const words = [...(isFalse('enabled') ? ['off'] : []), ...(isFalse('started') ? ['stopped'] : [])];
  return words.length === 0 ? undefined : words.join(', ');
}

const timeOf = ({ field }: Block) => printedSeconds(field('resources_max.walltime') ?? '');

function cpusIn(nodes: readonly Block[]): { free: number; total: number } | undefined {
  const sum = (name: string) => nodes.reduce((all, { field }) => all + Number(field(name) ?? 0), 0);
  const total = sum('resources_available.ncpus');
  return total === 0 ? undefined : { free: total - sum('resources_assigned.ncpus'), total };
}

/** OpenPBS's queues, with the user's jobs. All queues share the nodes. */
export const pbsQueues: QueueQuery = {
  commands: (user) => [
    commandOf('qstat', '-Q', '-f'),
    commandOf('qstat', '-B', '-f'),
    commandOf('pbsnodes', '-a'),
    commandOf('qstat', '-f', '-u', user),
  ],
  read([queues, server, nodes, jobs]) {
    if (queues?.exitCode !== 0) return undefined;
    const own = countJobs(
      blocksIn(jobs?.stdout ?? '', /^Job Id: /m).map(({ field }) => ({
        queue: field('queue') ?? '',
        waits: /^[QWHT]/.test(field('job_state') ?? ''),
      })),
    );
    const cpus = nodes?.exitCode === 0 ? cpusIn(blocksIn(`\n${nodes.stdout}`, /^(?=\S)/m)) : undefined;
    return queuesIn(queues.stdout).map((queue) => ({
      name: queue.name,
      isDefault: queue.name === defaultIn(server?.stdout ?? ''),
      closed: closedWord(queue),
      time: timeOf(queue),
      cpus,
      gpus: undefined,
      ...own(queue.name),
    }));
  },
};

/** OpenPBS's limits of each queue. */
const queueLimits: Query<undefined, EngineLimits> = {
  command: () => commandOf('qstat', '-Q', '-f'),
  read({ exitCode, stdout }) {
    const queues = exitCode === 0 ? queuesIn(stdout) : [];
    if (queues.length === 0) return undefined;
    const limits = queues.map((queue) => ({
      name: queue.name,
      isDefault: false,
      time: timeOf(queue),
      cpus: undefined,
      mem: undefined,
      nodes: undefined,
    }));
    return { queues: limits };
  },
};

/** OpenPBS's limits: of each queue, and of arrays. */
export const pbsLimits: readonly Query<undefined, EngineLimits>[] = [
  queueLimits,
  {
    command: () => commandOf('qstat', '-B', '-f', '-w'),
    read({ exitCode, stdout }) {
      const [, tasks] = /max_array_size = (\d+)/.exec(stdout) ?? [];
      return exitCode === 0 && tasks !== undefined ? { arrayTasks: Number(tasks) } : undefined;
    },
  },
];

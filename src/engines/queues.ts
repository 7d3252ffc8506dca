import { runCommand } from './command.js';
import { type BatchEngine, type CommandResult, type EngineCommand, firstWords } from './engine.js';

/** How many there are of something, and how many of them nobody uses. */
export interface Share {
  readonly free: number;
  readonly total: number;
}

/** A queue of an engine as it is now; what the engine does not tell is undefined. */
export interface QueueState {
  readonly name: string;
  readonly isDefault: boolean;
  /** The engine's word where jobs don't start there; undefined where they do. */
  readonly closed: string | undefined;
  /** The longest time of a job; seconds. */
  readonly time: number | undefined;
  readonly cpus: Share | undefined;
  readonly gpus: Share | undefined;
  /** How many jobs of mine run and wait; tasks of arrays are counted each. */
  readonly running: number;
  readonly waiting: number;
}

/** How an engine tells of its queues: what to ask, and what the answers say together; undefined where they are none. */
export interface QueueQuery {
  readonly commands: (user: string) => readonly EngineCommand[];
  readonly read: (answers: readonly CommandResult[], user: string) => readonly QueueState[] | undefined;
}

/** The queues of an engine; words where it does not tell. */
export async function readQueues(
  { queues, title }: BatchEngine,
  user: string,
): Promise<{ readonly queues: readonly QueueState[] } | { readonly trouble: string }> {
  if (!queues) return { trouble: `${title} is not asked for its queues` };
  const commands = queues.commands(user);
  const answers = await Promise.all(commands.map((command) => runCommand(command, 'question')));
  const silent = answers.findIndex(({ missing, timedOut }) => missing || timedOut);
  if (silent !== -1) {
    const name = commands[silent]?.argv[0] ?? '';
    return { trouble: answers[silent]?.missing ? `${name} is not on this machine` : `${name} did not answer` };
  }
  const read = queues.read(answers, user);
  return read
    ? { queues: read }
    : { trouble: answers.map((answer) => firstWords(answer)).find((words) => words !== '') ?? 'it gave no answer' };
}

/** Adds the jobs of each queue up. */
export function countJobs(
  jobs: Iterable<{ readonly queue: string; readonly waits: boolean }>,
): (queue: string) => Pick<QueueState, 'running' | 'waiting'> {
  const counts = new Map<string, { running: number; waiting: number }>();
  for (const { queue, waits } of jobs) {
    const count = counts.get(queue) ?? { running: 0, waiting: 0 };
    counts.set(queue, count);
    if (waits) count.waiting++;
    else count.running++;
  }
  return (queue) => counts.get(queue) ?? { running: 0, waiting: 0 };
}

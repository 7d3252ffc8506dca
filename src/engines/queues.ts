import type { JobRef, QueuePosition } from '../store/index.js';
import { askClusters, commandAt } from './clusters.js';
import { runCommand } from './command.js';
import type { BatchEngine, EngineQueue } from './engine.js';
import { firstWords } from './output.js';
import { askEngine } from './poll.js';

/** Asks an engine for its queues. Returns them, or the engine's words if it gives no answer. */
export async function readQueues(
  engine: BatchEngine,
  user: string,
  cluster?: string,
): Promise<{ readonly queues: readonly EngineQueue[] } | { readonly trouble: string }> {
  const { queues, title } = engine;
  if (!queues) return { trouble: `${title} is not asked for its queues` };
  const commands = queues.commands(user);
  const answers = await Promise.all(
    commands.map((command) => runCommand(commandAt(engine, command, cluster), 'question')),
  );
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

/**
 * Asks for the positions of waiting jobs in their engine's queue. Returns them by job id; empty if the engine
 * does not say.
 */
export async function readQueuePositions(
  engine: BatchEngine,
  jobs: readonly JobRef[],
): Promise<ReadonlyMap<string, QueuePosition>> {
  const { places } = engine;
  if (!places) return new Map();
  return askClusters(jobs, async ({ cluster, jobs: its }) => {
    const asked = await askEngine(
      places,
      its.map(({ id }) => id),
      { engine, cluster },
    );
    return asked.kind === 'answer' ? asked.answer : new Map();
  });
}

/** Counts jobs by queue. Returns a function from a queue's name to its counts. */
export function countJobs(
  jobs: Iterable<{ readonly queue: string; readonly waits: boolean }>,
): (queue: string) => Pick<EngineQueue, 'running' | 'waiting'> {
  const counts = new Map<string, { running: number; waiting: number }>();
  for (const { queue, waits } of jobs) {
    const count = counts.get(queue) ?? { running: 0, waiting: 0 };
    counts.set(queue, count);
    if (waits) count.waiting++;
    else count.running++;
  }
  return (queue) => counts.get(queue) ?? { running: 0, waiting: 0 };
}

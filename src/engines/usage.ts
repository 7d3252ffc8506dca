import type { BatchEngine } from './engine.js';
import { askEngine } from './poll.js';

/** What a job used, and what it had, as far as its engine or the kernel tells. */
export interface JobUsage {
  /** Seconds that it ran, and might run. */
  readonly seconds?: number | undefined;
  readonly timeLimit?: number | undefined;
  /** Seconds of CPU that all of its processes used, and on how many CPUs. */
  readonly cpuSeconds?: number | undefined;
  readonly cpus?: number | undefined;
  /** Bytes: the most that it used, and was to have. */
  readonly peakMemory?: number | undefined;
  readonly memory?: number | undefined;
  readonly gpus?: number | undefined;
  /** The mean use of its GPUs, from 0 to 1 for each. */
  readonly gpuUse?: number | undefined;
}

/** What an engine tells of the use of ended jobs, by id; none where it keeps no account. */
export async function readUsage(
  engine: BatchEngine,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, JobUsage>> {
  if (!engine.usage || jobIds.length === 0) return new Map();
  const asked = await askEngine(engine.usage, jobIds);
  return asked.kind === 'answer' ? asked.answer : new Map();
}

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Bytes in amounts as engines print them: `4860K`, `1000M`, `203.688KB`, `3.9 Gbytes`; `unit` where there is none. Undefined for anything else. */
export function printedBytes(text: string, unit = ''): number | undefined {
  const [, amount, letter = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt])?(?:i?b\w*)?[nc]?\s*$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return Math.round(Number(amount) * (units[(letter || unit).toLowerCase()] ?? 1));
}

/** Seconds in `1-02:03:04`, `02:03.250`, `00:00:10`; undefined for anything else. */
export function printedSeconds(text: string): number | undefined {
  const [, days = '0', clock = ''] = /^\s*(?:(\d+)-)?([\d:.]+)\s*$/.exec(text) ?? [];
  const parts = clock.split(':').map(Number);
  if (clock === '' || parts.some(Number.isNaN)) return undefined;
  return parts.reduce((sum, part) => sum * 60 + part, 0) + Number(days) * 86_400;
}

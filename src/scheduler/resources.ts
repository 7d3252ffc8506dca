import { fail } from '../core/failure.js';

/** What a job asks for, in one language for every engine. Undefined leaves it to the engine. */
export interface Resources {
  /** Seconds. */
  readonly time: number | undefined;
  /** CPU cores of each task. */
  readonly cpus: number | undefined;
  /** GPUs on each node. */
  readonly gpus: number | undefined;
  /** Bytes on each node. */
  readonly mem: number | undefined;
  /** The queue. */
  readonly partition: string | undefined;
  readonly nodes: number | undefined;
  /** Processes over all nodes. */
  readonly tasks: number | undefined;
  readonly account: string | undefined;
  /** The job's name, instead of that of the run's directory. */
  readonly name: string | undefined;
  /** A property that nodes must have, in the engine's words. */
  readonly constraint: string | undefined;
  /** Whether the engine may start the job again by itself. */
  readonly requeue: boolean | undefined;
}

export type ResourceName = keyof Resources;

export const noResources: Resources = {
  time: undefined,
  cpus: undefined,
  gpus: undefined,
  mem: undefined,
  partition: undefined,
  nodes: undefined,
  tasks: undefined,
  account: undefined,
  name: undefined,
  constraint: undefined,
  requeue: undefined,
};

const units: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Bytes in an amount of memory: `8G`, `512M`, `1.5T`, `8GiB`; units are binary, as engines have them. Undefined for anything else. */
export function parseMemory(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([kmgt])(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(amount) * (units[unit?.toLowerCase() ?? ''] ?? Number.NaN);
  return bytes >= 1 ? Math.ceil(bytes) : undefined;
}

/** An amount of memory as people write it, in the largest unit that holds it exactly: `8G`. */
export function memoryText(bytes: number): string {
  const [unit, size] = Object.entries(units).findLast(([, one]) => bytes % one === 0) ?? ['k', 1024];
  return `${Math.ceil(bytes / size)}${unit.toUpperCase()}`;
}

/** Whole mebibytes, rounded up: what engines count in that know no smaller unit. */
export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}

/** How many tasks and cores a job has on each of its nodes, where that comes out even. Throws `resource-unsupported`. */
export function perNode(engine: string, { nodes = 1, tasks = 1 }: Partial<Resources>): number {
  if (tasks % nodes === 0) return tasks / nodes;
  return unsupported(engine, 'tasks', `${tasks} tasks do not spread evenly over ${nodes} nodes`);
}

/** Refuses what an engine can't express; never drops it. */
export function unsupported(engine: string, resource: ResourceName, why: string): never {
  return fail({ reason: 'resource-unsupported', engine, resource, why });
}

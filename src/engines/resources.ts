import { parseDuration } from '../core/clock.js';
import { fail, type ProblemOf } from '../failures/index.js';

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
  /** Whether the job may be started again after it was preempted or its node was lost; a number says how often at most. */
  readonly requeue: boolean | number | undefined;
  /** Whether a run goes on as its next attempt after its time limit; a number says how often at most. */
  readonly continueOnTimeout: boolean | number | undefined;
  /** What the program is sent before its time limit, `USR1@120`: a signal, and seconds; see `signalOf`. */
  readonly signal: string | undefined;
  /** Whether signals are for the `program` alone, or for the `group` of all that it has started. */
  readonly signalTo: string | undefined;
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
  continueOnTimeout: undefined,
  signal: undefined,
  signalTo: undefined,
};

/** The signals that a program can be sent as a warning: those that its supervisor passes on. */
export const warningSignals = ['USR1', 'USR2', 'HUP', 'INT', 'TERM', 'XCPU'] as const;
export type WarningSignal = (typeof warningSignals)[number];

/** A signal that is sent before a time limit. */
export interface Warning {
  /** Without `SIG`. */
  readonly signal: WarningSignal;
  /** Seconds before the limit. */
  readonly seconds: number;
}

/** `USR1@120`, `SIGUSR1@2m`, `USR1` (60 seconds before the limit); undefined for anything else. */
export function parseWarning(text: string): Warning | undefined {
  const [, name = '', time] = /^(?:SIG)?([A-Z]+\d?)(?:@(.+))?$/.exec(text.trim()) ?? [];
  const signal = warningSignals.find((known) => known === name);
  const seconds = time === undefined ? 60 : parseDuration(time);
  return signal && seconds !== undefined ? { signal, seconds } : undefined;
}

/** What `signal` asks for. */
export function signalOf({ signal }: Partial<Pick<Resources, 'signal'>>): Warning | undefined {
  return signal === undefined ? undefined : parseWarning(signal);
}

/** Seconds before its limit at which a run is asked to end that goes on in another job: a twentieth of it, from 5 to 60. */
export function endMargin(limit: number): number {
  return Math.min(Math.max(5, Math.round(limit / 20)), 60, Math.floor(limit / 2));
}

/** How often something may be done again: never, so many times, or without end. */
export function timesOf(policy: boolean | number | undefined): number {
  if (policy === undefined || policy === false) return 0;
  return policy === true ? Number.POSITIVE_INFINITY : policy;
}

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

/** An amount of memory to three digits, for people: `1.23G`. */
export function roughMemory(bytes: number): string {
  const power = Math.min(4, Math.max(1, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${Number((bytes / 2 ** (10 * power)).toPrecision(3))}${' KMGT'[power]}`;
}

/** Whole mebibytes, rounded up: what engines count in that know no smaller unit. */
export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}

/** How many tasks and cores a job has on each of its nodes, where that comes out even. Throws `resource-unsupported`. */
export function perNode(engine: string, { nodes = 1, tasks = 1 }: Partial<Resources>): number {
  if (tasks % nodes === 0) return tasks / nodes;
  return unsupported(engine, 'tasks', { kind: 'uneven-tasks', tasks, nodes });
}

/** Refuses several queues where an engine's jobs are in one. */
export function oneQueue(engine: string, { partition }: Pick<Resources, 'partition'>): void {
  if (partition?.includes(',')) unsupported(engine, 'partition', { kind: 'one-queue' });
}

/** Refuses what an engine can't express; never drops it. */
export function unsupported(
  engine: string,
  resource: ResourceName | 'grace',
  problem: ProblemOf<'resource-unsupported'>,
): never {
  return fail({ reason: 'resource-unsupported', engine, resource, problem });
}

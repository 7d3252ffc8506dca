import { fail, type ProblemOf } from '../failures/index.js';
import { type ResourceName, type Resources, resourceNames, resourceTable } from '../resources/index.js';

/** The resources that an engine's directives can express. */
export interface SupportedResources {
  readonly names: readonly ResourceName[];
  /** For other resources: why the engine can't express them. */
  readonly instead?: Readonly<Partial<Record<ResourceName, ProblemOf<'resource-unsupported'>>>>;
}

/**
 * Refuses a resource that an engine can't express; mlx never drops one. Always throws `resource-unsupported`.
 */
export function unsupported(
  engine: string,
  resource: ResourceName | 'grace' | 'maxRunning',
  problem: ProblemOf<'resource-unsupported'>,
): never {
  return fail({ reason: 'resource-unsupported', engine, resource, problem });
}

/**
 * Throws `resource-unsupported` for the first resource that is asked for and not supported. `engine` is its
 * title.
 */
export function refuseOthers(engine: string, { names, instead = {} }: SupportedResources, asked: Resources): void {
  const other = resourceNames.find(
    (name) => asked[name] !== undefined && resourceTable[name].by === 'directives' && !names.includes(name),
  );
  if (other !== undefined) unsupported(engine, other, instead[other] ?? { kind: 'no-option' });
}

/** Throws `resource-unsupported` for several queues, for engines whose jobs are in one queue. */
export function oneQueue(engine: string, { partition }: Pick<Resources, 'partition'>): void {
  if (partition?.includes(',')) unsupported(engine, 'partition', { kind: 'one-queue' });
}

/** Returns the number of tasks on each node. Throws `resource-unsupported` if they do not spread evenly. */
export function perNode(engine: string, { nodes = 1, tasks = 1 }: Partial<Resources>): number {
  if (tasks % nodes === 0) return tasks / nodes;
  return unsupported(engine, 'tasks', { kind: 'uneven-tasks', tasks, nodes });
}

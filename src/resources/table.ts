import {
  causes,
  count,
  countOrNone,
  duration,
  jobName,
  line,
  memory,
  type ResourceKind,
  receiver,
  times,
  warning,
  word,
} from './kinds.js';

/** Something that a run can ask for: a time limit, CPUs, a queue, … */
interface ResourceRow<T> {
  readonly kind: ResourceKind<T>;
  /** The help of its option. */
  readonly help: string;
  /** The help of its option with `no-` before the name, if it has one. */
  readonly helpOfNo?: string;
  /** Whether help shows its option behind those of all other rows. */
  readonly lastInHelp?: boolean;
  /** Who understands it besides engines: runs on this machine (`here`), and runs in the local queue. */
  readonly besides: readonly ('here' | 'queue')[];
  /**
   * Who carries it out for a job: the engine, by its directives (an engine that does not list it in its
   * `resources` refuses it), or mlx itself, by the job's name or by the supervisor.
   */
  readonly by: 'directives' | 'mlx';
  /**
   * How `mlx resubmit` can change it: to a value, also to a multiple of the earlier value (`x2`), or not at
   * all.
   */
  readonly resubmit: 'value' | 'multiple' | 'never';
}

const usual = { besides: [], by: 'directives', resubmit: 'value' } as const;

/** The same type with every row checked, and each literal kept for the types of options. */
const rows = <const Table extends Readonly<Record<string, ResourceRow<unknown>>>>(table: Table): Table => table;

/**
 * The resources, in the order in which records and plans have them. A key with dashes is the name of the
 * option, with underscores the key in the settings `scheduler.resources` and `scheduler.profiles`. To add
 * one: a row here, and a line in each engine that knows it (`engines/NAME/directives.ts`). All other engines
 * refuse it.
 */
export const resourceTable = rows({
  time: {
    ...usual,
    kind: duration,
    help: "each job's time limit: 90m, 2h30m, 1:30:00, 1-12 (here: as --walltime)",
    besides: ['here', 'queue'],
    resubmit: 'multiple',
  },
  cpus: {
    ...usual,
    kind: count,
    help: 'CPU cores of each task (here: of each run, which keeps to as many)',
    besides: ['here', 'queue'],
  },
  gpus: { ...usual, kind: count, help: 'GPUs on each node', besides: ['queue'] },
  mem: {
    ...usual,
    kind: memory,
    help: 'memory on each node: 8G, 512M (here: the most that a run may use)',
    besides: ['here', 'queue'],
    resubmit: 'multiple',
  },
  partition: { ...usual, kind: word, help: 'the queue' },
  nodes: { ...usual, kind: count, help: 'how many nodes' },
  tasks: { ...usual, kind: count, help: 'how many processes over all nodes' },
  account: { ...usual, kind: word, help: 'who pays' },
  /** The job's name, instead of one made from the store's name and the run's id. */
  name: {
    ...usual,
    kind: jobName,
    help: "the jobs' name (default: logs/ID)",
    besides: ['queue'],
    by: 'mlx',
    resubmit: 'never',
  },
  constraint: { ...usual, kind: line, help: "what nodes must have, in the engine's words" },
  exclude: {
    ...usual,
    kind: { ...word, shape: 'NODES' },
    help: "nodes that jobs must not run on, in the engine's words: node3, node[3-5]",
  },
  requeue: {
    ...usual,
    kind: times,
    help: 'a job that was preempted, or lost its node, is started again; N times at most',
    helpOfNo: 'it is not',
  },
  continueOnTimeout: {
    ...usual,
    kind: times,
    help: 'a run that reaches its time limit goes on as its next attempt, in another job; N times at most',
    lastInHelp: true,
    besides: ['here', 'queue'],
    by: 'mlx',
  },
  /** See `retryOf` of the store. */
  retries: {
    ...usual,
    kind: countOrNone,
    help: 'a run that fails by itself is tried again as its next attempt; N times at most',
    lastInHelp: true,
    besides: ['here', 'queue'],
    by: 'mlx',
  },
  retryOn: {
    ...usual,
    kind: causes,
    help: 'with --retries: only after these exit codes, out of memory, or the end of its node: 1,137,oom,node',
    lastInHelp: true,
    besides: ['here', 'queue'],
    by: 'mlx',
  },
  /** See `signalOf`. */
  signal: {
    ...usual,
    kind: warning,
    help: 'send this signal so long before the time limit: USR1@120, USR1@10m (default: 60 seconds)',
    besides: ['here', 'queue'],
    by: 'mlx',
  },
  signalTo: {
    ...usual,
    kind: receiver,
    help: 'who gets signals: all that the run has started (default), or its program alone',
    besides: ['here', 'queue'],
    by: 'mlx',
  },
});

export type ResourceTable = typeof resourceTable;

export type ResourceName = keyof ResourceTable;

/** The names of all resources, in the order of the table. */
export const resourceNames = Object.keys(resourceTable) as readonly ResourceName[];

/** The resources whose option may stand without a value. */
export type OptionalResource = {
  [Name in ResourceName]: ResourceTable[Name]['kind']['optional'] extends true ? Name : never;
}[ResourceName];

/** The resources that `mlx resubmit` can change. */
export type ChangeableResource = {
  [Name in ResourceName]: ResourceTable[Name]['resubmit'] extends 'never' ? never : Name;
}[ResourceName];

/** The resources that `mlx resubmit` can change to a multiple. */
export type MultipliedResource = {
  [Name in ResourceName]: ResourceTable[Name]['resubmit'] extends 'multiple' ? Name : never;
}[ResourceName];

type ValueOf<Row> = Row extends { readonly kind: { parse(text: string): infer T } } ? Exclude<T, undefined> : never;

/** What a job asks for, in the same terms for every engine. Undefined leaves the decision to the engine. */
export type Resources = { readonly [Name in ResourceName]: ValueOf<ResourceTable[Name]> | undefined };

/** True for a resource whose option may stand without a value. */
export const isOptional = (name: ResourceName): name is OptionalResource => resourceTable[name].kind.optional;

/** True for a resource that `mlx resubmit` can change. */
export const isChangeable = (name: ResourceName): name is ChangeableResource =>
  resourceTable[name].resubmit !== 'never';

/** True for a resource that `mlx resubmit` can change to a multiple. */
export const isMultiplied = (name: ResourceName): name is MultipliedResource =>
  resourceTable[name].resubmit === 'multiple';

/** The resources that runs on this machine, or in the local queue, understand. */
export const resourcesBesides = (who: 'here' | 'queue'): ResourceName[] =>
  resourceNames.filter((name) => rowOf(name).besides.includes(who));

/** Returns the row of a resource, its value being of any kind. */
export const rowOf = (name: ResourceName): ResourceRow<unknown> => resourceTable[name];

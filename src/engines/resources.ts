import camelCase from 'lodash/camelCase.js';
import mapKeys from 'lodash/mapKeys.js';
import mapValues from 'lodash/mapValues.js';
import { parseDuration } from '../core/clock.js';
import { type Failure, fail } from '../failures/index.js';
import { parseMemory } from './memory.js';
import { parseWarning, warningSignals } from './warning.js';

type ExpectedResource = Extract<Failure, { readonly reason: 'bad-resource' }>['expected'];

/** How the text of a resource is read. */
interface ResourceKind<T> {
  /** Returns undefined for a text that is not of this kind. */
  readonly parse: (text: string) => T | undefined;
  /** What the message `bad-resource` says is expected. */
  readonly expected: ExpectedResource;
}

/** Something that a run can ask for: a time limit, CPUs, a queue, … */
interface ResourceRow<T> {
  readonly kind: ResourceKind<T>;
  /**
   * The key in the settings `scheduler.resources` and `scheduler.profiles`; with dashes, the name of the
   * option.
   */
  readonly setting: string;
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

const duration: ResourceKind<number> = { parse: parseDuration, expected: { kind: 'time' } };
const count: ResourceKind<number> = {
  parse: (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
  expected: { kind: 'count' },
};
const memory: ResourceKind<number> = { parse: parseMemory, expected: { kind: 'memory' } };
// Engines read these without quotes: a blank would end the value and begin another option.
const word: ResourceKind<string> = {
  parse: (text) => (/^[^\s"'\\]+$/.test(text) ? text : undefined),
  expected: { kind: 'word' },
};
const line = (kind: 'name' | 'line'): ResourceKind<string> => ({
  parse: (text) => (text !== '' && !/[\u0000-\u001f\u007f]/.test(text) ? text : undefined),
  expected: { kind },
});
/** False is never, true is without end, a number is the most times. */
const times: ResourceKind<boolean | number> = {
  parse(text) {
    if (text === 'true' || text === 'auto') return true;
    return text === 'false' ? false : count.parse(text);
  },
  expected: { kind: 'times' },
};
const warning: ResourceKind<string> = {
  parse(text) {
    const found = parseWarning(text);
    return found && `${found.signal}@${found.seconds}`;
  },
  expected: { kind: 'signal', signals: warningSignals },
};
const receiver: ResourceKind<string> = {
  parse: (text) => (text === 'program' || text === 'group' ? text : undefined),
  expected: { kind: 'signal-to' },
};

const row = <T>(
  kind: ResourceKind<T>,
  setting: string,
  rest: Partial<Omit<ResourceRow<T>, 'kind' | 'setting'>> = {},
): ResourceRow<T> => ({ kind, setting, besides: [], by: 'directives', resubmit: 'value', ...rest });

/**
 * The resources. To add one: a row here, its option in `cli`, its key in the schema of the settings, and a
 * line in each engine that knows it (`engines/NAME/directives.ts`). All other engines refuse it.
 */
export const resourceTable = {
  /** Seconds. */
  time: row(duration, 'time', { besides: ['here', 'queue'], resubmit: 'multiple' }),
  /** CPU cores of each task. */
  cpus: row(count, 'cpus', { besides: ['here', 'queue'] }),
  /** GPUs on each node. */
  gpus: row(count, 'gpus', { besides: ['queue'] }),
  /** Bytes on each node. */
  mem: row(memory, 'mem', { besides: ['here', 'queue'], resubmit: 'multiple' }),
  /** The queue. */
  partition: row(word, 'partition'),
  nodes: row(count, 'nodes'),
  /** Processes over all nodes. */
  tasks: row(count, 'tasks'),
  account: row(word, 'account'),
  /** The job's name, instead of one made from the store's name and the run's id. */
  name: row(line('name'), 'name', { besides: ['queue'], by: 'mlx', resubmit: 'never' }),
  /** A property that nodes must have, in the engine's words. */
  constraint: row(line('line'), 'constraint'),
  /** How often the job may start again after it was preempted or its node was lost. */
  requeue: row(times, 'requeue'),
  /** How often a run may continue as its next attempt after its time limit. */
  continueOnTimeout: row(times, 'continue_on_timeout', { besides: ['here', 'queue'], by: 'mlx' }),
  /**
   * The signal that the program gets before its time limit, and how many seconds before: `USR1@120`. See
   * `signalOf`.
   */
  signal: row(warning, 'signal', { besides: ['here', 'queue'], by: 'mlx' }),
  /** Who gets signals: the `program` alone, or the `group` of all processes that it has started. */
  signalTo: row(receiver, 'signal_to', { besides: ['here', 'queue'], by: 'mlx' }),
} as const;

export type ResourceName = keyof typeof resourceTable;

type ValueOf<Row> = Row extends ResourceRow<infer T> ? T : never;

/** What a job asks for, in the same terms for every engine. Undefined leaves the decision to the engine. */
export type Resources = { readonly [Name in ResourceName]: ValueOf<(typeof resourceTable)[Name]> | undefined };

/** The names of all resources, in the order of the table. */
export const resourceNames = Object.keys(resourceTable) as readonly ResourceName[];

/** Asks for nothing. */
export const noResources: Resources = mapValues(resourceTable, () => undefined);

/** Returns the option of a resource, without its dashes: `continue-on-timeout`. */
export function resourceOption(name: ResourceName): string {
  return resourceTable[name].setting.replaceAll('_', '-');
}

/**
 * Reads resources as they are written in the settings, a profile and options. A later layer wins over an
 * earlier one. Keys may be spelled as in the settings or as options; keys of no resource are ignored. Throws
 * `bad-resource`.
 */
export function readResources(layers: readonly Readonly<Record<string, unknown>>[]): Resources {
  const raw: Readonly<Record<string, unknown>> = Object.assign(
    {},
    ...layers.map((layer) => mapKeys(layer, (_, name) => camelCase(name))),
  );
  return mapValues(resourceTable, ({ kind }, resource) => {
    const value = raw[resource];
    if (value === undefined) return undefined;
    const text = String(value);
    return kind.parse(text) ?? fail({ reason: 'bad-resource', resource, value: text, expected: kind.expected });
  }) as Resources;
}

/** Returns how often something may be done again: 0 for never, Infinity for without end. */
export function timesOf(policy: boolean | number | undefined): number {
  if (policy === undefined || policy === false) return 0;
  return policy === true ? Number.POSITIVE_INFINITY : policy;
}

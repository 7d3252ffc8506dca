import { type ResourceName, resourceNames, resourcesBesides, resourceTable } from '../resources/index.js';
import type { RawResources } from '../settings/index.js';

/** The resources that runs ask for, as they are typed: `time: '2h'`, `mem: '8G'`. */
type ResourceOptions = { readonly [Name in ResourceName]?: string | undefined };

/**
 * What the options of a launch say about its target, under the names of the command line in camel case. The
 * target that they are for refuses those that it does not understand.
 */
export interface TargetOptions extends ResourceOptions {
  /** The same as `time`, in seconds. */
  readonly walltime?: number | undefined;

  /** Here: how many runs at once; undefined for as many as there are CPU cores. */
  readonly parallel?: number | undefined;
  /** The same as `maxFailures: 1`. */
  readonly failFast?: boolean;
  /** After how many runs that ended badly no further run starts. */
  readonly maxFailures?: number | undefined;
  /** Here: seconds between asking a run to end and killing it. */
  readonly grace?: number | undefined;
  /** Here: how many GPUs of this machine each run has to itself. */
  readonly gpusPerRun?: number | undefined;
  readonly stream?: boolean;
  readonly notify?: string | undefined;

  readonly noRequeue?: boolean;
  /** Options in the engine's own words. */
  readonly option?: readonly string[];
  /** A set of resources in the settings. */
  readonly profile?: string | undefined;
  /** Variables that the scripts set to their values at launch. */
  readonly export?: readonly string[];
  readonly array?: 'auto' | 'always' | 'never' | undefined;
  readonly maxRunning?: number | undefined;
  readonly pack?: number | undefined;
  readonly maxQueued?: number | undefined;
  readonly onSubmitError?: 'stop' | 'continue' | undefined;
  readonly wait?: boolean;
  /** In the local queue: runs with a higher number start earlier. */
  readonly priority?: number | undefined;
  readonly logDir?: string | undefined;

  readonly after?: readonly string[];
  readonly afterOk?: readonly string[];
  readonly afterAny?: readonly string[];
  readonly afterFail?: readonly string[];
  readonly onDependencyFailure?: 'fail' | 'run' | undefined;
}

/** The options by which runs wait for others. */
export const waitingKeys = ['after', 'afterOk', 'afterAny', 'afterFail', 'onDependencyFailure'] as const;

/** The resources that `mlx resubmit` can change, and then the others. */
const resourceKeys = [
  ...resourceNames.filter((name) => resourceTable[name].resubmit !== 'never'),
  ...resourceNames.filter((name) => resourceTable[name].resubmit === 'never'),
];

/** The options that make no sense for processes on this machine. */
export const jobOnlyKeys: readonly (keyof TargetOptions & string)[] = [
  ...resourceKeys.filter((name) => !resourcesBesides('here').includes(name)),
  'noRequeue',
  'option',
  'export',
  'profile',
  'array',
  'maxRunning',
  'pack',
  'maxQueued',
  'onSubmitError',
  'wait',
  'priority',
  ...waitingKeys,
];

/** Returns the resources that the options name; keys without a value are left out. */
export function askedResources(options: TargetOptions, keys: readonly ResourceName[] = resourceKeys): RawResources {
  const given = keys.flatMap((key) => {
    const value = options[key];
    return value === undefined ? [] : [[key, value]];
  });
  return {
    ...Object.fromEntries(given),
    ...(options.walltime !== undefined && { time: options.walltime }),
    ...(options.noRequeue && { requeue: false }),
  };
}

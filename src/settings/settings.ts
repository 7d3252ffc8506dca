import * as v from 'valibot';
import {
  isOptional,
  type OptionalResource,
  type ResourceName,
  resourceNames,
  resourceSetting,
  type SettingName,
} from '../resources/index.js';

/**
 * The settings of mlx: MLXP's settings under MLXP's names, and a few of mlx's own. The schema is their only
 * definition; the types are inferred from it.
 */

const commands = v.union([v.string(), v.array(v.string())], 'a command or a list of commands');
const text = v.string('text');
const flag = v.boolean('true or false');
const directory = v.pipe(text, v.nonEmpty('a directory'));

const amount = v.optional(v.union([v.string(), v.number()], 'text or a number'));
const times = v.optional(v.union([flag, v.pipe(v.number(), v.integer(), v.minValue(1))], 'true, false or how often'));
type ResourceEntries = {
  readonly [Name in ResourceName as SettingName<Name>]: Name extends OptionalResource ? typeof times : typeof amount;
};
const resourceEntries = Object.fromEntries(
  resourceNames.map((name) => [resourceSetting(name), isOptional(name) ? times : amount]),
) as ResourceEntries;
const directives = v.array(v.string(), 'a list of directives');

const logger = v.strictObject({
  name: text,
  /** The store. */
  parent_log_dir: directory,
  /** -1, or the id of the run to continue as a new attempt. */
  forced_log_id: v.pipe(v.number('a run id, or -1'), v.integer('a run id, or -1'), v.minValue(-1, 'a run id, or -1')),
  log_streams_to_file: flag,
  /** Whether a group writes the store. */
  group_writable: flag,
});

const scheduler = v.strictObject({
  name: text,
  shell_path: v.pipe(text, v.regex(/^\//, 'an absolute path')),
  shell_config_cmd: text,
  env_cmd: commands,
  cleanup_cmd: commands,
  option_cmd: directives,
  array: v.picklist(['auto', 'always', 'never'], 'auto, always or never'),
  /** The resources of every job, as in `--time`. Profiles and options override them. */
  resources: v.strictObject(resourceEntries),
  /** Named sets of resources and further `option_cmd`, for `--profile`. */
  profiles: v.record(v.string(), v.strictObject({ ...resourceEntries, option_cmd: v.optional(directives) })),
  /** Whether to submit the rest of a launch after the engine refused a job. */
  on_submit_error: v.picklist(['stop', 'continue'], 'stop or continue'),
});

const versionManager = v.strictObject({
  name: v.pipe(text, v.regex(/^(mlxp\.)?GitVM$/, 'GitVM, the only version manager there is')),
  parent_work_dir: directory,
  compute_requirements: flag,
  /**
   * What to do with untracked files, with uncommitted
   * changes, and where runs start. `ask` asks on a terminal.
   */
  untracked: v.picklist(['ask', 'add', 'ignore', 'fail'], 'ask, add, ignore or fail'),
  uncommitted: v.picklist(['ask', 'commit', 'snapshot', 'ignore', 'fail'], 'ask, commit, snapshot, ignore or fail'),
  run_from: v.picklist(['ask', 'copy', 'here'], 'ask, copy or here'),
  /** Whether the files of copies are write-protected. */
  read_only: flag,
  /** Directories of data that git ignores, which copies link to. */
  link: v.array(v.pipe(text, v.nonEmpty('a path')), 'a list of paths'),
});

/** The attempts whose metrics are a run's metrics: those on the way to the last one, or only the last one. */
const results = v.strictObject({ attempts: v.picklist(['path', 'last'], 'path or last') });

const topLevel = v.strictObject({
  use_scheduler: flag,
  use_version_manager: flag,
  interactive_mode: flag,
  /** MLXP programs read `use_logger` and `as_ConfigDict`; mlx does not. */
  use_logger: flag,
  /** Whether runs receive the values of interpolations, if the config alone decides them. */
  resolve: flag,
  as_ConfigDict: flag,
  /** Environment variables that scripts set as they were at launch. A trailing `*` matches any ending. */
  environment: v.array(
    v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*\*?$/, 'names of variables')),
    'a list of names of variables',
  ),
  /** Seconds between asking a run to end (TERM) and killing it. */
  grace: v.pipe(v.number('seconds'), v.minValue(0, 'seconds, 0 or more')),
  /** The most runs of a sweep. */
  max_runs: v.pipe(v.number('a whole number'), v.integer('a whole number'), v.minValue(1, 'at least 1')),
});

const sections = { logger, scheduler, version_manager: versionManager, results };

const completeSettings = v.strictObject({ ...sections, ...topLevel.entries });

/** The schema of a settings file. Every key may be missing. */
export const partialSettings = v.partial(
  v.strictObject({
    logger: v.partial(logger),
    scheduler: v.partial(scheduler),
    version_manager: v.partial(versionManager),
    results: v.partial(results),
    ...topLevel.entries,
  }),
);

type ReadonlySections<T> = { readonly [K in keyof T]: T[K] extends unknown[] ? T[K] : Readonly<T[K]> };

/** All settings. Once loaded, their paths are absolute. */
export type Settings = ReadonlySections<v.InferOutput<typeof completeSettings>>;

/** The settings of one file, override or command line. */
export type PartialSettings = v.InferOutput<typeof partialSettings>;

/** Resources as a user writes them: `time: 2h`. The engines know what each one means. */
export type RawResources = Readonly<Partial<Record<string, string | number | boolean | string[]>>>;

/** The settings that apply without a settings file. */
export const defaultSettings: Settings = {
  logger: {
    name: 'DefaultLogger',
    parent_log_dir: './logs',
    forced_log_id: -1,
    log_streams_to_file: true,
    group_writable: false,
  },
  scheduler: {
    name: 'NoScheduler',
    shell_path: '/bin/bash',
    shell_config_cmd: '',
    env_cmd: '',
    cleanup_cmd: '',
    option_cmd: [],
    array: 'auto',
    resources: {},
    profiles: {},
    on_submit_error: 'stop',
  },
  version_manager: {
    name: 'GitVM',
    parent_work_dir: './.workdir',
    compute_requirements: false,
    untracked: 'ask',
    uncommitted: 'ask',
    run_from: 'ask',
    read_only: false,
    link: [],
  },
  results: { attempts: 'path' },
  use_scheduler: false,
  use_version_manager: false,
  interactive_mode: true,
  use_logger: true,
  resolve: true,
  as_ConfigDict: true,
  environment: ['PATH', 'VIRTUAL_ENV', 'CONDA_*', 'PYTHONPATH', 'LD_LIBRARY_PATH'],
  grace: 10,
  max_runs: 10_000,
};

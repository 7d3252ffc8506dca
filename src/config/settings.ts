import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { fail } from '../core/failure.js';
import type { Span } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { elementValue, isList, isMapping, isSweep, type Override, type Value } from '../sweep/index.js';

/** Resources as they are written, `time: 2h`; what each means, the engines know. */
export type RawResources = Readonly<Partial<Record<string, string | number | boolean | string[]>>>;

/** How mlx behaves: MLXP's settings under MLXP's names, and a few of mlx's own. Paths are absolute once settled. */
export interface Settings {
  readonly logger: {
    readonly name: string;
    /** The store. */
    readonly parent_log_dir: string;
    /** -1, or the run to continue as a new attempt. */
    readonly forced_log_id: number;
    readonly log_streams_to_file: boolean;
  };
  readonly scheduler: {
    readonly name: string;
    readonly shell_path: string;
    readonly shell_config_cmd: string;
    readonly env_cmd: string | string[];
    readonly cleanup_cmd: string | string[];
    readonly option_cmd: string[];
    readonly array: 'auto' | 'always' | 'never';
    /** What every job asks for, as `--time` and the like; flags and profiles go before it. */
    readonly resources: RawResources;
    /** Sets of resources by name, with further `option_cmd`, for `--profile`. */
    readonly profiles: Readonly<Record<string, RawResources & { readonly option_cmd?: string[] | undefined }>>;
    /** Whether the rest of a launch is submitted after the engine has refused a job. */
    readonly on_submit_error: 'stop' | 'continue';
  };
  readonly version_manager: {
    readonly name: string;
    readonly parent_work_dir: string;
    readonly compute_requirements: boolean;
    /** What becomes of untracked files and of uncommitted changes, and where runs start; `ask` asks on a terminal. */
    readonly untracked: 'ask' | 'add' | 'ignore' | 'fail';
    readonly uncommitted: 'ask' | 'commit' | 'snapshot' | 'ignore' | 'fail';
    readonly run_from: 'ask' | 'copy' | 'here';
    /** Whether the files of copies can't be written to. */
    readonly read_only: boolean;
    /** Directories of data that git ignores, to be linked into copies. */
    readonly link: string[];
  };
  readonly results: {
    /** Which attempts the metrics of a run are of: those on the way to the last one, or the last one alone. */
    readonly attempts: 'path' | 'last';
  };
  readonly use_scheduler: boolean;
  readonly use_version_manager: boolean;
  readonly interactive_mode: boolean;
  /** Whether runs are given the values of interpolations, as far as the config alone decides them. */
  readonly resolve: boolean;
  /** Read by MLXP programs; mlx itself does not use these two. */
  readonly use_logger: boolean;
  readonly as_ConfigDict: boolean;
  /** Names of environment variables that scripts set as they were at launch; a trailing `*` matches any ending. */
  readonly environment: string[];
  /** Seconds between asking a run to end (TERM) and killing it. */
  readonly grace: number;
  /** A sweep of more runs than this is refused. */
  readonly max_runs: number;
}

export const defaultSettings: Settings = {
  logger: { name: 'DefaultLogger', parent_log_dir: './logs', forced_log_id: -1, log_streams_to_file: true },
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

const commands = v.union([v.string(), v.array(v.string())], 'a command or a list of commands');
const text = v.string('text');
const flag = v.boolean('true or false');

const amount = v.optional(v.union([v.string(), v.number()], 'text or a number'));
const times = v.optional(v.union([flag, v.pipe(v.number(), v.integer(), v.minValue(1))], 'true, false or how often'));
const resourceEntries = {
  time: amount,
  cpus: amount,
  gpus: amount,
  mem: amount,
  partition: amount,
  nodes: amount,
  tasks: amount,
  account: amount,
  name: amount,
  constraint: amount,
  requeue: times,
  continue_on_timeout: times,
  signal: amount,
  signal_to: amount,
};
const directives = v.optional(v.array(v.string(), 'a list of directives'));

/** What a settings file may say. The JSON schema for editors is made from it. */
export const partialSettings = v.strictObject({
  logger: v.optional(
    v.strictObject({
      name: v.optional(text),
      parent_log_dir: v.optional(v.pipe(text, v.nonEmpty('a directory'))),
      forced_log_id: v.optional(
        v.pipe(v.number('a run id, or -1'), v.integer('a run id, or -1'), v.minValue(-1, 'a run id, or -1')),
      ),
      log_streams_to_file: v.optional(flag),
    }),
  ),
  scheduler: v.optional(
    v.strictObject({
      name: v.optional(text),
      shell_path: v.optional(v.pipe(text, v.regex(/^\//, 'an absolute path'))),
      shell_config_cmd: v.optional(text),
      env_cmd: v.optional(commands),
      cleanup_cmd: v.optional(commands),
      option_cmd: directives,
      array: v.optional(v.picklist(['auto', 'always', 'never'], 'auto, always or never')),
      resources: v.optional(v.strictObject(resourceEntries)),
      profiles: v.optional(v.record(v.string(), v.strictObject({ ...resourceEntries, option_cmd: directives }))),
      on_submit_error: v.optional(v.picklist(['stop', 'continue'], 'stop or continue')),
    }),
  ),
  version_manager: v.optional(
    v.strictObject({
      name: v.optional(v.pipe(text, v.regex(/^(mlxp\.)?GitVM$/, 'GitVM, the only version manager there is'))),
      parent_work_dir: v.optional(v.pipe(text, v.nonEmpty('a directory'))),
      compute_requirements: v.optional(flag),
      untracked: v.optional(v.picklist(['ask', 'add', 'ignore', 'fail'], 'ask, add, ignore or fail')),
      uncommitted: v.optional(
        v.picklist(['ask', 'commit', 'snapshot', 'ignore', 'fail'], 'ask, commit, snapshot, ignore or fail'),
      ),
      run_from: v.optional(v.picklist(['ask', 'copy', 'here'], 'ask, copy or here')),
      read_only: v.optional(flag),
      link: v.optional(v.array(v.pipe(text, v.nonEmpty('a path')), 'a list of paths')),
    }),
  ),
  results: v.optional(v.strictObject({ attempts: v.optional(v.picklist(['path', 'last'], 'path or last')) })),
  use_scheduler: v.optional(flag),
  use_version_manager: v.optional(flag),
  interactive_mode: v.optional(flag),
  use_logger: v.optional(flag),
  resolve: v.optional(flag),
  as_ConfigDict: v.optional(flag),
  environment: v.optional(
    v.array(v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*\*?$/, 'names of variables')), 'a list of names of variables'),
  ),
  grace: v.optional(v.pipe(v.number('seconds'), v.minValue(0, 'seconds, 0 or more'))),
  max_runs: v.optional(v.pipe(v.number('a whole number'), v.integer('a whole number'), v.minValue(1, 'at least 1'))),
});

type PartialSettings = v.InferOutput<typeof partialSettings>;

/** Where settings came from: the file found, if any, and others beside it that are not read. */
export interface SettingsFile {
  readonly path: string;
  readonly ignored: readonly string[];
}

const fileNames = ['mlx.yaml', 'mlxp.yaml', 'mlxpy.yaml'];

/** The first `configs/mlx.yaml` (or `mlxp.yaml`, `mlxpy.yaml`) from `directory` upward. */
export function findSettingsFile(directory: string): SettingsFile | undefined {
  for (let at = resolve(directory); ; at = dirname(at)) {
    const [path, ...ignored] = fileNames.map((name) => join(at, 'configs', name)).filter((name) => existsSync(name));
    if (path !== undefined) return { path, ignored };
    if (dirname(at) === at) return undefined;
  }
}

const prefix = /^(?:mlx|mlxp|mlxpy)\./;

/** Whether an override is for mlx itself: `+mlx.use_scheduler=True`, `mlxp.logger.parent_log_dir=/data`. */
export function isSettingsOverride(override: Override): boolean {
  return prefix.test(override.key) && override.package === undefined;
}

/**
 * The settings in force: defaults, then the file, then overrides, then flags. Relative directories of the file are
 * meant from the directory that holds its `configs/`; those of overrides and flags from `cwd`.
 * Throws `unreadable-file`, `yaml-syntax`, `unknown-setting`, `bad-setting` or `sweep-not-allowed`.
 */
export async function loadSettings(input: {
  readonly cwd: string;
  readonly file: SettingsFile | undefined;
  readonly overrides: readonly Override[];
  readonly flags: PartialSettings;
}): Promise<Settings> {
  const { cwd, file, overrides, flags } = input;
  const layers: PartialSettings[] = [];
  if (file) layers.push(absolutePaths(await readSettingsFile(file.path), dirname(dirname(file.path))));
  for (const override of overrides) layers.push(absolutePaths(readSettingsOverride(override), cwd));
  layers.push(absolutePaths(flags, cwd));
  return layers.reduce<Settings>(overlay, absolutePaths(defaultSettings, cwd) as Settings);
}

async function readSettingsFile(path: string): Promise<PartialSettings> {
  const { readYamlFile } = await import('./yaml.js');
  const file = readYamlFile(path, path);
  if (file.value === null) return {};
  if (!isMapping(file.value)) return fail({ reason: 'yaml-not-mapping', path });
  return check(file.value, { ofKey: (keys) => file.spanAt(keys), ofValue: (keys) => file.spanAt(keys) });
}

function readSettingsOverride(override: Override): PartialSettings {
  const { value: element } = override;
  if (isSweep(element)) fail({ reason: 'sweep-not-allowed', span: override.span, where: 'a setting of mlx' });
  if (!element || override.kind === 'delete') return {};
  const keys = override.key.replace(prefix, '').split('.');
  const value = keys.reduceRight<Value>((inner, key) => new Map([[key, inner]]), elementValue(element));
  return check(value, { ofKey: () => override.keySpan, ofValue: () => element.span });
}

/** Where the key of a setting stands, and where its value does. */
interface SettingSpans {
  readonly ofKey: (path: (string | number)[]) => Span;
  readonly ofValue: (path: (string | number)[]) => Span;
}

function check(value: Value, spans: SettingSpans): PartialSettings {
  const result = v.safeParse(partialSettings, plainData(value), { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const key = path.join('.');
  if (issue.type !== 'strict_object' || issue.expected !== 'never') {
    const expected = issue.type === 'strict_object' ? 'a mapping' : issue.message;
    return fail({ reason: 'bad-setting', key, span: spans.ofValue(path), expected });
  }
  const known = knownKeys(path.slice(0, -1));
  return fail({ reason: 'unknown-setting', key, span: spans.ofKey(path), near: nearest(String(path.at(-1)), known) });
}

function knownKeys(path: readonly (string | number)[]): string[] {
  let at: unknown = defaultSettings;
  for (const key of path)
    at = typeof at === 'object' && at !== null ? Object.entries(at).find(([k]) => k === key)?.[1] : {};
  return Object.keys(at ?? {});
}

/** A value as plain data for a schema: numbers instead of bigints. Unknown keys reach the schema's own check. */
export function plainData(value: Value): unknown {
  if (isList(value)) return value.map(plainData);
  if (isMapping(value)) return Object.fromEntries([...value].map(([key, item]) => [String(key), plainData(item)]));
  return typeof value === 'bigint' ? Number(value) : value;
}

function absolutePaths<T extends PartialSettings>(settings: T, directory: string): T {
  const { logger, scheduler, version_manager } = settings;
  return {
    ...settings,
    ...(scheduler?.name?.startsWith('.') && { scheduler: { ...scheduler, name: resolve(directory, scheduler.name) } }),
    ...(logger?.parent_log_dir && { logger: { ...logger, parent_log_dir: resolve(directory, logger.parent_log_dir) } }),
    ...(version_manager && {
      version_manager: {
        ...version_manager,
        ...(version_manager.parent_work_dir && {
          parent_work_dir: resolve(directory, version_manager.parent_work_dir),
        }),
        ...(version_manager.link && { link: version_manager.link.map((path) => resolve(directory, path)) }),
      },
    }),
  };
}

function overlay(base: Settings, layer: PartialSettings): Settings {
  return {
    ...base,
    ...layer,
    logger: { ...base.logger, ...layer.logger },
    scheduler: { ...base.scheduler, ...layer.scheduler },
    version_manager: { ...base.version_manager, ...layer.version_manager },
    results: { ...base.results, ...layer.results },
  } as Settings;
}

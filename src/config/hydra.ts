import partition from 'lodash/partition.js';
import type { Source, Span } from '../core/span.js';
import { canonicalToken, type PlainOverride } from '../sweep/index.js';
import { isMapping, type Scalar, type Value } from '../values/index.js';
import type { GroupItem } from './defaults/defaults-list.js';
import type { ConfigFile } from './files/types.js';

/**
 * Hydra 1.3's own config, as far as programs' configs and overrides refer to it: its keys, its groups, and
 * the options of Hydra and its published plugins (`hydra.conf.HydraConf`;
 * https://hydra.cc/docs/1.3/configure_hydra/intro/).
 */

const hydraSource: Source = { name: 'Hydra', text: '' };
const hydraSpan: Span = { source: hydraSource, offset: 0, length: 0 };

const mapping = (data: Readonly<Record<string, Value>>): ReadonlyMap<Scalar, Value> => new Map(Object.entries(data));

type Options = ReadonlyMap<string, ReadonlyMap<Scalar, Value>>;

const empty = (...names: readonly string[]): Options => new Map(names.map((name) => [name, mapping({})]));

/** The options of each group. The first one is the default. */
const options: ReadonlyMap<string, Options> = new Map([
  ['hydra/output', empty('default')],
  [
    'hydra/launcher',
    new Map([['basic', mapping({ _target_: 'hydra._internal.core_plugins.basic_launcher.BasicLauncher' })]]),
  ],
  [
    'hydra/sweeper',
    new Map([
      [
        'basic',
        mapping({
          _target_: 'hydra._internal.core_plugins.basic_sweeper.BasicSweeper',
          max_batch_size: null,
          params: null,
        }),
      ],
    ]),
  ],
  [
    'hydra/help',
    new Map([['default', mapping({ app_name: '${hydra.job.name}', header: '', footer: '', template: '' })]]),
  ],
  ['hydra/hydra_help', new Map([['default', mapping({ hydra_help: '???', template: '' })]])],
  ['hydra/hydra_logging', empty('default', 'disabled', 'hydra_debug', 'none')],
  ['hydra/job_logging', empty('default', 'disabled', 'none', 'stdout')],
  ['hydra/env', empty('default')],
]);

/** The options of published plugins. Their configs are in Python packages, so their keys are unknown here. */
const pluginOptions: ReadonlyMap<string, readonly string[]> = new Map([
  ['hydra/launcher', ['joblib', 'ray', 'ray_aws', 'rq', 'submitit_local', 'submitit_slurm']],
  ['hydra/sweeper', ['ax', 'nevergrad', 'optuna']],
  ['hydra/hydra_logging', ['colorlog']],
  ['hydra/job_logging', ['colorlog']],
]);

const content = mapping({
  mode: null,
  searchpath: [],
  run: mapping({ dir: 'outputs/${now:%Y-%m-%d}/${now:%H-%M-%S}' }),
  sweep: mapping({ dir: 'multirun/${now:%Y-%m-%d}/${now:%H-%M-%S}', subdir: '${hydra.job.num}' }),
  hydra_logging: mapping({}),
  job_logging: mapping({}),
  sweeper: mapping({}),
  launcher: mapping({}),
  callbacks: mapping({}),
  help: mapping({}),
  hydra_help: mapping({}),
  overrides: mapping({ hydra: '???', task: '???' }),
  output_subdir: '.hydra',
  job: mapping({
    name: '???',
    chdir: null,
    override_dirname: '???',
    id: '???',
    num: '???',
    config_name: '???',
    env_set: mapping({}),
    env_copy: [],
    config: mapping({ override_dirname: mapping({ kv_sep: '=', item_sep: ',', exclude_keys: [] }) }),
  }),
  runtime: mapping({
    version: '???',
    version_base: '???',
    cwd: '???',
    config_sources: '???',
    output_dir: '???',
    choices: mapping({}),
  }),
  env: mapping({}),
  verbose: false,
});

/** The parts of Hydra's config that may have any keys. */
const open: ReadonlySet<string> = new Set([
  'hydra_logging',
  'job_logging',
  'callbacks',
  'env',
  'sweeper.params',
  'job.env_set',
  'runtime.choices',
  'help',
  'hydra_help',
]);

const group = (name: string, option: string | null): GroupItem => ({
  kind: 'group',
  group: name,
  option,
  package: undefined,
  optional: false,
  override: false,
  span: hydraSpan,
});

const defaults = [
  ...[...options].map(([name, choices]) => group(name.replace('hydra/', ''), [...choices.keys()][0] ?? null)),
  group('callbacks', null),
];

/** The path of Hydra's own config. */
export const hydraConfigPath = 'hydra/config';
/** The path of the primary config of a program without a config file. */
export const emptyConfigPath = '_dummy_empty_config_';

/** Returns a config of Hydra or its plugins; undefined for any other path. */
export function builtinConfig(path: string): ConfigFile | undefined {
  const found = builtinContent(path);
  if (!found) return undefined;
  const isConfig = path === hydraConfigPath;
  const items = isConfig ? [...defaults, { kind: 'self' as const, span: hydraSpan }] : [];
  return {
    path,
    yaml: { source: hydraSource, value: found, spanAt: () => hydraSpan, spelling: () => undefined },
    header: path.startsWith('hydra/output/') ? 'hydra' : undefined,
    defaults: items,
    content: found,
    location: '',
    bases: [],
  };
}

function builtinContent(path: string): ReadonlyMap<Scalar, Value> | undefined {
  if (path === hydraConfigPath) return content;
  if (path === emptyConfigPath) return mapping({});
  const slash = path.lastIndexOf('/');
  const [name, option] = [path.slice(0, slash), path.slice(slash + 1)];
  return options.get(name)?.get(option) ?? (isPlugin(name, option) ? mapping({}) : undefined);
}

const isPlugin = (name: string, option: string) => pluginOptions.get(name)?.includes(option) === true;

/** Returns the options of a group of Hydra, without those of plugins; undefined for any other group. */
export function builtinOptions(name: string): readonly string[] | undefined {
  if (name === 'hydra') return ['config'];
  if (name === 'hydra/callbacks') return [];
  const choices = options.get(name);
  return choices && [...choices.keys()];
}

/**
 * Returns whether a key of Hydra's config (`['launcher',
 * 'n_jobs']`) belongs to a plugin, whose keys are unknown.
 */
export function isOfPlugin([part = '']: readonly string[], chosen: (group: string) => unknown): boolean {
  return ['launcher', 'sweeper'].includes(part) && chosen(`hydra/${part}`) !== 'basic';
}

/**
 * Returns the first key in a program's `hydra:` that Hydra does not have, with the keys that Hydra has there.
 */
export function unknownHydraKey(
  hydra: Value,
  chosen: (group: string) => unknown,
): { readonly path: readonly string[]; readonly known: readonly string[] } | undefined {
  const walk = (
    value: Value,
    known: Value | undefined,
    path: readonly string[],
  ): ReturnType<typeof unknownHydraKey> => {
    if (!isMapping(value) || !isMapping(known) || open.has(path.join('.')) || isOfPlugin(path, chosen))
      return undefined;
    for (const [key, item] of value) {
      const below = [...path, String(key)];
      if (!known.has(key)) return { path: below, known: [...known.keys()].map(String) };
      const unknown = walk(item, known.get(key), below);
      if (unknown) return unknown;
    }
    return undefined;
  };
  return walk(hydra, schema, []);
}

const schema = new Map([
  ...content,
  ['launcher', options.get('hydra/launcher')?.get('basic') ?? null] as const,
  ['sweeper', options.get('hydra/sweeper')?.get('basic') ?? null] as const,
]);

/** Returns what Hydra adds to its own config when it runs a program, as far as it is known before. */
export function hydraFacts({
  jobName,
  primary,
  choices,
  overrides,
}: {
  readonly jobName: string | undefined;
  readonly primary: string | undefined;
  readonly choices: ReadonlyMap<string, string | null>;
  readonly overrides: readonly PlainOverride[];
}): ReadonlyMap<Scalar, Value> {
  const [own, task] = partition(overrides, ({ override }) => /^hydra[./]/.test(override.key));
  const words = task.map(canonicalToken);
  return mapping({
    hydra: mapping({
      job: mapping({
        name: jobName ?? '???',
        config_name: primary ?? null,
        override_dirname: [...words].sort().join(','),
      }),
      overrides: mapping({ hydra: own.map(canonicalToken), task: words }),
      runtime: mapping({ choices: new Map(choices) }),
    }),
  });
}

import { sweeperParams } from '../../src/config/index.js';
import { MlxError } from '../../src/failures/failure.js';
import { renderFailure } from '../../src/failures/index.js';
import { isSweep, keyElement, parseOverride, plainOverride, selectPoints, sweepOf } from '../../src/sweep/index.js';
import { canonicalText } from '../../src/sweep/override.js';
import { type ConfigTexts, composerOfTexts } from '../rig/composed.js';
import { plain, read } from './compare-config.js';
import type { Row } from './row.js';

/** A row of `cli.jsonl`. */
export interface CliRow extends Row {
  readonly input: { readonly argv: readonly string[]; readonly config_name: string | null };
  readonly expect: {
    readonly exit: number;
    readonly stdout: string;
    readonly stderr?: string;
    /** What messages name, where they are not kept. */
    readonly names?: readonly string[];
    readonly error?: 'interpolation';
    readonly created: Readonly<Record<string, unknown>>;
  };
}

/** The files of the program that the rows are about (`cli_fixture.json`), by their paths in its config directory. */
const files: ConfigTexts = {
  'config.yaml':
    'defaults:\n  - db: mysql\n  - _self_\nlr: 0.1\nname: base\nfail: false\nexitcode: null\nlogit: false\nshowdirname: false\n',
  'db/mysql.yaml': 'driver: mysql\nport: 3306\n',
  'db/pg.yaml': 'driver: pg\nport: 5432\n',
  'alt.yaml': 'lr: 7\nname: alt\n',
  'bad.yaml': 'lr: [1\n',
  'miss.yaml': 'defaults:\n  - db: ???\nlr: 1\n',
  'hy.yaml':
    'defaults:\n  - config\n  - _self_\nhydra:\n  run:\n    dir: runs/${name}\n  sweep:\n    dir: sweeps/${hydra.job.name}\n    subdir: ${hydra.job.override_dirname}\n  job:\n    config:\n      override_dirname:\n        exclude_keys: [name]\n',
  'sw.yaml':
    'defaults:\n  - config\n  - _self_\nhydra:\n  mode: MULTIRUN\n  sweep:\n    dir: mr\n  sweeper:\n    params:\n      lr: 1,2\n      db: mysql,pg\n',
  'emptyhelp.yaml': 'a: 1\n',
};

interface Words {
  readonly overrides: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

const valued = [
  '--cfg',
  '-c',
  '--package',
  '-p',
  '--config-name',
  '--config-path',
  '--config-dir',
  '--info',
  '-sc',
  '--experimental-rerun',
];

function wordsOf(argv: readonly string[]): Words {
  const flags = new Map<string, string>();
  const overrides: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const [word = '', value] = (argv[at] ?? '').startsWith('--') ? (argv[at] ?? '').split('=', 2) : [argv[at] ?? ''];
    if (!word.startsWith('-')) overrides.push(argv[at] ?? '');
    else flags.set(word, value ?? (valued.includes(word) ? (argv[++at] ?? '') : ''));
  }
  return { flags, overrides };
}

/** Whether a row is about flags that are Hydra's alone, or about its own part of the config. */
export function isHydrasOwn({ input: { argv } }: CliRow): boolean {
  const { flags, overrides } = wordsOf(argv);
  const known = ['--cfg', '-c', '--resolve', '-p', '--package', '-m', '--multirun', '-r', '--run', '--config-name'];
  const shown = flags.get('--cfg') ?? flags.get('-c');
  return (
    [...flags.keys()].some((flag) => !known.includes(flag)) ||
    (shown !== undefined && (shown !== 'job' || flags.has('-m'))) ||
    overrides.some((word) => /^\+?hydra\.sweeper/.test(word)) ||
    // Options between overrides are a usage error of Python's argparse.
    argv.indexOf('--multirun') > 0
  );
}

/** What Hydra answered: the configs of its jobs in order, what was printed of one, or that it refused. */
export function wantedCli(row: CliRow): object {
  const { expect: wanted, input } = row;
  const { flags } = wordsOf(input.argv);
  if (wanted.exit === 0 && (flags.has('--cfg') || flags.has('-c'))) return { shown: plain(read(wanted.stdout)) };
  const jobs = Object.entries(wanted.created).filter(([path]) => path.endsWith('.hydra/config.yaml'));
  if (jobs.length === 0) return { refused: true, told: true };
  const launched = [...wanted.stdout.matchAll(/^\[<TIMESTAMP>\]\[HYDRA\] \t#\d+ : (.*)$/gm)].map(([, words]) => words);
  // A job that ends the whole sweep leaves the others without a config.
  const configs = jobs.map(([, text]) => plain(read(String(text))));
  return { configs: sorted(configs), ...(launched.length > 0 && { launched }) };
}

/** What mlx makes of it. */
export function cliAnswer(row: CliRow): object {
  const { input, expect: wanted } = row;
  const { flags, overrides: given } = wordsOf(input.argv);
  try {
    const composer = composerOfTexts(files, { primary: flags.get('--config-name') ?? input.config_name });
    const overrides = given.map((word) => parseOverride(word));
    const base = { kind: 'composed', composer, resolve: false } as const;
    const { before } = sweeperParams(base, overrides);
    const isMultirun =
      before.length > 0 || flags.has('-m') || flags.has('--multirun') || given.includes('hydra.mode=MULTIRUN');
    if (!isMultirun) {
      if (overrides.some(({ value }) => isSweep(value))) return { refused: true, told: true };
      const composed = composer.compose(overrides.map(plainOverride));
      if (!flags.has('--cfg') && !flags.has('-c')) return { configs: sorted([plain(composed.config)]) };
      const config = flags.has('--resolve') ? composed.resolver().all() : composed.config;
      const key = flags.get('-p') ?? flags.get('--package');
      return {
        shown: plain(
          key === undefined
            ? config
            : (key.split('.').reduce((at: unknown, part) => (at as Map<string, unknown>).get(part), config) as never),
        ),
      };
    }
    const all = [...selectPoints(sweepOf({ overrides: [...before, ...overrides] }), {})];
    const configs = all.map((point) => plain(composer.compose(point.overrides).config));
    const launched = all.map(({ overrides: words }) =>
      words
        .filter(({ override }) => !override.key.startsWith('hydra.'))
        .map(({ override, element }) => `${keyElement(override)}=${element ? canonicalText(element) : 'null'}`)
        .join(' '),
    );
    // Where a job ended the whole sweep with its exit code, those behind it were not launched.
    const reached = Object.keys(wanted.created).filter((path) => path.endsWith('.hydra/config.yaml')).length;
    return { configs: sorted(configs.slice(0, reached)), launched: launched.slice(0, reached) };
  } catch (error) {
    if (!(error instanceof MlxError)) throw error;
    const text = renderFailure(error.failure).text;
    return { refused: true, told: namedIn(wanted).every((fact) => text.includes(fact)) };
  }
}

const sorted = (configs: readonly unknown[]) => configs.map((config) => JSON.stringify(config)).sort();

/** What the message named; Hydra's advice to add a key to its own part is left out, since it refuses that as well. */
const namedIn = ({ names, stderr = '' }: CliRow['expect']) =>
  (names ?? factsOf(stderr)).filter((name) => !name.startsWith('+hydra.'));

/** What a message of Hydra's names: keys, groups, options, what to type instead. */
function factsOf(message: string): string[] {
  const named = [
    /Could not override '([^']+)'/,
    /already at '([^']+)'/,
    /config\. '([^']+)' does not exist/,
    /Multiple values for (\w+)/,
    /You must specify '([^']+)'/,
    /Cannot find primary config '([^']+)'/,
    /Could not find '([^'/]+)\//,
    /To append to your config use (\S+)/,
  ].flatMap((pattern) => pattern.exec(message)?.[1] ?? []);
  const options = [...message.matchAll(/^\t(\w+)$/gm)].map(([, option]) => option ?? '');
  return [...named, ...options];
}

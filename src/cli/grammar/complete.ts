import { extname, join, posix } from 'node:path';
import uniq from 'lodash/uniq.js';
import type { OptionSpec } from '../../arguments/index.js';
import { printable } from '../../core/text.js';
import { walk } from '../../core/walk.js';
import { attempt } from '../../failures/index.js';
import type { CommandSpec, Io } from './command.js';

/** A word that may come next on a command line. A word that ends in `=` is not complete. */
interface Candidate {
  readonly word: string;
  /** What people type for it, if that is not how the word begins: an option of a group without its quotes. */
  readonly typed?: string;
}

type Candidates = readonly (Candidate | string)[];

/**
 * Returns the words that could replace the last word of a line, which may be empty; none if a file is
 * expected or nothing is known. They come from the commands, the store's directory and the config. The words
 * are not quoted for a shell.
 */
export async function candidatesFor(
  before: readonly string[],
  current: string,
  commands: readonly CommandSpec[],
  io: Io,
): Promise<readonly string[]> {
  const found = (await candidatesAt(before, current, commands, io))
    .map((one): Candidate => (typeof one === 'string' ? { word: one } : one))
    .filter(({ word, typed = word }) => word.startsWith(current) || typed.startsWith(current))
    .map(({ word }) => word);
  // A shell shows what it offers: names with control characters are left out.
  return uniq(found).filter((word) => printable(word) === word);
}

async function candidatesAt(
  before: readonly string[],
  current: string,
  commands: readonly CommandSpec[],
  io: Io,
): Promise<Candidates> {
  const [program = '', ...others] = before;
  const typed = others[0] === '--local' ? others.slice(1) : others;
  const name = program.endsWith('mlxsub') ? 'sub' : typed[0];
  if (name === undefined) return commands.flatMap((one) => [one.name, ...one.aliases]);
  const command = commands.find((one) => one.name === name || one.aliases.includes(name));
  if (!command) return name === 'help' ? commands.map((one) => one.name) : [];
  const words = name === 'sub' && program.endsWith('mlxsub') ? typed : typed.slice(1);
  if (words.includes('--')) return [];
  const option = optionAwaiting(words.at(-1) ?? '', command);
  if (option) {
    if (namingOptions.has(option.name) && namingCommands.has(command.name))
      return nameWords(words, current, option.name === 'where' ? 'expression' : 'columns', io);
    return option.choices ?? (option.name === 'scheduler' ? engines() : []);
  }
  if (current.startsWith('-')) return command.options.map((one) => `--${one.name}`);
  const positionals = command.positionals.map((one) => one.name);
  const [first] = positionals;
  if (first === 'METRIC') return nameWords(words, current, 'metrics', io);
  if (first === 'EXPR') return nameWords(words, current, 'expression', io);
  if (positionals.includes('RUNS') || positionals.includes('ID')) return runWords(words, current, io);
  if (name === 'run') return overrideWords(words, current, command, io);
  if (name === 'completion') return ['bash', 'zsh', 'fish'];
  return [];
}

/** Options of commands that read runs whose values are names of columns, or expressions over them. */
const namingOptions = new Set([
  'where',
  'columns',
  'sort',
  'select',
  'group-by',
  'over',
  'agg',
  'x',
  'heat-map',
  'parallel',
]);
const namingCommands = new Set([
  ...['list', 'query', 'best', 'plot', 'report', 'export'],
  ...['stop', 'hold', 'release', 'resubmit', 'delete', 'wait', 'watch'],
]);

/** The number of newest runs that names are collected from. */
const runsAsked = 200;

/**
 * Returns names that runs have, after the text before the last name. In expressions, names with other
 * characters than a bare name are in backticks; elsewhere they are left out.
 */
async function nameWords(
  words: readonly string[],
  current: string,
  place: 'metrics' | 'columns' | 'expression',
  io: Io,
): Promise<Candidates> {
  const { knownNames, metricNames, readBriefs, readResults } = await import('../../results/index.js');
  const store = await storeNamed(words, io);
  const briefs = (await readBriefs(store, async (runs) => runs)) ?? [];
  const { results } = readResults(store, briefs.slice(-runsAsked));
  const names = place === 'metrics' ? metricNames(results) : knownNames(results);
  if (place === 'expression') {
    const { writtenName } = await import('../../expression/index.js');
    // A name in backticks is one name, whatever is in it.
    const [before = ''] = /^(?:(?:`[^`]*`|[^`])*?(?<![\w.@/-])(?=`[^`]*$)|(?:.*[^\w.@/`-])?)/s.exec(current) ?? [];
    return names
      .filter((name) => !name.includes('`'))
      .map((name) => ({ word: `${before}${writtenName(name)}`, typed: `${before}${name}` }));
  }
  const [before = ''] = /^(?:.*[^\w.@/-])?/s.exec(current) ?? [];
  return names.filter((name) => /^[\w./-]+$/.test(name)).map((name) => `${before}${name}`);
}

/** Returns the option that the word before needs a value for. */
function optionAwaiting(word: string, { options }: CommandSpec): OptionSpec | undefined {
  const option = options.find(
    ({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`),
  );
  return option && option.type !== 'flag' && (option.type !== 'optional' || option.accepts) ? option : undefined;
}

async function engines(): Promise<Candidates> {
  const { engineNames } = await import('../../engines/index.js');
  return engineNames.filter((name) => /^[a-z]+$/.test(name));
}

/** Returns the words that select runs, after those before the last comma. */
async function runWords(words: readonly string[], current: string, io: Io): Promise<Candidates> {
  const { knownStatusWords } = await import('../../runs/index.js');
  const { listRunIds } = await import('../../store/index.js');
  const ids = listRunIds(await storeNamed(words, io)) ?? [];
  const before = current.slice(0, current.lastIndexOf(',') + 1);
  return [...ids.map(String), ...knownStatusWords, '@last'].map((word) => before + word);
}

/** Returns the store: `--store`, else the setting, else `logs`. */
async function storeNamed(words: readonly string[], io: Io): Promise<string> {
  const named = words[words.lastIndexOf('--store') + 1];
  if (words.includes('--store') && named !== undefined) return join(io.cwd, named);
  const { findSettingsFile, loadSettings } = await import('../../settings/index.js');
  const file = findSettingsFile(io.cwd);
  if (!file) return join(io.cwd, 'logs');
  return (await loadSettings({ cwd: io.cwd, file, overrides: [], flags: {} })).logger.parent_log_dir;
}

/**
 * Returns the words after the program: the keys of its config, and for a config group the names of its
 * options.
 */
async function overrideWords(
  words: readonly string[],
  current: string,
  { options }: CommandSpec,
  io: Io,
): Promise<Candidates> {
  const valued = new Set(options.filter(({ type }) => type !== 'flag').map(({ name }) => `--${name}`));
  const program = words.find((word, at) => !word.startsWith('-') && !valued.has(words[at - 1] ?? ''));
  if (program === undefined && !current.includes('=')) return [];
  const { configAt, declaredConfig, findConfigDirectory, loadConfigBase } = await import('../../config/index.js');
  const programDirectory = program === undefined ? undefined : join(io.cwd, program, '..');
  const after = (option: string) => (words.includes(option) ? words[words.indexOf(option) + 1] : undefined);
  const request = {
    cwd: io.cwd,
    programDirectory,
    jobName: undefined,
    declared: program === undefined ? undefined : declaredConfig(join(io.cwd, program)),
    path: after('--config-path'),
    name: after('--config-name'),
    directories: [],
    none: false,
    env: io.env,
    resolve: false,
  };
  const directory = findConfigDirectory(request);
  const groups = directory === undefined ? [] : await groupsIn(directory);
  const { parseOverride } = await import('../../sweep/index.js');
  const isReadable = (word: string) => !word.startsWith('-') && attempt(() => parseOverride(word)) !== undefined;
  const [prefix = ''] = /^\+{0,2}/.exec(current) ?? [];
  const group = groups.find(([name]) => current.startsWith(`${prefix}${name}=`));
  if (group) return isReadable(`${group[0]}=`) ? optionWords(prefix + group[0], group[1], current) : [];
  const { leafNames } = await import('../../values/index.js');
  const keys = attempt(() => leafNames(configAt(loadConfigBase(request), []))) ?? [];
  return [...keys, ...groups.map(([name]) => name)].map((key) => `${prefix}${key}=`).filter(isReadable);
}

/** Up to the last comma or bracket outside quotes: earlier options of a list or a sweep. */
const earlierOptions = /^(?:(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\\.|[^'"\\])*[,[])?/s;

/**
 * Returns the options of a group as the override grammar reads them: in quotes where needed (`model='a,b'`).
 * Options that can't be written are left out.
 */
async function optionWords(key: string, options: readonly string[], current: string): Promise<Candidates> {
  const { parseOverride, quoted } = await import('../../sweep/index.js');
  const reads = (text: string, option: string) => {
    const value = attempt(() => parseOverride(`k=${text}`))?.value;
    return (value?.kind === 'plain' || value?.kind === 'quoted') && value.value === option;
  };
  // An interpolation would be resolved, even in quotes.
  const written = options
    .filter((option) => !option.includes('${'))
    .flatMap((option) => {
      const text = [option, quoted(option, "'")].find((one) => reads(one, option));
      return text === undefined ? [] : [{ text, option }];
    });
  const [earlier = ''] = earlierOptions.exec(current.slice(key.length + 1)) ?? [];
  return uniq([earlier, '']).flatMap((before) =>
    written.map(({ text, option }) => ({ word: `${key}=${before}${text}`, typed: `${key}=${before}${option}` })),
  );
}

/** The groups are looked for among at most this many entries of a config directory. */
const mostConfigs = 2000;

/**
 * Returns the groups of a config directory, such as `optimizer` and `model/head`, with the options of each.
 */
async function groupsIn(directory: string): Promise<[name: string, options: string[]][]> {
  const groups = new Map<string, string[]>();
  let looked = 0;
  for await (const { path, kind } of walk(directory, (entry) => !posix.basename(entry.path).startsWith('.'))) {
    if (++looked > mostConfigs) break;
    const name = posix.dirname(path);
    if (name === '.' || kind !== 'file' || !/^\.ya?ml$/.test(extname(path))) continue;
    groups.set(name, [...(groups.get(name) ?? []), posix.basename(path).replace(/\.ya?ml$/, '')]);
  }
  return [...groups].map(([name, options]) => [name, options.sort()]);
}

import parser from 'yargs-parser';
import { nearest } from '../core/suggest.js';
import { fail } from '../failures/index.js';
import { checkedValue, numeric } from './check-value.js';
import { isGiven, type OptionSpec, type OptionsOf, type OptionValue, optionKey, optionText } from './option.js';
import { splitWords, type WordsSpec } from './split-words.js';

/** A command line after parsing, with each option's value in its type. */
export interface ParsedArgs<Options = Readonly<Record<string, OptionValue>>> {
  readonly positionals: readonly string[];
  /** The words after `--`, or those of a program; undefined if a program has none. */
  readonly rest: readonly string[] | undefined;
  readonly options: Options;
}

/** The value of an `optional` option that stands without one. */
export const optionalAlone = 'auto';

const yargsConfiguration = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'populate--': false,
  'short-option-groups': true,
  'unknown-options-as-args': true,
} as const;

/**
 * Parses the words after a command's name by its table of options. Words after `--` are passed on unread.
 * Throws `unknown-option`, `option-needs-value`, `option-takes-no-value`, `bad-option-value` or
 * `unreadable-argument`.
 */
export function parseArgs<const Rows extends readonly OptionSpec[]>(
  words: readonly string[],
  command: WordsSpec<Rows>,
): ParsedArgs<OptionsOf<Rows>> {
  words.forEach(checkReadable);
  const options: readonly OptionSpec[] = command.options;
  const { own, rest } = splitWords(words, command);
  const named = (type: OptionSpec['type'][]) =>
    options.filter((option) => type.includes(option.type)).map(({ name }) => name);
  const { words: others, lists } = takeLists(own, options);
  const joined = joinOptionalValues(others, options);
  refuseFlagValues(joined, options);
  const parsed = parser(joined.map(shield), {
    boolean: named(['flag']),
    string: named(['text', 'count', 'index', 'integer', 'number', 'duration', 'optional']),
    alias: Object.fromEntries(options.filter(({ short }) => short).map(({ name, short }) => [name, [short ?? '']])),
    configuration: yargsConfiguration,
  });
  const positionals = parsed._.map((word) => unshield(String(word)));
  // yargs-parser takes `--n-foo` for known if there is a `-n`.
  const names = options.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));
  const taken = Object.keys(parsed).find((key) => key !== '_' && !names.includes(key));
  const unknown = positionals.find((word) => word.startsWith('-') && word !== '-') ?? (taken && `--${taken}`);
  if (unknown !== undefined) refuseOption(unknown, command);
  const given = ({ name, type }: OptionSpec) => {
    const value = type === 'list' ? lists.get(name) : parsed[name];
    return typeof value === 'string' ? unshield(value) : value;
  };
  const values = options.map((option) => [optionKey(option.name), checkedValue(option, given(option))] as const);
  // The rows that these values were read by are those that the type is made from.
  return { positionals, rest, options: Object.fromEntries(values) as OptionsOf<Rows> };
}

// yargs-parser takes `true` and `false` after a flag for the flag's value. No word of a command line can have
// a NUL.
const shield = (word: string) => (/^(true|false)$/.test(word) ? `\0${word}` : word);
const unshield = (word: string) => word.replace(/^\0/, '');

/** Node decodes argv as UTF-8. Other bytes became U+FFFD, and can't be passed on byte for byte. */
function checkReadable(word: string, index: number): void {
  if (word.includes('\uFFFD')) fail({ reason: 'unreadable-argument', position: index + 1, problem: 'not-utf8' });
}

/** Takes out the options that may be repeated. Their values may begin with a dash: `--option '-l core=1'`. */
function takeLists(
  words: readonly string[],
  options: readonly OptionSpec[],
): { readonly words: string[]; readonly lists: ReadonlyMap<string, string[]> } {
  const lists = new Map<string, string[]>();
  const others: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const found = listIn(word, options);
    if (!found) {
      others.push(word);
      continue;
    }
    const { option, flags } = found;
    if (flags !== '') others.push(`-${flags}`);
    const value = found.value ?? words[++i];
    if (!value)
      return fail({ reason: 'option-needs-value', option: `--${option.name}`, shape: option.shape ?? 'VALUE' });
    const values = [value];
    while (option.accepts?.(words[i + 1] ?? '')) values.push(words[++i] ?? '');
    lists.set(option.name, [...(lists.get(option.name) ?? []), ...values]);
  }
  return { words: others, lists };
}

/**
 * Returns the list that a word names: `--after`, `--after=1`, `-x`, `-x=1`, `-x1`, or `-qx`. `flags` are the
 * other letters of the word. `value` is undefined if it is the next word.
 */
function listIn(word: string, options: readonly OptionSpec[]) {
  if (!word.startsWith('-')) return undefined;
  for (const option of options) {
    if (option.type !== 'list') continue;
    const [long, value] = new RegExp(`^--${option.name}(?:=(.*))?$`, 's').exec(word) ?? [];
    if (long !== undefined) return { option, flags: '', value };
    if (option.short === undefined) continue;
    const [short, flags = '', assigned, attached] =
      new RegExp(`^-([A-Za-z]*)${option.short}(?:=(.*)|(\\d.*))?$`, 's').exec(word) ?? [];
    if (short !== undefined) return { option, flags, value: assigned ?? attached };
  }
  return undefined;
}

/**
 * Joins optional values and numbers with `=` to their options: yargs-parser would take them for other words.
 */
function joinOptionalValues(words: readonly string[], options: readonly OptionSpec[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const option = options.find(
      ({ name, type }) =>
        (type === 'optional' || (type === 'number' && numeric.test(words[i + 1] ?? ''))) && word === `--${name}`,
    );
    const next = words[i + 1];
    const takesNext = option && next !== undefined && (option.type === 'number' || option.accepts?.(next));
    joined.push(option ? `${word}=${takesNext ? next : optionalAlone}` : word);
    if (takesNext) i++;
  }
  return joined;
}

/** Refuses `--quiet=x`, `-q=x` and `-q3`, which yargs-parser would take for a flag that was not given. */
function refuseFlagValues(words: readonly string[], options: readonly OptionSpec[]): void {
  for (const word of words) {
    const [, long, short, value] = /^(?:--([\w-]+)(?==)|-[A-Za-z]*([A-Za-z])(?==|-?\d))=?(.*)$/s.exec(word) ?? [];
    const flag = options.find(
      (option) => option.type === 'flag' && (long === undefined ? option.short === short : option.name === long),
    );
    if (value !== undefined && flag) fail({ reason: 'option-takes-no-value', option: `--${flag.name}`, value });
  }
}

function refuseOption(word: string, command: WordsSpec): never {
  const option = word.replace(/=.*$/s, '');
  const names = command.options.flatMap(({ name, short }) => [`--${name}`, ...(short ? [`-${short}`] : [])]);
  return fail({ reason: 'unknown-option', option, command: command.name, near: nearOption(option, names) });
}

/** Options of the tools that mlx replaces, and what they are called here. */
const otherNames: Readonly<Record<string, string>> = { '--log-dir': '--store' };

/** Returns the option that was meant, of those that there are, or undefined. */
function nearOption(option: string, names: readonly string[]): string | undefined {
  const renamed = otherNames[option];
  if (renamed !== undefined && names.includes(renamed)) return renamed;
  const long = names.filter((name) => name.startsWith('--'));
  if (option.length > 3) return nearest(option, long);
  // One letter is like any other, and the other may delete what this one would have shown. Nor is the answer
  // to a question proposed.
  const letters = names.filter((name) => !long.includes(name) && name !== '-y');
  return letters.find((name) => name.toLowerCase() === option.toLowerCase());
}

/**
 * Throws `options-exclude` if both options are given. The keys are checked against the type of the options.
 */
export function refuseTogether<Options extends object>(
  options: Options,
  one: keyof Options & string,
  other: keyof Options & string,
): void {
  if (isGiven(options[one] as OptionValue) && isGiven(options[other] as OptionValue))
    fail({ reason: 'options-exclude', options: [optionText(one), optionText(other)] });
}

/** Returns the first of the keys whose option is given, or undefined. */
export function firstGiven<Options extends object, Key extends keyof Options & string>(
  options: Options,
  keys: readonly Key[],
): Key | undefined {
  return keys.find((key) => isGiven(options[key] as OptionValue));
}

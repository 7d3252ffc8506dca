import parser from 'yargs-parser';
import { expectedDuration, parseDuration } from '../../core/clock.js';
import { nearest } from '../../core/suggest.js';
import { fail } from '../../failures/index.js';
import type { CommandSpec, ParsedArgs } from './command.js';
import type { OptionSpec } from './option-spec.js';

/** What there is to know of a command to read its words. */
export type WordsSpec = Pick<CommandSpec, 'name' | 'options' | 'programAfter' | 'underscores'>;

/** What `--name` of an `optional` option means when it stands alone. */
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
 * Parses the words after a command's name by its table. Words after `--` are not looked at. Throws `unknown-option`,
 * `option-needs-value`, `option-takes-no-value`, `bad-option-value` or `unreadable-argument`.
 */
export function parseArgs(words: readonly string[], command: WordsSpec): ParsedArgs {
  words.forEach(checkReadable);
  const { options } = command;
  const { own, rest } = command.programAfter === undefined ? splitAtDashes(words) : splitAtProgram(words, command);
  const named = (type: OptionSpec['type'][]) =>
    options.filter((option) => type.includes(option.type)).map(({ name }) => name);
  const { words: others, lists } = takeLists(own, options);
  const joined = joinOptionalValues(others, options);
  refuseFlagValues(joined, options);
  const parsed = parser(joined, {
    boolean: named(['flag']),
    string: named(['text', 'count', 'index', 'integer', 'number', 'duration', 'optional']),
    alias: Object.fromEntries(options.filter(({ short }) => short).map(({ name, short }) => [name, [short ?? '']])),
    configuration: yargsConfiguration,
  });
  const positionals = parsed._.map(String);
  // `--n-foo` is taken for known where there is a `-n`.
  const names = options.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));
  const taken = Object.keys(parsed).find((key) => key !== '_' && !names.includes(key));
  const unknown = positionals.find((word) => word.startsWith('-') && word !== '-') ?? (taken && `--${taken}`);
  if (unknown !== undefined) refuseOption(unknown, command);
  const given = (option: OptionSpec) => (option.type === 'list' ? lists.get(option.name) : parsed[option.name]);
  const values = new Map(options.map((option) => [option.name, checkedValue(option, given(option))]));
  return {
    positionals,
    rest,
    has: (name) => values.get(name) !== undefined && values.get(name) !== false,
    text: (name) => asText(values.get(name)),
    number: (name) => asNumber(values.get(name)),
    list: (name) => asList(values.get(name)),
  };
}

/** The words of mlx, and those behind `--`. */
export function splitAtDashes(words: readonly string[]): Split {
  const dashes = words.indexOf('--');
  return dashes === -1
    ? { own: words, rest: undefined }
    : { own: words.slice(0, dashes), rest: words.slice(dashes + 1) };
}

interface Split {
  readonly own: readonly string[];
  readonly rest: readonly string[] | undefined;
}

/** The options and the first positionals, and behind them, or behind `--`, the words of a program. */
export function splitAtProgram(
  words: readonly string[],
  { options, programAfter = 0, underscores }: Omit<WordsSpec, 'name'>,
): Split {
  const spelled = (word: string) =>
    underscores ? word.replace(/^--[\w-]+/, (name) => name.replaceAll('_', '-')) : word;
  let left = programAfter;
  let at = 0;
  while (at < words.length) {
    const word = spelled(words[at] ?? '');
    if (word === '--') return { own: words.slice(0, at).map(spelled), rest: words.slice(at + 1) };
    const isOption = word.startsWith('-') && word !== '-';
    if (!isOption && left-- === 0) break;
    at++;
    if (!isOption) continue;
    const option = options.find(({ name, short }) => word === `--${name}` || (short && word === `-${short}`));
    if (!option || option.type === 'flag') continue;
    if (option.type !== 'optional') at++;
    while (option.accepts && option.type !== 'text' && at < words.length && option.accepts(words[at] ?? '')) {
      at++;
      if (option.type === 'optional') break;
    }
  }
  const rest = words.slice(at);
  return { own: words.slice(0, at).map(spelled), rest: rest.length === 0 ? undefined : rest };
}

type OptionValue = string | number | boolean | readonly string[] | undefined;

const asText = (value: OptionValue) => (typeof value === 'string' ? value : undefined);
const asNumber = (value: OptionValue) => (typeof value === 'number' ? value : undefined);
const asList = (value: OptionValue) => (Array.isArray(value) ? value : []);

/** Node decodes argv as UTF-8; what is none has become U+FFFD and could not be passed on byte for byte. */
function checkReadable(word: string, index: number): void {
  if (word.includes('\uFFFD')) fail({ reason: 'unreadable-argument', position: index + 1, problem: 'not-utf8' });
}

/** Takes out the options that may be given several times. Their values may begin with a dash: `--option '-l core=1'`. */
function takeLists(
  words: readonly string[],
  options: readonly OptionSpec[],
): { readonly words: string[]; readonly lists: ReadonlyMap<string, string[]> } {
  const lists = new Map<string, string[]>();
  const others: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const option = options.find(
      ({ name, short, type }) =>
        type === 'list' &&
        (word === `--${name}` || word.startsWith(`--${name}=`) || (short !== undefined && word === `-${short}`)),
    );
    if (!option) {
      others.push(word);
      continue;
    }
    const value = word.includes('=') ? word.slice(option.name.length + 3) : words[++i];
    if (!value)
      return fail({ reason: 'option-needs-value', option: `--${option.name}`, shape: option.shape ?? 'VALUE' });
    const values = [value];
    while (option.accepts?.(words[i + 1] ?? '')) values.push(words[++i] ?? '');
    lists.set(option.name, [...(lists.get(option.name) ?? []), ...values]);
  }
  return { words: others, lists };
}

/** A number as people type it; one that begins with `-` is a value of the option before it, and no option. */
const numeric = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

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

function refuseFlagValues(words: readonly string[], options: readonly OptionSpec[]): void {
  for (const word of words) {
    const [, name, value] = /^--([\w-]+)=(.*)$/s.exec(word) ?? [];
    if (
      name !== undefined &&
      value !== undefined &&
      options.some((option) => option.name === name && option.type === 'flag')
    ) {
      fail({ reason: 'option-takes-no-value', option: `--${name}`, value });
    }
  }
}

function refuseOption(word: string, command: WordsSpec): never {
  const option = word.replace(/=.*$/s, '');
  const names = command.options.flatMap(({ name, short }) => [`--${name}`, ...(short ? [`-${short}`] : [])]);
  return fail({ reason: 'unknown-option', option, command: command.name, near: nearest(option, names) });
}

function checkedValue(option: OptionSpec, value: unknown): OptionValue {
  const name = `--${option.name}`;
  if (option.type === 'flag') return value === true;
  if (value === undefined) return undefined;
  if (option.type === 'list') return Array.isArray(value) ? value.map(String) : [String(value)];
  const text = String(value);
  if (text === '') return fail({ reason: 'option-needs-value', option: name, shape: option.shape ?? 'VALUE' });
  switch (option.type) {
    case 'count':
      if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
      return fail({
        reason: 'bad-option-value',
        option: name,
        value: text,
        expected: 'a whole number, 1 or more',
        near: undefined,
      });
    case 'index':
      if (/^\d{1,15}$/.test(text)) return Number(text);
      return fail({
        reason: 'bad-option-value',
        option: name,
        value: text,
        expected: 'a whole number, 0 or more',
        near: undefined,
      });
    case 'integer':
      if (/^-?\d{1,9}$/.test(text)) return Number(text);
      return fail({
        reason: 'bad-option-value',
        option: name,
        value: text,
        expected: 'a whole number',
        near: undefined,
      });
    case 'number':
      if (numeric.test(text) && Number.isFinite(Number(text))) return Number(text);
      return fail({
        reason: 'bad-option-value',
        option: name,
        value: text,
        expected: 'a number, such as 0.5 or 1e3',
        near: undefined,
      });
    case 'duration':
      return (
        parseDuration(text) ??
        fail({
          reason: 'bad-option-value',
          option: name,
          value: text,
          expected: expectedDuration,
          near: undefined,
        })
      );
    default:
      if (!option.choices || option.choices.includes(text)) return text;
      return fail({
        reason: 'bad-option-value',
        option: name,
        value: text,
        expected: option.choices.join(', '),
        near: nearest(text, option.choices),
      });
  }
}

/** Throws `options-exclude` where both are given. */
export function refuseTogether(parsed: ParsedArgs, one: string, other: string): void {
  if (parsed.has(one) && parsed.has(other)) fail({ reason: 'options-exclude', options: [`--${one}`, `--${other}`] });
}

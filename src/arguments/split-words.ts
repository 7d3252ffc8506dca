import type { OptionSpec } from './option.js';

/** The part of a command's spec that decides how its words are read. */
export interface WordsSpec<Rows extends readonly OptionSpec[] = readonly OptionSpec[]> {
  /** The command's name in messages. */
  readonly name: string;
  readonly options: Rows;
  /** After this many positionals, the command's own options end: the following words belong to a program. */
  readonly programAfter?: number;
  /** True if the command's options may be written with underscores. */
  readonly underscores?: true;
}

/** The words that mlx reads itself, and those of a program; `rest` is undefined if a program has none. */
interface SplitWords {
  readonly own: readonly string[];
  readonly rest: readonly string[] | undefined;
}

/**
 * Returns the words of a command line, split as its command has it: at `--`, or after its last positional.
 */
export function splitWords(words: readonly string[], spec: Omit<WordsSpec, 'name'>): SplitWords {
  return spec.programAfter === undefined ? splitAtDashes(words) : splitAtProgram(words, spec, spec.programAfter);
}

/** Returns the words before `--`, and those after it. */
export function splitAtDashes(words: readonly string[]): SplitWords {
  const dashes = words.indexOf('--');
  return dashes === -1
    ? { own: words, rest: undefined }
    : { own: words.slice(0, dashes), rest: words.slice(dashes + 1) };
}

function splitAtProgram(
  words: readonly string[],
  { options, underscores }: Omit<WordsSpec, 'name'>,
  positionals: number,
): SplitWords {
  const spelled = (word: string) =>
    underscores ? word.replace(/^--[\w-]+/, (name) => name.replaceAll('_', '-')) : word;
  let left = positionals;
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

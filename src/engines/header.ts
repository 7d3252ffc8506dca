import type { ProblemOf } from '../failures/index.js';
import type { ResourceName } from '../resources/index.js';

type DirectiveProblem = ProblemOf<'bad-directive'>;

/** How an engine reads options from a script. */
export interface HeaderDialect {
  /** A line that it reads; the first group holds the options. */
  readonly line: RegExp;
  /** Whether it reads such lines also after the script's first command. */
  readonly anywhere: boolean;
  /**
   * Returns the options of a line, or the problem if the engine would reject or misread the line. A user's
   * own engine may return a problem as text.
   */
  readonly split: (text: string) => readonly string[] | DirectiveProblem | string;
  /**
   * Options that mlx sets itself for each run: the job's name, its output files, starting in the current
   * directory.
   */
  readonly replaced: RegExp;
  /** Options that make the job an array. */
  readonly array: RegExp;
  /** True if the value of that option is the number of tasks, not their indexes. */
  readonly arrayIsCount?: boolean;
  /** True if that option also sets the job's name, so that it may stand there without an array. */
  readonly arrayIsInName?: boolean;
  /** The first group is the job's working directory. */
  readonly directory: RegExp | undefined;
  /** The first group is the shell that runs the script. */
  readonly shell: RegExp | undefined;
  /** Removes the part of an option that the pattern matches. Returns undefined if nothing remains. */
  readonly without: (option: string, meaning: RegExp) => string | undefined;
}

interface Word {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Splits a line at blanks outside quotes. Returns undefined if a quote is not closed. */
function wordsOf(text: string, { comments }: { readonly comments: boolean }): Word[] | undefined {
  const words: Word[] = [];
  const word = /[^\s"']*(?:(?:"[^"]*"|'[^']*')[^\s"']*)*/y;
  let at = 0;
  while (at < text.length) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (at >= text.length || (comments && text[at] === '#')) break;
    word.lastIndex = at;
    const found = word.exec(text)?.[0] ?? '';
    if (found === '') return undefined;
    words.push({ start: at, end: at + found.length, text: found });
    at += found.length;
    if (at < text.length && !/\s/.test(text[at] ?? '')) return undefined;
  }
  return words;
}

/** An option begins with a dash and a letter. Its value reaches to the next option. */
const isOption = (word: Word) => /^-{1,2}[A-Za-z]/.test(word.text);

interface SplitRules {
  /** Whether a `#` after a blank begins a comment. */
  readonly comments: boolean;
  /** The most words that an option's value may have. */
  readonly values: number;
  readonly engine: string;
}

/** Returns a line's options, each with its value, or the problem if the engine would reject the line. */
export function splitOptions(text: string, { comments, values, engine }: SplitRules): string[] | DirectiveProblem {
  const words = wordsOf(text, { comments });
  if (!words) return { kind: 'open-quote', engine };
  const options: Word[][] = [];
  for (const word of words) {
    if (isOption(word)) options.push([word]);
    else if (options.length === 0) return { kind: 'no-dash', engine };
    else options.at(-1)?.push(word);
  }
  const most = (option: Word) => (/^--[\w-]+=/.test(option.text) ? 0 : values);
  const long = options.find(([option, ...rest]) => option && rest.length > most(option));
  if (long) return { kind: 'extra-word', engine, word: long.at(-1)?.text ?? '' };
  return options.map((option) => text.slice(option[0]?.start, option.at(-1)?.end));
}

/** Removes an option as a whole if the pattern matches. */
export const wholeOption = (option: string, meaning: RegExp): string | undefined =>
  meaning.test(option) ? undefined : option;

/** Removes from a list like `-l a=1,b=2` the parts that the pattern matches; other options as a whole. */
export function withoutListed(option: string, meaning: RegExp): string | undefined {
  const [, list] = /^-l\s*(.*)$/s.exec(option) ?? [];
  if (list === undefined) return wholeOption(option, meaning);
  const kept = list.split(',').filter((part) => !meaning.test(`-l ${part.trim()}`));
  return kept.length === 0 ? undefined : `-l ${kept.join(',').trim()}`;
}

/**
 * Removes from a header's options the resources that flags ask for instead. `meanings` has the patterns of
 * native options for each such resource. Returns the rest, and the options that were changed or removed.
 */
export function withoutResources(
  options: readonly string[],
  { without }: HeaderDialect,
  meanings: readonly (readonly [ResourceName, RegExp])[],
): { readonly options: readonly string[]; readonly replaced: readonly string[] } {
  const replaced: string[] = [];
  const left = options.flatMap((option) => {
    const rest = meanings.reduce<string | undefined>(
      (at, [, meaning]) => (at === undefined ? undefined : without(at, meaning)),
      option,
    );
    if (rest !== option) replaced.push(option);
    return rest ?? [];
  });
  return { options: left, replaced };
}

import type { ProblemOf } from '../failures/index.js';
import type { ResourceName } from './resources.js';

type DirectiveProblem = ProblemOf<'bad-directive'>;

/** How an engine reads options from the lines of a script. */
export interface HeaderDialect {
  /** A line that it reads; the first group are the options. */
  readonly line: RegExp;
  /** Whether it reads such lines behind the script's first command too. */
  readonly anywhere: boolean;
  /**
   * Returns the options of a line, or the problem if the engine would reject or misread it. A user's own engine may
   * return a problem as text.
   */
  readonly split: (text: string) => readonly string[] | DirectiveProblem | string;
  /** Options that say what mlx says itself for each run: its name, where its output goes, that it starts where it is submitted. */
  readonly replaced: RegExp;
  /** Options that make an array of the job. */
  readonly array: RegExp;
  /** The first group is the directory that the job starts in. */
  readonly directory: RegExp | undefined;
  /** The first group is the shell that runs the script. */
  readonly shell: RegExp | undefined;
  /** What is left of an option without what this pattern means in it; undefined where nothing is. */
  readonly without: (option: string, meaning: RegExp) => string | undefined;
}

interface Word {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The words of a line: blanks part them, save in quotes; undefined where a quote is not closed. */
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

/** An option begins with a dash that no digit follows; what follows up to the next one is its value. */
const isOption = (word: Word) => /^-{1,2}[A-Za-z]/.test(word.text);

interface SplitRules {
  /** Whether a `#` behind a blank begins a comment. */
  readonly comments: boolean;
  /** As many words at most are an option's value. */
  readonly values: number;
  readonly engine: string;
}

/** Options one after the other, each with its value. */
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

/** Nothing but the whole option can be taken out. */
export const wholeOption = (option: string, meaning: RegExp): string | undefined =>
  meaning.test(option) ? undefined : option;

/** Of `-l a=1,b=2` the one resource can be taken out, and the other left. */
export function withoutListed(option: string, meaning: RegExp): string | undefined {
  const [, list] = /^-l\s*(.*)$/s.exec(option) ?? [];
  if (list === undefined) return wholeOption(option, meaning);
  const kept = list.split(',').filter((part) => !meaning.test(`-l ${part.trim()}`));
  return kept.length === 0 ? undefined : `-l ${kept.join(',').trim()}`;
}

/** The resource that flags give instead of the header, by the patterns of native options that mean it. */
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

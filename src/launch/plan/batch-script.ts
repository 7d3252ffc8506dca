import { quoteWord } from '../../core/quote.js';
import type { Span } from '../../core/span.js';
import { commandText, renderBody, type ShellScript, type ShellWord } from '../../script/index.js';
import { keyElement, type PlainOverride, sourceToken } from '../../sweep/index.js';
import type { BatchCommand, WrittenOverride } from './batch-commands.js';

export type { BatchCommand } from './batch-commands.js';

/** The batch script of a launch. */
export interface BatchScript {
  /** Its name for the user. */
  readonly name: string;
  readonly shell: ShellScript;
  /** All its commands that become runs, including those that are not part of this launch. */
  readonly commands: readonly BatchCommand[];
  /** The directives that the header of each job repeats. */
  readonly directives: readonly Span[];
  /** The program that runs the jobs' scripts, as in a `#!` line. */
  readonly shebang: string;
}

/** What a job does at one point: the body of its script, and its command on one line. */
export interface BatchBody {
  readonly body: string;
  readonly command: string;
}

/** Returns the body of the job for a command at one point. */
export function batchBody(script: BatchScript, written: BatchCommand, overrides: readonly PlainOverride[]): BatchBody {
  const others = script.commands.filter(({ command }) => command !== written.command).map(({ command }) => command);
  const { words, added } = wordsAt(written.overrides, overrides);
  const spec = { script: script.shell, command: written.command, others, words, added, dropped: script.directives };
  return { body: renderBody(spec), command: commandText(spec) };
}

/**
 * Returns the words of a command at one point. A word whose override is unchanged stays as it was written, so
 * that the shell expands it as before. Of two words for one key, the first determines the position and the
 * last the value, as in Hydra.
 */
function wordsAt(
  written: readonly WrittenOverride[],
  overrides: readonly PlainOverride[],
): { readonly words: Map<ShellWord, string | undefined>; readonly added: string[] } {
  const tokens = new Map(overrides.map((plain) => [keyElement(plain.override), sourceToken(plain)]));
  const words = new Map<ShellWord, string | undefined>();
  const seen = new Set<string>();
  for (const { word, override } of written) {
    const key = keyElement(override);
    const token = tokens.get(key);
    const before = override.span.source.text;
    if (seen.has(key) || token === undefined) words.set(word, undefined);
    else if (token !== before) words.set(word, quoteWord(token));
    seen.add(key);
  }
  const added = [...tokens].flatMap(([key, token]) => (seen.has(key) ? [] : quoteWord(token)));
  return { words, added };
}

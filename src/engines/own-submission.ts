import type { Environment } from '../core/environment.js';
import type { Span } from '../core/span.js';
import { fail, type ProblemOf } from '../failures/index.js';
import { parseShell } from '../script/index.js';
import { runCommand } from './command.js';
import type { BatchEngine, SubmitWords } from './engine.js';
import { firstWords, taskIndexes } from './output.js';

/** A submission by the user's own command (`mlx job`). */
export interface OwnSubmission {
  /** With the option for the array. */
  readonly words: SubmitWords;
  /** Without it, for one job. */
  readonly single: SubmitWords;
  /** The step between the indexes of the array's tasks. */
  readonly step: number;
}

/**
 * Returns the words of a submission command from a user's template. This is the only text of a user that a
 * shell reads. bash expands it now, as aiaccel-job does on the login node, but starts only commands inside
 * `$( )`. An unset variable is an error. Throws `submission-template`.
 */
export async function submissionWords(
  text: string,
  span: Span,
  { cwd, env }: { readonly cwd: string; readonly env: Environment },
): Promise<SubmitWords> {
  const refuse = (problem: ProblemOf<'submission-template'>) =>
    fail({ reason: 'submission-template', span, text, problem });
  const shell = parseShell({ name: 'the command that submits a job', text });
  const [command, more] = shell.commands.filter(({ inside }) => inside?.kind !== 'substitution');
  if (!command || more || !command.alone || shell.statements.length !== 1) return refuse({ kind: 'not-one-command' });
  const rest = command.words.reduceRight(
    (left, { span: { offset, length } }) => left.slice(0, offset) + left.slice(offset + length),
    text,
  );
  if (!/^\s*(\w+=\S*\s+)*$/.test(rest)) return refuse({ kind: 'not-only-words' });
  const assigned = rest.trim() === '' ? '' : 'env ';
  const result = await runCommand(
    { argv: ['bash', '-u', '-c', `printf '%s\\0' ${assigned}${text}`], cwd, environment: env },
    'submission',
  );
  const [first, ...others] = result.stdout.split('\0').slice(0, -1);
  if (result.exitCode !== 0 || first === undefined) {
    return refuse(
      result.missing
        ? { kind: 'bash-missing' }
        : { kind: 'bash-failed', words: firstWords(result).replace(/^bash: line \d+: /, '') },
    );
  }
  return [first, ...others];
}

/**
 * Removes the option for an array from a submission. Returns the other words, and the tasks' indexes, or
 * undefined if it asks for no array.
 */
export function withoutArray(
  words: SubmitWords,
  engine: BatchEngine,
): { readonly words: SubmitWords; readonly indexes: readonly number[] | undefined } {
  const [command, ...options] = words;
  const isArray = (word: string) => engine.header?.array.test(word) === true;
  let spec: string | undefined;
  const rest: string[] = [];
  for (let at = 0; at < options.length; at++) {
    const word = options[at] ?? '';
    if (!isArray(word)) {
      rest.push(word);
      continue;
    }
    // The value is part of the word (`--array=1-9`, `-a1-9`), or the next word.
    const [, joined] = /^(?:--[\w-]+=|-\w(?=.))(.*)$/s.exec(word) ?? [];
    const value = joined ?? options[++at] ?? '';
    const found = /\[(.*)\]/.exec(value)?.[1] ?? (/^\d/.test(value) && !/^-tc/.test(word) ? value : undefined);
    if (found === undefined && engine.header?.arrayIsInName) rest.push(word, value);
    spec ??= found;
  }
  if (spec === undefined) return { words: [command, ...rest], indexes: undefined };
  const indexes = engine.header?.arrayIsCount
    ? Array.from({ length: Number(spec) }, (_, i) => i + 1)
    : [...taskIndexes(spec)];
  return { words: [command, ...rest], indexes };
}

import type { Span } from '../core/span.js';
import { fail, type ProblemOf } from '../failures/index.js';
import { parseShell } from '../script/index.js';
import { runCommand } from './command.js';
import { type BatchEngine, firstWords, taskIndexes } from './engine.js';

/** The command and the options, without the script, with which a user wants jobs to be submitted. */
export type SubmitWords = readonly [command: string, ...options: string[]];

/** A submission in its user's words (`mlx job`). */
export interface OwnSubmission {
  /** With the array that it asks for. */
  readonly words: SubmitWords;
  /** For one job alone. */
  readonly single: SubmitWords;
  /** How far apart the indexes of the array's tasks are. */
  readonly step: number;
}

/**
 * The words of a command line that a user's template gives: the one place where text from a user is shell. It is expanded by bash here and now, as
 * aiaccel-job's is on the login node, but starts nothing but what stands in `$( )`; a variable that is not set is an error. Throws
 * `submission-template`.
 */
export async function submissionWords(
  text: string,
  span: Span,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
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

/** Takes the array out of the words of a submission: what is left, and the indexes of its tasks; undefined where it asks for none. */
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
    // `--array=1-9`, `-a1-9`, or the next word.
    const [, joined] = /^(?:--[\w-]+=|-\w(?=.))(.*)$/s.exec(word) ?? [];
    const value = joined ?? options[++at] ?? '';
    const found = /\[(.*)\]/.exec(value)?.[1] ?? (/^\d/.test(value) && !/^-tc/.test(word) ? value : undefined);
    // LSF's `-J` is a job's name as well.
    if (found === undefined && engine.names[0] === 'lsf') rest.push(word, value);
    spec ??= found;
  }
  if (spec === undefined) return { words: [command, ...rest], indexes: undefined };
  const counted = engine.names[0] === 'oar';
  const indexes = counted ? Array.from({ length: Number(spec) }, (_, i) => i + 1) : [...taskIndexes(spec)];
  return { words: [command, ...rest], indexes };
}

import { extname } from 'node:path';
import { fail, type ProblemOf } from '../../failures/index.js';
import { findCommand, findProgram, type Program, type ProgramRequest, type Step } from '../../launch/index.js';
import { parseShell } from '../../script/index.js';

/** A step as it is written: a name, and the words of its command. */
export interface WrittenStep {
  readonly name: string;
  readonly words: readonly string[];
}

/** `prepare: ./prepare.sh --seed {seed}` as `--step` has it. Throws `bad-step` or `shell-syntax`. */
export function parseStep(text: string): WrittenStep {
  const [, name, command] = /^\s*([^:\s]+)\s*:\s+(\S.*)$/s.exec(text) ?? [];
  if (name === undefined || command === undefined) return bad(text, { kind: 'not-a-step' });
  return { name, words: commandWords(command, name) };
}

/** Checks the names of steps together. Throws `bad-step`. */
export function checkStepNames(steps: readonly WrittenStep[]): void {
  steps.forEach(({ name, words }, i) => {
    if (!/^[\w.-]+$/.test(name)) bad(name, { kind: 'bad-name' });
    if (words.length === 0) bad(name, { kind: 'no-command' });
    if (steps.findIndex((step) => step.name === name) < i) bad(name, { kind: 'name-twice' });
  });
}

/**
 * The words of a command as a shell parts them; nothing in them is replaced, for no shell runs it. What only a shell could do is refused
 * instead of being passed on as a word. Throws `bad-step` or `shell-syntax`.
 */
export function commandWords(text: string, step: string): string[] {
  const { commands } = parseShell({ name: `step ${step}`, text });
  const [command, ...more] = commands;
  const left = command?.words.reduceRight(
    (rest, { span }) => rest.slice(0, span.offset) + rest.slice(span.offset + span.length),
    text,
  );
  if (!command || more.length > 0 || left === undefined || left.trim() !== '') {
    return bad(text, { kind: 'needs-shell' });
  }
  return command.words.map(({ text: written, value, expands }) => {
    // Braces are placeholders, or belong to the program.
    if (value !== undefined && expands !== 'glob') return value;
    if (/^[^$`*?"'\\]*$/.test(written)) return written;
    return bad(text, { kind: 'needs-expansion', word: written });
  });
}

function bad(text: string, problem: ProblemOf<'bad-step'>): never {
  return fail({ reason: 'bad-step', text, problem });
}

/** The program of words as people type them: a file where the first is one by its looks, else a command; a file here that is no command elsewhere will do. */
export function programOfWords(
  [first = '', ...args]: readonly string[],
  request: Omit<ProgramRequest, 'program' | 'args'>,
): Program {
  const isFile = first.includes('/') || extname(first) !== '' || request.interpreter.length > 0;
  const isProgram = isFile || findCommand(first, request.cwd, request.path) === undefined;
  return findProgram({
    ...request,
    program: isProgram ? first : undefined,
    args: isProgram ? args : [first, ...args],
  });
}

/** Steps with their programs found. Throws what `findProgram` throws. */
export function findSteps(
  steps: readonly WrittenStep[],
  request: Omit<ProgramRequest, 'program' | 'args'>,
  word: (word: string, isFirst: boolean) => string,
): Step[] {
  return steps.map(({ name, words }) => ({
    name,
    program: programOfWords(
      words.map((one, at) => word(one, at === 0)),
      request,
    ),
  }));
}

import { extname, resolve } from 'node:path';
import { findCommand } from '../../core/find-command.js';
import { displayPath } from '../../core/paths.js';
import { fail, type ProblemOf } from '../../failures/index.js';
import { parseShell } from '../../script/index.js';
import { readSweepFile } from '../../sweep/index.js';
import type { Step } from '../plan/plan.js';
import { findProgram, type Program, type ProgramRequest } from '../plan/program.js';
import type { PointsOptions, StepOptions } from './options.js';

/** A step as a person writes it: a name, and the words of its command. */
export interface WrittenStep {
  readonly name: string;
  readonly words: readonly string[];
}

/**
 * Returns the steps of `--step`, else those of the sweep file; none if a run is a single command. Throws
 * `bad-step` or `shell-syntax`.
 */
export function writtenSteps(
  { step = [], sweep }: StepOptions & Pick<PointsOptions, 'sweep'>,
  cwd: string,
): WrittenStep[] {
  const steps = step.length > 0 ? step.map(parseStep) : stepsOfFile(sweep, cwd);
  checkStepNames(steps);
  return steps;
}

function stepsOfFile(path: string | undefined, cwd: string): WrittenStep[] {
  if (path === undefined) return [];
  const { steps } = readSweepFile(resolve(cwd, path), displayPath(resolve(cwd, path), cwd));
  return steps.map(({ name, command }) => ({
    name,
    words: typeof command === 'string' ? commandWords(command, name) : command,
  }));
}

/** Reads a step of `--step`: `prepare: ./prepare.sh --seed {seed}`. */
function parseStep(text: string): WrittenStep {
  const [, name, command] = /^\s*([^:\s]+)\s*:\s+(\S.*)$/s.exec(text) ?? [];
  if (name === undefined || command === undefined) return bad(text, { kind: 'not-a-step' });
  return { name, words: commandWords(command, name) };
}

/** Checks the names of steps against each other. Throws `bad-step`. */
function checkStepNames(steps: readonly WrittenStep[]): void {
  steps.forEach(({ name, words }, i) => {
    if (!/^[\w.-]+$/.test(name)) bad(name, { kind: 'bad-name' });
    if (words.length === 0) bad(name, { kind: 'no-command' });
    if (steps.findIndex((step) => step.name === name) < i) bad(name, { kind: 'name-twice' });
  });
}

/**
 * Splits a command into words as a shell does, and replaces nothing in them: no shell runs it. A command that
 * needs a shell is refused. Throws `bad-step` or `shell-syntax`.
 */
function commandWords(text: string, step: string): string[] {
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

/**
 * Finds the program of words as people type them. The first word is a file if it looks like one, or if no
 * command has its name; else it is a command. Throws what `findProgram` throws.
 */
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

/** Returns the steps with their programs. Throws what `findProgram` throws. */
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

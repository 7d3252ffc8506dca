import type { Span } from '../core/span.js';
import { printableLine } from '../core/text.js';
import { didYouMean, type ProblemWords, q, say, type Words } from './message.js';

/** Failures of the program of a run, its steps and its arguments. */
export type ProgramFailure =
  | { readonly reason: 'no-program' }
  | { readonly reason: 'program-missing'; readonly path: string; readonly near: string | undefined }
  | { readonly reason: 'program-not-file'; readonly path: string }
  | { readonly reason: 'program-not-executable'; readonly path: string }
  | { readonly reason: 'command-not-found'; readonly word: string; readonly neededBy: string | undefined }
  | { readonly reason: 'bad-step'; readonly text: string; readonly problem: StepProblem }
  | { readonly reason: 'steps-and-program'; readonly program: string }
  | { readonly reason: 'swept-key-unused'; readonly key: string; readonly span: Span }
  | { readonly reason: 'override-not-expressible'; readonly span: Span; readonly style: string };

type StepProblem =
  | { readonly kind: 'not-a-step' }
  | { readonly kind: 'bad-name' }
  | { readonly kind: 'name-twice' }
  | { readonly kind: 'no-command' }
  | { readonly kind: 'needs-shell' }
  /** A shell would replace `word`. */
  | { readonly kind: 'needs-expansion'; readonly word: string };

const stepWords: ProblemWords<StepProblem> = {
  'not-a-step': () => "expected a name, a colon and a command: 'train: python train.py'",
  'bad-name': () => "a step's name has letters, digits, _ . and -",
  'name-twice': () => 'another step has this name',
  'no-command': () => 'a step needs a command',
  'needs-shell': () =>
    "a step is one command without a shell: for anything else write bash -c '…', or put it into a script",
  'needs-expansion': ({ word }) =>
    `no shell replaces ${word}: write it in single quotes where it is meant as it is, or bash -c '…'`,
};

/** The words of these failures. */
export const programWords: Words<ProgramFailure> = {
  'no-program': () => ({
    what: 'no program to run',
    remedy: 'write mlx run PROGRAM OVERRIDES… or mlx run OVERRIDES… -- COMMAND ARGS…',
  }),
  'program-missing': (failure) => ({
    what: `there is no program ${q(failure.path)}${didYouMean(failure.near)}`,
    remedy: 'a command that is found on PATH goes after --: mlx run OVERRIDES… -- COMMAND',
  }),
  'program-not-file': (failure) => ({
    what: `the program ${q(failure.path)} is not a file`,
    remedy: 'name the file to run',
  }),
  'program-not-executable': (failure) => ({
    what: `the program ${q(failure.path)} is not executable`,
    remedy: `chmod +x ${printableLine(failure.path)}, or say what runs it with --interpreter`,
  }),
  'command-not-found': (failure) =>
    failure.neededBy === undefined
      ? { what: `command ${q(failure.word)} is not on PATH`, remedy: 'install it, or give its full path' }
      : {
          what: `${q(failure.word)}, needed for ${q(failure.neededBy)}, is not on PATH`,
          remedy: 'activate its environment, or say what runs the program with --interpreter',
        },
  'bad-step': (failure) => ({
    what: `${q(failure.text)} is no step of a run`,
    remedy: printableLine(say(stepWords, failure.problem)),
  }),
  'steps-and-program': (failure) => ({
    what: `a run has steps or a program, and ${q(failure.program)} stands beside steps`,
    remedy: `make it one of them: --step '${printableLine(failure.program).replace(/^.*\/|\..*$/g, '')}: ${printableLine(failure.program)}'`,
  }),
  'swept-key-unused': (failure) => ({
    what: `${q(failure.key)} is swept, but the command has placeholders and '{${printableLine(failure.key)}}' is not among them`,
    span: failure.span,
    remedy: `put {${printableLine(failure.key)}} into the command, or take all placeholders out to have overrides appended`,
  }),
  'override-not-expressible': (failure) => ({
    what: `${failure.style} has no form for this override`,
    span: failure.span,
    remedy: '--args overrides passes it as it is, --args none leaves it to the config file',
  }),
};

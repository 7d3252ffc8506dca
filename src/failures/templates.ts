import type { Span } from '../core/span.js';
import { printableLine } from '../core/text.js';
import { plural } from '../core/words.js';
import { didYouMean, type ProblemWords, q, say, systemError, type Words } from './message.js';

/** Failures of `mlx job` and its job templates. */
export type TemplatesFailure =
  | {
      readonly reason: 'unknown-word';
      /** The kind of word that was expected, such as `mode`. */
      readonly what: string;
      readonly word: string;
      readonly known: readonly string[];
      readonly near: string | undefined;
    }
  | { readonly reason: 'missing-count'; readonly count: string; readonly mode: string }
  | {
      readonly reason: 'count-of-other-mode';
      readonly count: string;
      readonly mode: string;
      readonly known: readonly string[];
    }
  | { readonly reason: 'bad-job-config'; readonly span: Span; readonly problem: JobConfigProblem }
  | {
      readonly reason: 'template-field';
      readonly span: Span;
      readonly field: string;
      readonly problem: FieldProblem;
      readonly near: string | undefined;
    }
  | {
      readonly reason: 'submission-template';
      readonly span: Span;
      readonly text: string;
      readonly problem: SubmissionProblem;
    }
  | { readonly reason: 'log-unusable'; readonly path: string; readonly code: string }
  | { readonly reason: 'log-in-use'; readonly path: string; readonly ids: readonly number[] };

/** Problems of the config of `mlx job`. `key` is a value's path in it. */
type JobConfigProblem =
  | { readonly kind: 'no-job'; readonly section: string }
  | {
      readonly kind: 'no-section';
      readonly section: string;
      /** The sections that the config has. */
      readonly known: readonly string[];
    }
  | { readonly kind: 'no-submit-command'; readonly key: string }
  | { readonly kind: 'not-a-count'; readonly key: string }
  | { readonly kind: 'not-text'; readonly key: string; readonly isMapping: boolean };

/** Problems of a field of a template, such as `{args.n_tasks}`. */
type FieldProblem =
  | { readonly kind: 'no-command' }
  | { readonly kind: 'unknown-field'; readonly known: readonly string[] }
  /** `section` is the section of the config that may have the value; undefined if it stands at the top. */
  | { readonly kind: 'no-value'; readonly field: string; readonly section: string | undefined };

/** Problems of the command that submits a job. */
type SubmissionProblem =
  | { readonly kind: 'not-one-command' }
  | { readonly kind: 'not-only-words' }
  | { readonly kind: 'bash-missing' }
  /** The first words that bash printed when it expanded the command. */
  | { readonly kind: 'bash-failed'; readonly words: string }
  | { readonly kind: 'array-unneeded' }
  | { readonly kind: 'array-missing'; readonly section: string }
  | {
      readonly kind: 'array-differs';
      /** The indexes that the command asks for. */
      readonly asked: readonly number[];
      readonly tasks: number;
      readonly tasksPerProc: number;
      readonly procs: number;
      /** How many elements the array must have, and how many tasks each of them does. */
      readonly elements: number;
      readonly tasksPerElement: number;
    };

const jobConfigWords: ProblemWords<JobConfigProblem> = {
  'no-job': ({ section }) => `${section} has no job: the lines of shell to run, with {command} in them`,
  'no-section': ({ section, known }) =>
    `there is no section ${section}${section.endsWith('-array') ? ', which --n_tasks asks for' : ''}; ${known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`}`,
  'no-submit-command': ({ key }) => `there is no ${key}: the command that submits a job`,
  'not-a-count': ({ key }) => `${key} is to be a whole number, 1 or more`,
  'not-text': ({ key, isMapping }) =>
    `${key} is to be text${isMapping ? ': in quotes, where it begins with a brace' : ''}`,
};

const fieldWords: ProblemWords<FieldProblem> = {
  'no-command': () => 'there is no command at this place',
  'unknown-field': ({ known }) => `there are ${known.map((one) => `{args.${one}}`).join(', ')}`,
  'no-value': ({ field, section }) =>
    `it has no value: ${section === undefined ? `--${field}, or ${field} in the config` : `--${field} N, or ${field}: N in ${section}`}`,
};

const submissionWords: ProblemWords<SubmissionProblem> = {
  'not-one-command': () => 'it is to be one command',
  'not-only-words': () => 'it is to be a command and its options, no redirection',
  'bash-missing': () => 'bash is not on this machine',
  'bash-failed': ({ words }) => words,
  'array-unneeded': () => 'it asks for an array, which is for --n_tasks',
  'array-missing': ({ section }) => `${section} is an array, for which it does not ask`,
  'array-differs': ({ asked, tasks, tasksPerProc, procs, elements, tasksPerElement }) =>
    `it asks for ${plural(asked.length, 'element')} (${listed(asked)}), but ${plural(tasks, 'task')}, ${tasksPerProc} for each of ${plural(procs, 'worker')}, are ${plural(elements, 'element')}: 1-${tasks}:${tasksPerElement}, or 1-${elements}`,
};

const listed = (indexes: readonly number[]) =>
  indexes.length > 3 ? `${indexes.slice(0, 2).join(', ')}, … ${indexes.at(-1)}` : indexes.join(', ');

/** The words of these failures. */
export const templatesWords: Words<TemplatesFailure> = {
  'unknown-word': (failure) => ({
    what: `there is no ${failure.what} ${q(failure.word)}${didYouMean(failure.near)}`,
    remedy: `there are ${failure.known.join(', ')}`,
  }),
  'missing-count': (failure) => ({
    what: `${failure.mode} needs --${failure.count}`,
    remedy: `say --${failure.count} N, or ${failure.count}: N in the section ${failure.mode} of the config`,
  }),
  'count-of-other-mode': (failure) => ({
    what: `${failure.mode} takes no --${failure.count}`,
    remedy: `it takes ${failure.known.map((count) => `--${count}`).join(', ')}`,
  }),
  'bad-job-config': (failure) => ({
    what: `the config ${q(failure.span.source.name)} is not right`,
    span: failure.span,
    note: printableLine(say(jobConfigWords, failure.problem)),
  }),
  'template-field': (failure) => ({
    what: `can't fill in ${failure.field}: ${printableLine(say(fieldWords, failure.problem))}${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: "braces that are not mlx's stay as they are; {{ and }} stand for { and }",
  }),
  'submission-template': (failure) => ({
    what: `can't work out the command that submits the job: ${printableLine(say(submissionWords, failure.problem))}`,
    span: failure.span,
    remedy: `its words are those of ${printableLine(failure.text)}`,
  }),
  'log-unusable': (failure) => ({
    what: `can't write ${q(failure.path)}: ${systemError(failure.code)}`,
    remedy: 'name a LOG_FILENAME in a directory that can be written to',
  }),
  'log-in-use': (failure) => ({
    what: `${q(failure.path)} is the log of ${failure.ids.length === 1 ? 'run' : 'runs'} ${failure.ids.join(' ')}, which may still write to it`,
    remedy: 'wait for that (mlx watch), stop it (mlx stop), or name another LOG_FILENAME',
  }),
};

import { plural } from '../core/words.js';
import { didYouMean, q, type Words } from './message.js';

/** Failures of the words of a command line. */
export type CommandLineFailure =
  | { readonly reason: 'unknown-command'; readonly word: string; readonly near: string | undefined }
  | { readonly reason: 'unknown-topic'; readonly word: string; readonly near: string | undefined }
  | {
      readonly reason: 'unknown-option';
      readonly option: string;
      readonly command: string;
      readonly near: string | undefined;
    }
  | { readonly reason: 'option-needs-value'; readonly option: string; readonly shape: string }
  | { readonly reason: 'option-takes-no-value'; readonly option: string; readonly value: string }
  | {
      readonly reason: 'bad-option-value';
      readonly option: string;
      readonly value: string;
      readonly expected: string;
      readonly near: string | undefined;
    }
  | { readonly reason: 'options-exclude'; readonly options: readonly string[] }
  | { readonly reason: 'needs-answer'; readonly question: string; readonly flag: string | undefined }
  /** A question was answered with Ctrl-C or Ctrl-D. */
  | { readonly reason: 'interrupted'; readonly question: string; readonly flag: string | undefined }
  | { readonly reason: 'missing-argument'; readonly argument: string; readonly command: string }
  | { readonly reason: 'unexpected-argument'; readonly argument: string; readonly command: string }
  | { readonly reason: 'unreadable-argument'; readonly position: number; readonly problem: 'not-utf8' | 'nul' }
  | { readonly reason: 'selection-missing'; readonly command: string; readonly count: number }
  | { readonly reason: 'bad-tasks'; readonly text: string; readonly problem: string };

/** The words of these failures. */
export const commandLineWords: Words<CommandLineFailure> = {
  'unknown-command': (failure) => ({
    what: `unknown command ${q(failure.word)}${didYouMean(failure.near)}`,
    remedy: 'mlx --help lists the commands',
  }),
  'unknown-topic': (failure) => ({
    what: `there is no page ${q(failure.word)}${didYouMean(failure.near)}`,
    remedy: 'mlx help lists the commands and the pages',
  }),
  'unknown-option': (failure) => ({
    what: `unknown option ${q(failure.option)}${didYouMean(failure.near)}`,
    remedy:
      failure.command === 'run'
        ? 'mlx run --help lists the options; words meant for the program go after --'
        : `mlx ${failure.command ? `${failure.command} ` : ''}--help lists the options`,
  }),
  'option-needs-value': (failure) => ({
    what: `option ${q(failure.option)} needs a value`,
    remedy: `write ${failure.option}=${failure.shape}`,
  }),
  'option-takes-no-value': (failure) => ({
    what: `option ${q(failure.option)} takes no value, found ${q(failure.value)}`,
    remedy: `write ${failure.option} alone`,
  }),
  'bad-option-value': (failure) => ({
    what: `option ${q(failure.option)} can't be ${q(failure.value)}${didYouMean(failure.near)}`,
    remedy: `expected ${failure.expected}`,
  }),
  'options-exclude': (failure) => ({
    what: `options ${failure.options.map(q).join(' and ')} exclude each other`,
    remedy: 'keep one of them',
  }),
  'needs-answer': (failure) => ({
    what: `nobody is there to answer: ${failure.question}`,
    remedy:
      failure.flag === undefined
        ? 'nothing was changed'
        : failure.flag === '--yes'
          ? '--yes answers yes'
          : `${failure.flag} answers it; nothing was changed`,
  }),
  interrupted: (failure) => ({
    what: `interrupted at the question ${q(failure.question)}`,
    remedy: `nothing was changed${failure.flag === undefined ? '' : `; ${failure.flag} answers it`}`,
    exitCode: 130,
  }),
  'missing-argument': (failure) => ({
    what: `${failure.argument} is missing`,
    remedy: `mlx ${failure.command} --help shows how it is written`,
  }),
  'unexpected-argument': (failure) => ({
    what: `unexpected argument ${q(failure.argument)}`,
    remedy: `mlx ${failure.command} --help shows what it takes`,
  }),
  'unreadable-argument': (failure) =>
    failure.problem === 'nul'
      ? {
          what: `word ${failure.position} of the command would hold a NUL byte, which no program can be given`,
          remedy: 'leave it out',
        }
      : {
          what: `word ${failure.position} is not UTF-8, so it can't be passed on byte for byte`,
          remedy: 'put such bytes into a file and pass its name',
        },
  'selection-missing': (failure) => ({
    what: `which runs? mlx ${failure.command} could be meant for ${plural(failure.count, 'run')}`,
    remedy: 'name them (5, 12-40, @last, failed, --where EXPR), or say --all',
  }),
  'bad-tasks': (failure) => ({
    what: `${q(failure.text)} names no tasks: ${failure.problem}`,
    remedy: '-t takes 10 (1 to 10), 2-20:2, 1,4,7-9, each with %5 behind it for five at once',
  }),
};

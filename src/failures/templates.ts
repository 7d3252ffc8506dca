import type { Span } from '../core/span.js';
import { printableLine } from '../core/text.js';
import { didYouMean, q, systemError, type Words } from './message.js';

/** Failures of `mlx job` and its job templates. */
export type TemplatesFailure =
  | {
      readonly reason: 'unknown-word';
      /** What it should have been: `mode`. */
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
  | {
      readonly reason: 'template-field';
      readonly span: Span;
      readonly field: string;
      readonly problem: string;
      readonly near: string | undefined;
    }
  | { readonly reason: 'submission-template'; readonly span: Span; readonly text: string; readonly problem: string }
  | { readonly reason: 'log-unusable'; readonly path: string; readonly code: string }
  | { readonly reason: 'log-in-use'; readonly path: string; readonly ids: readonly number[] };

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
  'template-field': (failure) => ({
    what: `can't fill in ${failure.field}: ${printableLine(failure.problem)}${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: "braces that are not mlx's stay as they are; {{ and }} stand for { and }",
  }),
  'submission-template': (failure) => ({
    what: `can't work out the command that submits the job: ${printableLine(failure.problem)}`,
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

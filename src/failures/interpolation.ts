import type { Span } from '../core/span.js';
import { didYouMean, q, type Words } from './message.js';

/** Failures of the interpolations of a config, such as `${a.b}`. */
export type InterpolationFailure =
  | { readonly reason: 'bad-interpolation'; readonly span: Span; readonly expected: string }
  | {
      readonly reason: 'unresolvable';
      /** The value that holds the interpolation, and the interpolation. */
      readonly key: string;
      readonly text: string;
      readonly problem: string;
      readonly near: string | undefined;
      /** Whether it may still come to be resolved where the run is. */
      readonly later: boolean;
    }
  | {
      readonly reason: 'override-unresolvable';
      readonly span: Span;
      readonly text: string;
      readonly problem: string;
      readonly near: string | undefined;
    };

/** The words of these failures. */
export const interpolationWords: Words<InterpolationFailure> = {
  'bad-interpolation': (failure) => ({
    what: `can't read the interpolation in ${q(failure.span.source.name)}`,
    span: failure.span,
    note: `expected ${failure.expected}`,
    remedy: '\\${ stands for a plain ${',
  }),
  unresolvable: (failure) => ({
    what: `can't resolve ${q(failure.text)}${failure.key === '' ? '' : ` of ${q(failure.key)}`}: ${failure.problem}${didYouMean(failure.near)}`,
    remedy: 'without --resolve it is shown as it is written',
  }),
  'override-unresolvable': (failure) => ({
    what: `${q(failure.text)} stands for nothing: ${failure.problem}${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: '\\${ stands for a plain ${',
  }),
};

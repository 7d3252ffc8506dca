import type { Span } from '../core/span.js';
import { printableLine } from '../core/text.js';
import { didYouMeanOneOf, q, type Words } from './message.js';

/** Failures of expressions over runs, and of the columns that they name. */
export type ResultsFailure =
  | { readonly reason: 'expression-syntax'; readonly span: Span; readonly expected: string }
  | {
      readonly reason: 'unknown-column';
      readonly span: Span;
      readonly column: string;
      readonly near: readonly string[];
      /** How it is written if a text was meant. */
      readonly quoted: string | undefined;
    }
  | {
      readonly reason: 'unknown-reducer';
      readonly span: Span;
      readonly column: string;
      /** What stands behind `@`. */
      readonly reducer: string;
      readonly near: readonly string[];
    }
  | {
      readonly reason: 'unknown-status';
      readonly span: Span;
      readonly status: string;
      readonly near: readonly string[];
      readonly known: readonly string[];
    };

const reducerText =
  'last, first, min, max, mean, median, std, q10 … q90, argmin, argmax, count, nan, values, or KEY=VALUE such as epoch=10';

/** The words of these failures. */
export const resultsWords: Words<ResultsFailure> = {
  'expression-syntax': (failure) => ({
    what: `can't read the expression ${q(failure.span.source.text)}`,
    span: failure.span,
    note: `expected ${failure.expected}`,
  }),
  'unknown-column': (failure) => {
    const { column, near, quoted, span } = failure;
    return {
      what: `no run has ${q(column)}${didYouMeanOneOf(near)}`,
      span,
      remedy:
        quoted === undefined
          ? 'mlx show ID lists what a run has; names with other characters than letters, digits, _ . and - stand in backticks'
          : `a text stands in quotes: ${printableLine(quoted)}`,
    };
  },
  'unknown-reducer': (failure) => {
    const { column, reducer, near, span } = failure;
    const [, key, value] = /^([^=]+)=(.*)$/.exec(reducer) ?? [];
    if (key === undefined || value === undefined) {
      return {
        what: `${q(`@${reducer}`)} means nothing${didYouMeanOneOf(near.map((word) => `@${word}`))}`,
        span,
        remedy: `behind @ stand ${reducerText}`,
      };
    }
    return {
      what: `no run has logged ${q(key)} beside ${q(column)}`,
      span,
      remedy: near.includes(key)
        ? `to compare, write ${printableLine(column)}@${key} == ${printableLine(value)}`
        : '@KEY=VALUE is the value where a key that is logged beside it, such as epoch, has that value',
    };
  },
  'unknown-status': (failure) => ({
    what: `no status is ${q(failure.status)}${didYouMeanOneOf(failure.near)}`,
    span: failure.span,
    remedy: `statuses are ${failure.known.join(', ')}`,
  }),
};

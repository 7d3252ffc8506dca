import type { Span } from '../core/span.js';
import { printableLine } from '../core/text.js';
import { didYouMeanOneOf, type ProblemWords, q, say, type Words } from './message.js';

/** Failures of expressions over runs, and of the columns that they name. */
export type ResultsFailure =
  | { readonly reason: 'expression-syntax'; readonly span: Span; readonly expected: ExpressionExpected }
  | {
      readonly reason: 'unknown-column';
      readonly span: Span;
      readonly column: string;
      readonly near: readonly string[];
      /** The name in quotes, if it may be meant as text. */
      readonly quoted: string | undefined;
    }
  | {
      readonly reason: 'unknown-reducer';
      readonly span: Span;
      readonly column: string;
      /** The text after `@`. */
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

/** Forms that the grammar of expressions allows where it found something else. */
type ExpressionExpected =
  | { readonly kind: 'operand' | 'operator-or-end' | 'condition-or-end' | 'name-value-or-operator' }
  | { readonly kind: 'closing-parenthesis' | 'comma-or-bracket' }
  | { readonly kind: 'closing-quote'; readonly quote: string }
  | { readonly kind: 'fewer-levels'; readonly most: number }
  | { readonly kind: 'fewer-tokens'; readonly most: number }
  /**
   * An operator of another language, or in capitals. `operand` is true if an operand may stand there, too.
   */
  | { readonly kind: 'instead'; readonly operator: Operator; readonly operand: boolean };

type Operator = '==' | '!=' | '>=' | '<=' | 'and' | 'or' | 'not' | 'in' | 'not in';

const operatorWords: Readonly<Record<Operator, string>> = {
  '==': "'==' to compare",
  '!=': "'!='",
  '>=': "'>='",
  '<=': "'<='",
  and: "'and' in lower case, or '&'",
  or: "'or' in lower case, or '|'",
  not: "'not' in lower case, or '~'",
  in: "'in' in lower case",
  'not in': "'not in' in lower case",
};

const expressionWords: ProblemWords<ExpressionExpected> = {
  operand: () => 'a name or a value',
  'operator-or-end': () => 'an operator or the end',
  'condition-or-end': () => 'an operator or the end; conditions are joined by & (and) or | (or)',
  'name-value-or-operator': () =>
    'a name, a value or an operator; a name with other characters than letters, digits, _ . and - stands in backticks',
  'closing-parenthesis': () => "')'",
  'comma-or-bracket': () => "',' or ']'",
  'closing-quote': ({ quote }) => `a second ${quote} that closes it`,
  'fewer-levels': ({ most }) => `at most ${most} levels`,
  'fewer-tokens': ({ most }) => `at most ${most} words and signs`,
  instead: ({ operator, operand }) => `${operatorWords[operator]}${operand ? ', and a name or a value' : ''}`,
};

const reducerText =
  'last, first, min, max, mean, median, std, q10 … q90, argmin, argmax, count, nan, values, or KEY=VALUE such as epoch=10';

/** The words of these failures. */
export const resultsWords: Words<ResultsFailure> = {
  'expression-syntax': (failure) => ({
    what: `can't read the expression ${q(failure.span.source.text)}`,
    span: failure.span,
    note: `expected ${say(expressionWords, failure.expected)}`,
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

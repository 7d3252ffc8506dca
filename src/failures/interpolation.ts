import type { Span } from '../core/span.js';
import { didYouMean, type ProblemWords, q, say, type Words } from './message.js';

/** Failures of the interpolations of a config, such as `${a.b}`. */
export type InterpolationFailure =
  | { readonly reason: 'bad-interpolation'; readonly span: Span; readonly expected: InterpolationExpected }
  | {
      readonly reason: 'unresolvable';
      /** The key of the value that holds the interpolation. */
      readonly key: string;
      /** The interpolation. */
      readonly text: string;
      readonly problem: UnresolvableProblem;
      readonly near: string | undefined;
      /** True if it may still have a value on the machine of the run. */
      readonly later: boolean;
    }
  | {
      readonly reason: 'override-unresolvable';
      readonly span: Span;
      /** The interpolation. */
      readonly text: string;
      readonly problem: UnresolvableProblem;
      readonly near: string | undefined;
    };

/** Forms that the grammar of interpolations allows where it found something else. */
type InterpolationExpected =
  | { readonly kind: 'value' | 'key' | 'end' | 'colon-and-value' }
  | { readonly kind: 'closing-bracket'; readonly bracket: string }
  | { readonly kind: 'closing-quote'; readonly quote: string }
  | { readonly kind: 'fewer-levels'; readonly most: number };

const expectedWords: ProblemWords<InterpolationExpected> = {
  value: () => 'a value',
  key: () => 'a key',
  end: () => 'the end',
  'colon-and-value': () => "':' and a value",
  'closing-bracket': ({ bracket }) => `'${bracket}'`,
  'closing-quote': ({ quote }) => `text with a ${quote} that closes it`,
  'fewer-levels': ({ most }) => `at most ${most} levels`,
};

/** Reasons why an interpolation has no value. */
export type UnresolvableProblem =
  | { readonly kind: 'no-key'; readonly key: string }
  | { readonly kind: 'no-value-yet'; readonly key: string }
  | { readonly kind: 'not-a-key'; readonly key: string }
  | { readonly kind: 'not-an-index'; readonly key: string; readonly list: string }
  | { readonly kind: 'no-parts'; readonly key: string }
  | { readonly kind: 'computed-key-not-text' }
  | { readonly kind: 'above-config' }
  | { readonly kind: 'circle' }
  | { readonly kind: 'part-of-itself' }
  // Resolvers
  | { readonly kind: 'unknown-resolver'; readonly name: string }
  | { readonly kind: 'only-where-it-runs' }
  /** How many arguments the resolver takes, at least and at most, and how many it has. */
  | { readonly kind: 'argument-count'; readonly least: number; readonly most: number; readonly count: number }
  | { readonly kind: 'key-not-text' }
  | { readonly kind: 'no-mapping'; readonly key: string }
  | { readonly kind: 'variable-not-text' }
  | { readonly kind: 'no-variable'; readonly name: string }
  | { readonly kind: 'decode-not-text' }
  | { readonly kind: 'bad-create' }
  | { readonly kind: 'create-neither' }
  | { readonly kind: 'null-key' }
  | { readonly kind: 'package-not-text' }
  | { readonly kind: 'no-package'; readonly name: string }
  | { readonly kind: 'unknown-time-letter'; readonly letter: string };

const unresolvableWords: ProblemWords<UnresolvableProblem> = {
  'no-key': ({ key }) => `there is no ${key}`,
  'no-value-yet': ({ key }) => `${key} has no value yet (???)`,
  'not-a-key': ({ key }) => `'${key}' is no key`,
  'not-an-index': ({ key, list }) => `'${key}' is no index of the list ${list}`,
  'no-parts': ({ key }) => `${key} has no parts`,
  'computed-key-not-text': () => 'a key is to be text',
  'above-config': () => 'it goes above the config',
  circle: () => 'it goes round in a circle',
  'part-of-itself': () => 'it stands for a value that it is a part of',
  'unknown-resolver': ({ name }) => `mlx knows no resolver '${name}': the program brings it`,
  'only-where-it-runs': () => 'it is decided where the run is',
  'argument-count': ({ least, most, count }) =>
    `it takes ${least === most ? least : `${least} or ${most}`} arguments, not ${count}`,
  'key-not-text': () => 'a key is text',
  'no-mapping': ({ key }) => `${key} is no mapping`,
  'variable-not-text': () => 'the name of a variable is text',
  'no-variable': ({ name }) => `the environment has no variable '${name}'`,
  'decode-not-text': () => 'only text can be decoded',
  'bad-create': () => 'only a list, a dict or a text of YAML can be made a config',
  'create-neither': () => 'its YAML is neither a list nor a mapping',
  'null-key': () => 'null can be no key of a config',
  'package-not-text': () => 'the name of a package is text',
  'no-package': ({ name }) => `there is no package ${name} in the working directory or on PYTHONPATH`,
  'unknown-time-letter': ({ letter }) => `mlx can't write %${letter} of a time`,
};

/** Returns why an interpolation has no value,. */
export const unresolvableText = (problem: UnresolvableProblem): string => say(unresolvableWords, problem);

/** The words of these failures. */
export const interpolationWords: Words<InterpolationFailure> = {
  'bad-interpolation': (failure) => ({
    what: `can't read the interpolation in ${q(failure.span.source.name)}`,
    span: failure.span,
    note: `expected ${say(expectedWords, failure.expected)}`,
    remedy: '\\${ stands for a plain ${',
  }),
  unresolvable: (failure) => ({
    what: `can't resolve ${q(failure.text)}${failure.key === '' ? '' : ` of ${q(failure.key)}`}: ${unresolvableText(failure.problem)}${didYouMean(failure.near)}`,
    remedy: 'without --resolve it is shown as it is written',
  }),
  'override-unresolvable': (failure) => ({
    what: `${q(failure.text)} stands for nothing: ${unresolvableText(failure.problem)}${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: '\\${ stands for a plain ${',
  }),
};

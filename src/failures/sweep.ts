import type { Span } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { printableLine } from '../core/text.js';
import { plural } from '../core/words.js';
import { didYouMean, q, type Words } from './message.js';

/** Failures of overrides and of the sweep that they make. */
export type SweepFailure =
  | {
      readonly reason: 'override-syntax';
      readonly span: Span;
      readonly expected: string;
      readonly hint: string | undefined;
    }
  | {
      readonly reason: 'unknown-function';
      readonly span: Span;
      readonly name: string;
      readonly near: string | undefined;
      readonly known: readonly string[];
    }
  | {
      readonly reason: 'sweep-function';
      readonly span: Span;
      readonly name: string;
      readonly usage: string;
      readonly problem: string;
    }
  | { readonly reason: 'nested-sweep'; readonly span: Span }
  | { readonly reason: 'sweep-not-allowed'; readonly span: Span; readonly where: string }
  | { readonly reason: 'glob-unexpanded'; readonly span: Span; readonly key: string }
  | { readonly reason: 'bad-interval'; readonly span: Span; readonly problem: string }
  | { readonly reason: 'interval-unsampled'; readonly span: Span }
  | { readonly reason: 'sample-exhausted'; readonly wanted: number; readonly found: number }
  | { readonly reason: 'no-such-point'; readonly point: number; readonly count: number }
  | {
      readonly reason: 'zip-key';
      readonly key: string;
      /** Whether the key is in another zip, or there twice. */
      readonly used: boolean;
      readonly swept: readonly string[];
    }
  | { readonly reason: 'zip-lengths'; readonly counts: readonly { readonly key: string; readonly count: number }[] }
  | { readonly reason: 'key-in-points'; readonly key: string; readonly span: Span }
  | { readonly reason: 'empty-sweep'; readonly span: Span | undefined; readonly of: number | undefined }
  | {
      readonly reason: 'bad-sweep-file';
      readonly span: Span;
      readonly problem: string;
      readonly near: string | undefined;
    }
  | { readonly reason: 'bad-points-file'; readonly path: string; readonly line: number; readonly problem: string }
  | {
      readonly reason: 'unknown-name';
      readonly name: string;
      readonly span: Span;
      readonly near: string | undefined;
      readonly unresolved: boolean;
    }
  | { readonly reason: 'too-many-runs'; readonly count: string | undefined; readonly limit: number };

/** The words of these failures. */
export const sweepWords: Words<SweepFailure> = {
  'override-syntax': (failure) => ({
    what: `can't read the ${failure.span.source.name} ${q(failure.span.source.text)}`,
    span: failure.span,
    note: `expected ${failure.expected}`,
    remedy: failure.hint,
  }),
  'unknown-function': (failure) => ({
    what: `there is no function ${q(failure.name)} in overrides${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: `there are ${failure.known.join(', ')}; text with parentheses goes in quotes`,
  }),
  'sweep-function': (failure) => ({
    what: `can't call ${failure.name}() in ${q(failure.span.source.text)}`,
    span: failure.span,
    note: failure.problem,
    remedy: `it is written ${failure.usage}`,
  }),
  'nested-sweep': (failure) => ({
    what: 'a sweep can not stand inside of another value',
    span: failure.span,
    remedy: 'write one sweep per key: key=a,b or key=choice(a,b) or key=range(1,5)',
  }),
  'sweep-not-allowed': (failure) => ({
    what: `${failure.where} takes one value, not a sweep`,
    span: failure.span,
    remedy: 'keep one of the values',
  }),
  'glob-unexpanded': (failure) => ({
    what: `glob() needs the options of the config group ${q(failure.key)}, and there is no config here`,
    span: failure.span,
    remedy: 'write the options: key=a,b',
  }),
  'bad-interval': (failure) => ({
    what: `this interval ${failure.problem}`,
    span: failure.span,
    remedy: 'it is written interval(START,END)',
  }),
  'interval-unsampled': (failure) => ({
    what: 'an interval has no values to run one by one',
    span: failure.span,
    note: 'its values are drawn',
    remedy: '--sample N draws N points; range(START,STOP,STEP) makes a grid',
  }),
  'sample-exhausted': (failure) => ({
    what: `only ${failure.found} of ${failure.wanted} points could be drawn: after them nothing new was kept`,
    remedy: `ask for fewer with --sample ${Math.max(1, failure.found)}, or loosen --where`,
  }),
  'no-such-point': (failure) => ({
    what: `there is no point ${failure.point}: the sweep has ${plural(failure.count, 'point')}`,
    remedy: `they are numbered from 0${failure.count > 0 ? ` to ${failure.count - 1}` : ''}; --dry-run lists them`,
  }),
  'zip-key': (failure) => ({
    what: failure.used
      ? `--zip names ${q(failure.key)} twice`
      : `--zip names ${q(failure.key)}, which is not swept here${didYouMean(nearest(failure.key, failure.swept))}`,
    remedy: failure.swept.length === 0 ? 'no key is swept' : `swept are ${failure.swept.map(printableLine).join(', ')}`,
  }),
  'zip-lengths': (failure) => ({
    what: `keys that move together need as many values each: ${failure.counts
      .map(({ key, count }) => `${printableLine(key)} has ${count}`)
      .join(', ')}`,
    remedy: 'give each as many, or leave out --zip to cross them',
  }),
  'key-in-points': (failure) => ({
    what: `${q(failure.key)} is given by the points already`,
    span: failure.span,
    remedy: 'take it out here, or out of the file of points',
  }),
  'empty-sweep': (failure) => ({
    what: failure.of === undefined ? 'this sweep has no points' : `--where keeps none of the ${failure.of} points`,
    ...(failure.span && { span: failure.span, note: 'no values' }),
    remedy: failure.of === undefined ? 'give at least one value' : 'loosen it; --count tells how many points it keeps',
  }),
  'bad-sweep-file': (failure) => ({
    what: `can't read the sweep in ${q(failure.span.source.name)}`,
    span: failure.span,
    note: `${failure.problem}${didYouMean(failure.near)}`,
    remedy:
      'it has params: with keys and values, and beside it zip, where, sample, sample_seed, repeat, points or skip_existing',
  }),
  'bad-points-file': (failure) => ({
    what: `can't read points from ${q(failure.path)}, line ${failure.line}: ${printableLine(failure.problem)}`,
    remedy: 'a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
  }),
  'unknown-name': (failure) => ({
    what: failure.unresolved
      ? `${q(failure.name)} is an interpolation, which --where can't compare`
      : `no point has a value ${q(failure.name)}${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: failure.unresolved
      ? 'compare the value that it refers to'
      : 'names are keys of the config and of the overrides; text goes in quotes: name == "text"',
  }),
  'too-many-runs': (failure) => ({
    what:
      failure.count === undefined
        ? `this sweep has more runs than the limit of ${failure.limit}`
        : `this sweep has ${failure.count} runs, more than the limit of ${failure.limit}`,
    remedy: `--max-runs ${failure.count ?? 'N'} says that it is meant; --sample draws some of them`,
  }),
};

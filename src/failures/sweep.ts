import type { Span } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { printableLine } from '../core/text.js';
import { plural } from '../core/words.js';
import { didYouMean, type ProblemWords, q, say, type Words } from './message.js';

/** Failures of overrides and of the sweep that they make. */
export type SweepFailure =
  | {
      readonly reason: 'override-syntax';
      readonly span: Span;
      readonly expected: OverrideExpected;
      readonly hint: OverrideHint | undefined;
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
      /** The forms of a call, such as `range(STOP)`. */
      readonly usage: string;
      readonly problem: CallProblem;
    }
  | { readonly reason: 'nested-sweep'; readonly span: Span }
  | { readonly reason: 'sweep-not-allowed'; readonly span: Span; readonly where: 'setting' | 'mlx config' }
  | { readonly reason: 'glob-unexpanded'; readonly span: Span; readonly key: string }
  | { readonly reason: 'bad-interval'; readonly span: Span; readonly problem: IntervalProblem }
  | { readonly reason: 'interval-unsampled'; readonly span: Span }
  | { readonly reason: 'sample-exhausted'; readonly wanted: number; readonly found: number }
  | { readonly reason: 'no-such-point'; readonly point: number; readonly count: number }
  | {
      readonly reason: 'zip-key';
      readonly key: string;
      /** True if `--zip` names the key twice; false if the key is not swept. */
      readonly used: boolean;
      readonly swept: readonly string[];
    }
  | { readonly reason: 'zip-lengths'; readonly counts: readonly { readonly key: string; readonly count: number }[] }
  | { readonly reason: 'key-in-points'; readonly key: string; readonly span: Span }
  | { readonly reason: 'empty-sweep'; readonly span: Span | undefined; readonly of: number | undefined }
  | {
      readonly reason: 'bad-sweep-file';
      readonly span: Span;
      readonly problem: SweepFileProblem;
    }
  | {
      readonly reason: 'bad-points-file';
      readonly path: string;
      readonly line: number;
      readonly problem: PointsFileProblem;
    }
  | {
      readonly reason: 'unknown-name';
      readonly name: string;
      readonly span: Span;
      readonly near: string | undefined;
      readonly unresolved: boolean;
    }
  | { readonly reason: 'too-many-runs'; readonly count: string | undefined; readonly limit: number };

/** Forms that the grammar of overrides allows where it found something else. */
type OverrideExpected =
  | { readonly kind: 'value' | 'key' | 'key-between-dots' | 'group-name' | 'equals' | 'colon-and-value' }
  | { readonly kind: 'comma-or-end' | 'interpolation-name' | 'interpolation-end' | 'named-argument' }
  | { readonly kind: 'comma-or-bracket'; readonly bracket: string }
  | { readonly kind: 'closing-bracket'; readonly bracket: string; readonly opened: string }
  /** `name` looks like a function, and is a value. */
  | { readonly kind: 'comma-after-value'; readonly name: string }
  | { readonly kind: 'closing-quote'; readonly quote: string; readonly column: number }
  | { readonly kind: 'fewer-levels'; readonly most: number };

/** Ways to fix an override. */
type OverrideHint =
  | { readonly kind: 'quote-override' | 'quote-value' | 'one-program' | 'no-blank-after-equals' | 'no-blanks' }
  | { readonly kind: 'package-renaming' | 'options-elsewhere' }
  | { readonly kind: 'quotes-inside'; readonly key: string; readonly value: string }
  | { readonly kind: 'words-after-dashes'; readonly text: string };

const overrideWords: ProblemWords<OverrideExpected> = {
  value: () => 'a value',
  key: () => 'a key',
  'key-between-dots': () => 'a key between the dots',
  'group-name': () => 'the name of a config group',
  equals: () => "'=' and a value",
  'colon-and-value': () => "':' and a value",
  'comma-or-end': () => "',' or the end",
  'interpolation-name': () => "a name after '${'",
  'interpolation-end': () => "'}'",
  'named-argument': () => 'another NAME=value, since plain values come first',
  'comma-or-bracket': ({ bracket }) => `',' or '${bracket}'`,
  'closing-bracket': ({ bracket, opened }) => `'${bracket}' that closes '${opened}'`,
  'comma-after-value': ({ name }) => `',' or the end, since '${name}' is a value`,
  'closing-quote': ({ quote, column }) => `the ${quote} that closes the one at column ${column}`,
  'fewer-levels': ({ most }) => `at most ${most} levels of brackets`,
};

const hintWords: ProblemWords<OverrideHint> = {
  'quote-override': () => "a shell splits at blanks: put the whole override in quotes, as in 'key=[1, 2]'",
  'quote-value': () => 'put the value in quotes to take it as it is',
  'one-program': () => 'one PROGRAM is enough; words meant for it go after --',
  'no-blank-after-equals': () => 'no blank may stand behind the = of the key before it',
  'no-blanks': () => 'no blanks around the =',
  'package-renaming': () =>
    'Hydra 1.2 took GROUP@OLD:NEW away: delete the one, add the other: ~GROUP@OLD +GROUP@NEW=OPTION',
  'options-elsewhere': () => 'options of mlx come before or after the overrides; words for the program go after --',
  'quotes-inside': ({ key, value }) =>
    `text with other characters needs quotes inside the override: '${key}="${value}"'`,
  'words-after-dashes': ({ text }) => `words meant for the program go after --: -- ${text}`,
};

/** Problems of a call of a function in an override, such as `choice(a,b)`. */
type CallProblem =
  | { readonly kind: 'value-missing' }
  | { readonly kind: 'argument-missing'; readonly name: string }
  | { readonly kind: 'too-many-values'; readonly most: number }
  | { readonly kind: 'unknown-argument'; readonly name: string }
  | { readonly kind: 'argument-twice'; readonly name: string }
  | { readonly kind: 'wrong-argument'; readonly expected: ArgumentKind }
  | { readonly kind: 'values-and-value' }
  | { readonly kind: 'nested-choice' }
  | { readonly kind: 'sweep-among-values' }
  | { readonly kind: 'beyond-floats'; readonly end: string }
  | { readonly kind: 'unsortable-among-several' }
  | { readonly kind: 'no-order' }
  | { readonly kind: 'sweep-missing' }
  | { readonly kind: 'tag-not-word' }
  | { readonly kind: 'quoted-pattern' }
  | { readonly kind: 'pattern-not-word' }
  // Casts
  | { readonly kind: 'range-cast' }
  | { readonly kind: 'interval-cast' }
  | { readonly kind: 'glob-cast' }
  | { readonly kind: 'null-cast'; readonly cast: string }
  | { readonly kind: 'no-cast-of-number'; readonly cast: string; readonly value: string }
  | { readonly kind: 'no-cast-of-value'; readonly cast: string; readonly value: string }
  // Ranges
  | { readonly kind: 'step-zero' }
  | { readonly kind: 'nan' }
  | { readonly kind: 'endless' };

/** The kinds of values that an argument of a function may be. */
type ArgumentKind =
  | 'number'
  | 'choice-item'
  | 'sortable'
  | 'orderable'
  | 'list'
  | 'flag'
  | 'tagged'
  | 'patterns'
  | 'castable';

type IntervalProblem = 'backwards' | 'no-logarithm' | 'not-finite';

type SweepFileProblem =
  | { readonly kind: 'no-params' }
  | { readonly kind: 'not-a-mapping' }
  | { readonly kind: 'unknown-key'; readonly near: string | undefined }
  /** `expected` is the message of the schema. */
  | { readonly kind: 'bad-value'; readonly expected: string };

type PointsFileProblem =
  | { readonly kind: 'no-points' }
  | { readonly kind: 'not-a-list' }
  | { readonly kind: 'unknown-ending' }
  | { readonly kind: 'not-json' }
  | { readonly kind: 'not-a-mapping' }
  | { readonly kind: 'bad-quotes' }
  | { readonly kind: 'column-without-name' }
  | { readonly kind: 'column-twice'; readonly name: string }
  /** `expected` is the number of cells of the first line. */
  | { readonly kind: 'cell-count'; readonly count: number; readonly expected: number };

const argumentWords: Readonly<Record<ArgumentKind, string>> = {
  number: 'a number',
  'choice-item': 'a value but null',
  sortable: 'a value but null, a choice() or a range()',
  orderable: 'a choice() or a range()',
  list: 'a list',
  flag: 'true or false',
  tagged: 'a tag, and at the end a choice(), a range() or an interval()',
  patterns: 'a pattern or a list of them',
  castable: 'a value, a choice(), a range() or an interval()',
};

const callWords: ProblemWords<CallProblem> = {
  'value-missing': () => 'needs a value',
  'argument-missing': ({ name }) => `needs ${name}`,
  'too-many-values': ({ most }) => `takes ${most} values`,
  'unknown-argument': ({ name }) => `has no ${name}=`,
  'argument-twice': ({ name }) => `has ${name} twice`,
  'wrong-argument': ({ expected }) => `expected ${argumentWords[expected]}`,
  'values-and-value': () => 'takes plain values or value=, not both',
  'nested-choice': () => 'a choice can not hold another',
  'sweep-among-values': () => 'takes one sweep, or several plain values',
  'beyond-floats': ({ end }) => `the ${end} is beyond all floats`,
  'unsortable-among-several': () => 'several values are sorted where all are words or numbers',
  'no-order': () => 'these have no order',
  'sweep-missing': () => 'needs a choice(), a range() or an interval() at its end',
  'tag-not-word': () => 'a tag is a word',
  'quoted-pattern': () => 'patterns in a list stand without quotes',
  'pattern-not-word': () => 'a pattern is a word',
  'range-cast': () => 'a range can only be cast to int or float',
  'interval-cast': () => 'an interval can only be cast to int or float',
  'glob-cast': () => 'a glob() can not be cast',
  'null-cast': ({ cast }) => `null can't be cast to ${cast}`,
  'no-cast-of-number': ({ cast, value }) => `there is no ${cast} of ${value}`,
  'no-cast-of-value': ({ cast, value }) => `there is no ${cast} of '${value}'`,
  'step-zero': () => 'the step is 0',
  nan: () => "NaN can't be counted with",
  endless: () => 'it never comes to its end',
};

const intervalWords: Readonly<Record<IntervalProblem, string>> = {
  backwards: 'starts behind its end',
  'no-logarithm': 'has no logarithm at its start: with tag(log,…) it starts above 0',
  'not-finite': 'has no ends to draw between',
};

const sweepFileWords: ProblemWords<SweepFileProblem> = {
  'no-params': () => 'expected a mapping with params:',
  'not-a-mapping': () => 'expected keys and values',
  'unknown-key': ({ near }) => `there is no such key${didYouMean(near)}`,
  'bad-value': ({ expected }) => `expected ${expected}`,
};

const pointsFileWords: ProblemWords<PointsFileProblem> = {
  'no-points': () => 'it holds no points',
  'not-a-list': () => 'expected a list of points',
  'unknown-ending': () => 'its name must end in .csv, .jsonl or .yaml',
  'not-json': () => 'this is no JSON',
  'not-a-mapping': () => 'expected keys and values',
  'bad-quotes': () => 'its quotes do not fit',
  'column-without-name': () => 'a column has no name',
  'column-twice': ({ name }) => `two columns are named '${name}'`,
  'cell-count': ({ count, expected }) => `it has ${count} cells, the first line ${expected}`,
};

/** The words of these failures. */
export const sweepWords: Words<SweepFailure> = {
  'override-syntax': (failure) => ({
    what: `can't read the ${failure.span.source.name} ${q(failure.span.source.text)}`,
    span: failure.span,
    note: `expected ${say(overrideWords, failure.expected)}`,
    remedy: failure.hint && say(hintWords, failure.hint),
  }),
  'unknown-function': (failure) => ({
    what: `there is no function ${q(failure.name)} in overrides${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: `there are ${failure.known.join(', ')}; text with parentheses goes in quotes`,
  }),
  'sweep-function': (failure) => ({
    what: `can't call ${failure.name}() in ${q(failure.span.source.text)}`,
    span: failure.span,
    note: say(callWords, failure.problem),
    remedy: `it is written ${failure.usage}`,
  }),
  'nested-sweep': (failure) => ({
    what: 'a sweep can not stand inside of another value',
    span: failure.span,
    remedy: 'write one sweep per key: key=a,b or key=choice(a,b) or key=range(1,5)',
  }),
  'sweep-not-allowed': (failure) => ({
    what: `${failure.where === 'setting' ? 'a setting of mlx' : failure.where} takes one value, not a sweep`,
    span: failure.span,
    remedy: 'keep one of the values',
  }),
  'glob-unexpanded': (failure) => ({
    what: `glob() needs the options of the config group ${q(failure.key)}, and there is no config here`,
    span: failure.span,
    remedy: 'write the options: key=a,b',
  }),
  'bad-interval': (failure) => ({
    what: `this interval ${intervalWords[failure.problem]}`,
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
    note: say(sweepFileWords, failure.problem),
    remedy:
      'it has params: with keys and values, and beside it zip, where, sample, sample_seed, repeat, points or skip_existing',
  }),
  'bad-points-file': (failure) => ({
    what: `can't read points from ${q(failure.path)}, line ${failure.line}: ${printableLine(say(pointsFileWords, failure.problem))}`,
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

import type { Span } from '../core/span.js';
import { printableLine } from '../core/text.js';
import { type UnresolvableProblem, unresolvableText } from './interpolation.js';
import { didYouMean, lowerFirst, type ProblemWords, q, say, systemError, type Words } from './message.js';

/** Failures of a program's config, and of the overrides that change its values. */
export type ConfigFailure =
  | { readonly reason: 'config-not-found'; readonly name: string; readonly looked: readonly string[] }
  | { readonly reason: 'unreadable-file'; readonly path: string; readonly code: string }
  | { readonly reason: 'yaml-syntax'; readonly span: Span; readonly problem: YamlProblem }
  | { readonly reason: 'yaml-not-mapping'; readonly path: string }
  | { readonly reason: 'bad-config'; readonly span: Span; readonly problem: ConfigProblem }
  | { readonly reason: 'bad-search-path'; readonly span: Span; readonly problem: SearchPathProblem }
  | { readonly reason: 'config-cycle'; readonly path: readonly string[]; readonly span: Span }
  | { readonly reason: 'config-too-large'; readonly what: string }
  | { readonly reason: 'kinds-differ'; readonly key: string; readonly span: Span }
  | {
      readonly reason: 'unknown-key';
      readonly key: string;
      readonly span: Span;
      readonly near: string | undefined;
      readonly config: string;
    }
  | {
      readonly reason: 'no-hydra-key';
      readonly key: string;
      readonly near: string | undefined;
      readonly span: Span;
    }
  | { readonly reason: 'no-such-key'; readonly key: string; readonly near: string | undefined }
  | { readonly reason: 'key-exists'; readonly key: string; readonly span: Span; readonly config: string }
  | { readonly reason: 'not-a-container'; readonly key: string; readonly parent: string; readonly span: Span }
  | {
      readonly reason: 'value-differs';
      readonly key: string;
      readonly span: Span;
      readonly found: string;
      readonly config: string;
    }
  | {
      readonly reason: 'nothing-to-delete';
      readonly key: string;
      readonly span: Span;
      readonly config: string;
      /** True if the config has the key with the value null. */
      readonly isNull: boolean;
      readonly near: string | undefined;
    };

/** Problems of a YAML file. The program reads it with PyYAML, which refuses some of what YAML 1.2 allows. */
type YamlProblem =
  /** A message of the YAML parser. */
  | { readonly kind: 'parser'; readonly message: string }
  | { readonly kind: 'second-document' }
  | { readonly kind: 'second-key' }
  /** An alias of the list or mapping that it is part of. */
  | { readonly kind: 'own-alias'; readonly name: string }
  /** Lists and mappings within each other, deeper than can be read. */
  | { readonly kind: 'too-deep' }
  | { readonly kind: 'collection-as-key' }
  | { readonly kind: 'anchor-name' }
  | { readonly kind: 'unknown-tag'; readonly tag: string }
  | { readonly kind: 'lone-sign'; readonly sign: string }
  | { readonly kind: 'unicode-line-break' }
  | { readonly kind: 'question-mark-in-brackets' };

/** Problems of the values of a config, and of the files and mappings that it is based on. */
type ConfigProblem =
  | { readonly kind: 'null-key' }
  | { readonly kind: 'bad-base' }
  | { readonly kind: 'base-missing'; readonly location: string }
  | { readonly kind: 'bad-inherit' }
  | { readonly kind: 'inherits-itself'; readonly chain: readonly string[] }
  | { readonly kind: 'inherits-no-mapping'; readonly key: string }
  | { readonly kind: 'inherited-kinds-differ'; readonly key: string }
  /** `known` are the keys beside an unknown one. It is undefined if `hydra` itself is no mapping. */
  | { readonly kind: 'no-hydra-key'; readonly key: string; readonly known: readonly string[] | undefined }
  | { readonly kind: 'unresolvable'; readonly text: string; readonly problem: UnresolvableProblem };

type SearchPathProblem =
  | { readonly kind: 'swept' }
  | { readonly kind: 'entry-not-text' }
  | { readonly kind: 'unknown-scheme'; readonly scheme: string }
  | { readonly kind: 'no-directory'; readonly entry: string };

const yamlWords: ProblemWords<YamlProblem> = {
  parser: ({ message }) => message,
  'second-document': () => 'a file holds one document, and here a second one starts',
  'second-key': () => 'map keys must be unique',
  'own-alias': ({ name }) => `*${name} would be a part of itself`,
  'too-deep': () => 'it is nested too deeply',
  'collection-as-key': () => 'a list or a mapping can be no key',
  'anchor-name': () => 'the name of an anchor is made of letters and digits',
  'unknown-tag': ({ tag }) => `there is nothing like ${tag} in a config`,
  'lone-sign': ({ sign }) => `a lone ${sign} is put in quotes`,
  'unicode-line-break': () => 'a line break of Unicode is put in quotes',
  'question-mark-in-brackets': () => 'between brackets, text that starts with ? is put in quotes',
};

const configProblemWords: ProblemWords<ConfigProblem> = {
  'null-key': () => 'null can be no key of a config',
  'bad-base': () => '_base_ is the path of a file, or a list of paths',
  'base-missing': ({ location }) => `there is no ${location}`,
  'bad-inherit': () => '_inherit_ names a mapping: ${name}, or a list of such',
  'inherits-itself': ({ chain }) => chain.join(' inherits from '),
  'inherits-no-mapping': ({ key }) => `${key} is no mapping`,
  'inherited-kinds-differ': ({ key }) => `${key} is a mapping in one and a list in the other`,
  'no-hydra-key': ({ key, known }) =>
    `Hydra's own config has no ${key}${known === undefined ? '' : `; it has ${known.join(', ')}`}`,
  unresolvable: ({ text, problem }) => `${text} can't be resolved: ${unresolvableText(problem)}`,
};

const searchPathWords: ProblemWords<SearchPathProblem> = {
  swept: () => 'the search path is one list for all runs',
  'entry-not-text': () => 'its entries are texts',
  'unknown-scheme': ({ scheme }) => `'${scheme}://' is none of file:// and pkg://`,
  'no-directory': ({ entry }) => `there is no directory for ${entry} to be seen here`,
};

/** The words of these failures. */
export const configWords: Words<ConfigFailure> = {
  'config-not-found': (failure) => ({
    what: `there is no config ${q(failure.name)}`,
    remedy: `looked for ${failure.looked.map(q).join(' and ')}; --no-config runs without one`,
  }),
  'unreadable-file': (failure) => ({
    what: `can't read ${q(failure.path)}: ${systemError(failure.code)}`,
    remedy: 'check the file and its permissions',
  }),
  'yaml-syntax': (failure) => ({
    what: `${q(failure.span.source.name)} is not valid YAML`,
    span: failure.span,
    note: lowerFirst(printableLine(say(yamlWords, failure.problem))),
    remedy: 'mend it there',
  }),
  'yaml-not-mapping': (failure) => ({
    what: `${q(failure.path)} holds no mapping at its top`,
    remedy: 'expected lines such as key: value',
  }),
  'bad-config': (failure) => ({
    what: `the config ${q(failure.span.source.name)} is not right`,
    span: failure.span,
    note: printableLine(say(configProblemWords, failure.problem)),
  }),
  'bad-search-path': (failure) => ({
    what: `can't make out the search path of configs`,
    span: failure.span,
    note: printableLine(say(searchPathWords, failure.problem)),
    remedy: '--config-dir DIR names a directory of configs',
  }),
  'config-cycle': (failure) => ({
    what: `configs include each other in a circle: ${failure.path.map(printableLine).join(' → ')}`,
    span: failure.span,
    remedy: 'take one of them out of a defaults list',
  }),
  'config-too-large': (failure) => ({
    what: `${q(failure.what)} grows beyond all bounds`,
    remedy: 'look for aliases or interpolations that multiply',
  }),
  'kinds-differ': (failure) => ({
    what: `${q(failure.key)} is a mapping in one place and a list in the other, which can't be merged`,
    span: failure.span,
    remedy: 'rename one of them, or set it to null first',
  }),
  'unknown-key': (failure) => ({
    what: `${q(failure.config)} has no key ${q(failure.key)}${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: `a new key is added with +${printableLine(failure.span.source.text)}`,
  }),
  'no-hydra-key': (failure) => ({
    what: `Hydra's own config has no key ${q(failure.key)}${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: 'a program without Hydra keeps its keys elsewhere',
  }),
  'no-such-key': (failure) => ({
    what: `the config has no key ${q(failure.key)}${didYouMean(failure.near)}`,
    remedy: 'mlx config without --package shows all of it',
  }),
  'key-exists': (failure) => ({
    what: `${q(failure.config)} has the key ${q(failure.key)} already`,
    span: failure.span,
    remedy: `leave out the + to change it, or write ++${printableLine(failure.key)}= to set it either way`,
  }),
  'not-a-container': (failure) => ({
    what: `can't go into ${q(failure.key)}: ${q(failure.parent)} is no mapping, or a list without that index`,
    span: failure.span,
    remedy: 'check the path',
  }),
  'value-differs': (failure) => ({
    what: `${q(failure.key)} is ${q(failure.found)} in ${q(failure.config)}, not what is to be deleted`,
    span: failure.span,
    remedy: `~${printableLine(failure.key)} deletes it whatever it is`,
  }),
  'nothing-to-delete': (failure) => ({
    what: `${q(failure.config)} has nothing at ${q(failure.key)} to be deleted${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: failure.isNull ? 'it is null, which counts as not there, as in Hydra' : 'leave it out, or check the key',
  }),
};

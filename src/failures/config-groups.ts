import type { Span } from '../core/span.js';
import { printableLine } from '../core/text.js';
import { didYouMean, type Message, type ProblemWords, q, say, someOf, type Words } from './message.js';

/** Failures of the config groups and defaults lists of a config. */
export type ConfigGroupsFailure =
  | { readonly reason: 'bad-defaults'; readonly span: Span; readonly problem: DefaultsProblem }
  | {
      readonly reason: 'no-such-option';
      readonly group: string;
      readonly option: string;
      /** The options of the group; undefined if there is no such group. */
      readonly options: readonly string[] | undefined;
      readonly near: string | undefined;
      readonly span: Span;
      readonly looked: readonly string[];
    }
  | {
      readonly reason: 'option-required';
      readonly group: string;
      readonly options: readonly string[];
      readonly span: Span;
    }
  | {
      readonly reason: 'group-not-chosen';
      readonly group: string;
      readonly deleted: boolean;
      /** The chosen option, if the override deletes another one; else undefined. */
      readonly option: string | null | undefined;
      /** The group as the defaults lists have it in other packages. */
      readonly others: readonly string[];
      readonly span: Span;
      readonly override: string | undefined;
    }
  | { readonly reason: 'group-twice'; readonly group: string; readonly option: string; readonly span: Span }
  | { readonly reason: 'bad-group-override'; readonly span: Span; readonly problem: GroupOverrideProblem }
  | { readonly reason: 'group-unknown'; readonly group: string; readonly span: Span }
  | {
      readonly reason: 'unknown-group';
      readonly group: string;
      readonly span: Span;
      readonly looked: readonly string[];
    };

const passThrough = 'a program whose config Python makes runs with --no-config: overrides then pass through unchecked';

/** Problems of a defaults list, and of the header of a config file. */
type DefaultsProblem =
  | { readonly kind: 'not-a-list' }
  | { readonly kind: 'bad-item' }
  | { readonly kind: 'no-group' }
  | { readonly kind: 'several-groups' }
  | { readonly kind: 'group-not-text' }
  | { readonly kind: 'unknown-keyword'; readonly word: string; readonly near: string | undefined }
  | { readonly kind: 'bad-option' }
  | { readonly kind: 'bad-header'; readonly name: string }
  | { readonly kind: 'self-twice' }
  | { readonly kind: 'override-before-end' }
  | { readonly kind: 'override-in-interpolated'; readonly path: string }
  | { readonly kind: 'interpolation-in-list' }
  /** `groups` are those that have an option already. */
  | { readonly kind: 'option-unresolvable'; readonly text: string; readonly groups: readonly string[] };

/** Problems of an override that chooses the option of a group. `key` is the group. */
type GroupOverrideProblem =
  | { readonly kind: 'set-either-way'; readonly key: string }
  | { readonly kind: 'several-deleted' }
  | { readonly kind: 'bad-option'; readonly key: string };

const defaultsWords: ProblemWords<DefaultsProblem> = {
  'not-a-list': () => 'a defaults list is a list: its items start with -',
  'bad-item': () => 'an item is the name of a config or GROUP: OPTION',
  'no-group': () => 'a group is missing',
  'several-groups': () => 'an item has one group only; start another with -',
  'group-not-text': () => 'the name of a group is text',
  'unknown-keyword': ({ word, near }) =>
    `'${word}' is no keyword${near === undefined ? '; optional and override are' : `, did you mean '${near}'?`}`,
  'bad-option': () => 'an option is text (in quotes where it looks like a number), a list of texts or null',
  'bad-header': ({ name }) => `a header is one word and its value: # ${name} VALUE`,
  'self-twice': () => '_self_ stands in the list twice',
  'override-before-end': () => 'overrides stand at the end of a defaults list, and one stands before this',
  'override-in-interpolated': ({ path }) => `${path} was chosen by interpolation, and can override no group`,
  'interpolation-in-list': () => 'options in a list hold no interpolations',
  'option-unresolvable': ({ text, groups }) =>
    `${text} can't be resolved${groups.length === 0 ? '' : `; the choices made here are ${groups.join(', ')}`}`,
};

const groupOverrideWords: ProblemWords<GroupOverrideProblem> = {
  'set-either-way': ({ key }) => `${key} is a config group: + adds one, ++ is for values`,
  'several-deleted': () => 'what is deleted of a group is one option',
  'bad-option': ({ key }) => `${key} is a config group: its option is a text or a list of texts`,
};

/** The words of these failures. */
export const configGroupsWords: Words<ConfigGroupsFailure> = {
  'bad-defaults': (failure) => ({
    what: `the defaults list ${q(failure.span.source.name)} is not right`,
    span: failure.span,
    note: printableLine(say(defaultsWords, failure.problem)),
  }),
  'no-such-option': (failure) => noSuchOption(failure),
  'option-required': (failure) => ({
    what: `the config group ${q(failure.group)} has no option yet`,
    span: failure.span,
    remedy: `give one: ${someOf(failure.options.map((option) => `${failure.group}=${option}`))}`,
  }),
  'group-not-chosen': (failure) => groupNotChosen(failure),
  'group-twice': (failure) => ({
    what: `the config group ${q(failure.group)} is given twice: it has the option ${q(failure.option)} already`,
    span: failure.span,
    remedy: `leave out the + of an override; in a defaults list write override ${failure.group}: OPTION`,
  }),
  'bad-group-override': (failure) => ({
    what: `can't choose an option of a config group`,
    span: failure.span,
    note: printableLine(say(groupOverrideWords, failure.problem)),
  }),
  'group-unknown': (failure) => ({
    what: `${q(failure.group)} is no config group, so it has no package`,
    span: failure.span,
    remedy: `leave out the @ to change a value; ${passThrough}`,
  }),
  'unknown-group': (failure) => ({
    what: `there is no config group ${q(failure.group)}`,
    span: failure.span,
    remedy: `looked for the directory ${failure.looked.map(q).join(' and ')}; --config-path says where configs are`,
  }),
};

function noSuchOption(failure: Extract<ConfigGroupsFailure, { reason: 'no-such-option' }>): Message {
  const { group, option, options, near, span, looked } = failure;
  const name = group === '' ? option : `${group}/${option}`;
  return {
    what:
      options === undefined || group === ''
        ? `there is no config ${q(name)}${didYouMean(near)}`
        : `the config group ${q(group)} has no option ${q(option)}${didYouMean(near)}`,
    span,
    remedy:
      options === undefined || options.length === 0
        ? `looked in ${looked.map(q).join(' and ')}; ${passThrough}`
        : `it has ${someOf(options)}`,
  };
}

function groupNotChosen(failure: Extract<ConfigGroupsFailure, { reason: 'group-not-chosen' }>): Message {
  const { group, deleted, option, others, span, override } = failure;
  if (option !== undefined) {
    return {
      what: `the config group ${q(group)} has ${option === null ? 'no option' : `the option ${q(option)}`}, not the one to be deleted`,
      span,
      remedy: `~${printableLine(group)} deletes it whatever it is`,
    };
  }
  const meant = others.length === 0 ? '' : `did you mean ${others.map(q).join(' or ')}?`;
  return {
    what: `no defaults list has the config group ${q(group)}, so that there is nothing to ${deleted ? 'delete' : 'override'}`,
    span,
    remedy:
      [meant, override === undefined ? '' : `+${printableLine(override)} adds it`]
        .filter((text) => text !== '')
        .join(' ') || undefined,
  };
}

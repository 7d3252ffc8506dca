import type { Span } from '../core/span.js';
import { printableLine } from '../core/text.js';
import { didYouMean, type Message, q, someOf, type Words } from './message.js';

/** Failures of the config groups and defaults lists of a config. */
export type ConfigGroupsFailure =
  | { readonly reason: 'bad-defaults'; readonly span: Span; readonly problem: string }
  | {
      readonly reason: 'no-such-option';
      readonly group: string;
      readonly option: string;
      /** Undefined where there is no such group. */
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
      /** The option that it has, where another is to be deleted. */
      readonly option: string | null | undefined;
      /** The same group in other packages. */
      readonly others: readonly string[];
      readonly span: Span;
      readonly override: string | undefined;
    }
  | { readonly reason: 'group-twice'; readonly group: string; readonly option: string; readonly span: Span }
  | { readonly reason: 'bad-group-override'; readonly span: Span; readonly problem: string }
  | { readonly reason: 'group-unknown'; readonly group: string; readonly span: Span }
  | {
      readonly reason: 'unknown-group';
      readonly group: string;
      readonly span: Span;
      readonly looked: readonly string[];
    };

const passThrough = 'a program whose config Python makes runs with --no-config: overrides then pass through unchecked';

/** The words of these failures. */
export const configGroupsWords: Words<ConfigGroupsFailure> = {
  'bad-defaults': (failure) => ({
    what: `the defaults list ${q(failure.span.source.name)} is not right`,
    span: failure.span,
    note: printableLine(failure.problem),
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
    note: printableLine(failure.problem),
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

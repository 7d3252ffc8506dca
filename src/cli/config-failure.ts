import { printableLine } from '../core/text.js';
import type { ConfigFailure } from '../failures/index.js';
import { didYouMean, lowerFirst, type Message, q, systemError } from './render-failure.js';

const passThrough = 'a program whose config Python makes runs with --no-config: overrides then pass through unchecked';

/** The words for what is wrong with the config of a program. */
export function describeConfigFailure(failure: ConfigFailure): Message {
  switch (failure.reason) {
    case 'config-not-found':
      return {
        what: `there is no config ${q(failure.name)}`,
        remedy: `looked for ${failure.looked.map(q).join(' and ')}; --no-config runs without one`,
      };
    case 'unreadable-file':
      return {
        what: `can't read ${q(failure.path)}: ${systemError(failure.code)}`,
        remedy: 'check the file and its permissions',
      };
    case 'yaml-syntax':
      return {
        what: `${q(failure.span.source.name)} is not valid YAML`,
        span: failure.span,
        note: lowerFirst(printableLine(failure.problem)),
        remedy: 'mend it there',
      };
    case 'yaml-not-mapping':
      return { what: `${q(failure.path)} holds no mapping at its top`, remedy: 'expected lines such as key: value' };
    case 'bad-config':
    case 'bad-defaults':
      return {
        what: `the ${failure.reason === 'bad-config' ? 'config' : 'defaults list'} ${q(failure.span.source.name)} is not right`,
        span: failure.span,
        note: printableLine(failure.problem),
      };
    case 'bad-search-path':
      return {
        what: `can't make out the search path of configs`,
        span: failure.span,
        note: printableLine(failure.problem),
        remedy: '--config-dir DIR names a directory of configs',
      };
    case 'no-such-option':
      return noSuchOption(failure);
    case 'option-required':
      return {
        what: `the config group ${q(failure.group)} has no option yet`,
        span: failure.span,
        remedy: `give one: ${someOf(failure.options.map((option) => `${failure.group}=${option}`))}`,
      };
    case 'group-not-chosen':
      return groupNotChosen(failure);
    case 'group-twice':
      return {
        what: `the config group ${q(failure.group)} is given twice: it has the option ${q(failure.option)} already`,
        span: failure.span,
        remedy: `leave out the + of an override; in a defaults list write override ${failure.group}: OPTION`,
      };
    case 'config-cycle':
      return {
        what: `configs include each other in a circle: ${failure.path.map(printableLine).join(' → ')}`,
        span: failure.span,
        remedy: 'take one of them out of a defaults list',
      };
    case 'kinds-differ':
      return {
        what: `${q(failure.key)} is a mapping in one place and a list in the other, which can't be merged`,
        span: failure.span,
        remedy: 'rename one of them, or set it to null first',
      };
    case 'bad-group-override':
      return {
        what: `can't choose an option of a config group`,
        span: failure.span,
        note: printableLine(failure.problem),
      };
    case 'bad-interpolation':
      return {
        what: `can't read the interpolation in ${q(failure.span.source.name)}`,
        span: failure.span,
        note: `expected ${failure.expected}`,
        remedy: '\\${ stands for a plain ${',
      };
    case 'override-unresolvable':
      return {
        what: `${q(failure.text)} stands for nothing: ${failure.problem}${didYouMean(failure.near)}`,
        span: failure.span,
        remedy: '\\${ stands for a plain ${',
      };
    case 'unresolvable':
      return {
        what: `can't resolve ${q(failure.text)}${failure.key === '' ? '' : ` of ${q(failure.key)}`}: ${failure.problem}${didYouMean(failure.near)}`,
        remedy: 'without --resolve it is shown as it is written',
      };
    case 'config-too-large':
      return {
        what: `${q(failure.what)} grows beyond all bounds`,
        remedy: 'look for aliases or interpolations that multiply',
      };
    case 'unknown-key':
      return {
        what: `${q(failure.config)} has no key ${q(failure.key)}${didYouMean(failure.near)}`,
        span: failure.span,
        remedy: `a new key is added with +${printableLine(failure.span.source.text)}`,
      };
    case 'no-hydra-key':
      return {
        what: `Hydra's own config has no key ${q(failure.key)}${didYouMean(failure.near)}`,
        span: failure.span,
        remedy: 'a program without Hydra keeps its keys elsewhere',
      };
    case 'no-such-key':
      return {
        what: `the config has no key ${q(failure.key)}${didYouMean(failure.near)}`,
        remedy: 'mlx config without --package shows all of it',
      };
    case 'key-exists':
      return {
        what: `${q(failure.config)} has the key ${q(failure.key)} already`,
        span: failure.span,
        remedy: `leave out the + to change it, or write ++${printableLine(failure.key)}= to set it either way`,
      };
    case 'not-a-container':
      return {
        what: `can't go into ${q(failure.key)}: ${q(failure.parent)} is no mapping, or a list without that index`,
        span: failure.span,
        remedy: 'check the path',
      };
    case 'value-differs':
      return {
        what: `${q(failure.key)} is ${q(failure.found)} in ${q(failure.config)}, not what is to be deleted`,
        span: failure.span,
        remedy: `~${printableLine(failure.key)} deletes it whatever it is`,
      };
    case 'nothing-to-delete':
      return {
        what: `${q(failure.config)} has nothing at ${q(failure.key)} to be deleted${didYouMean(failure.near)}`,
        span: failure.span,
        remedy: failure.isNull
          ? 'it is null, which counts as not there, as in Hydra'
          : 'leave it out, or check the key',
      };
    case 'group-unknown':
      return {
        what: `${q(failure.group)} is no config group, so it has no package`,
        span: failure.span,
        remedy: `leave out the @ to change a value; ${passThrough}`,
      };
  }
}

function noSuchOption(failure: Extract<ConfigFailure, { reason: 'no-such-option' }>): Message {
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

function groupNotChosen(failure: Extract<ConfigFailure, { reason: 'group-not-chosen' }>): Message {
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

const shown = 12;

/** Names, the first of many. */
function someOf(names: readonly string[]): string {
  const more = names.length > shown ? ` and ${names.length - shown} more` : '';
  return names.slice(0, shown).map(printableLine).join(', ') + more;
}

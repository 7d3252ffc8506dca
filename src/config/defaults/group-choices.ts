import type { Span } from '../../core/span.js';
import { fail, type ProblemOf } from '../../failures/index.js';
import { elementValue, keyElement, type PlainOverride } from '../../sweep/index.js';
import type { Value } from '../../values/index.js';
import type { ConfigFiles } from '../files/types.js';
import type { DefaultItem, GroupItem } from './defaults-list.js';
import { type LocatedItem, overrideKey } from './located-item.js';

/**
 * The options of config groups while a defaults tree is built: those that overrides ask for, and those that
 * groups have. Its maps go by override key: `db`, or `db@package`.
 */
export interface GroupChoices {
  /** Options that overrides ask for, on the command line or in a defaults list. */
  readonly requested: Map<string, RequestedOption>;
  /** Options that the command line deletes; a null option means any. */
  readonly deleted: Map<string, { readonly option: Value; readonly span: Span; used: boolean }>;
  /** Items that the command line adds to the primary config's list. */
  readonly added: GroupItem[];
  /** The options that groups have so far; null for none. */
  readonly known: Map<string, string | null>;
  /** The keys in `known` of each group. */
  readonly keysOfGroup: Map<string, Set<string>>;
}

interface RequestedOption {
  readonly option: GroupItem['option'];
  readonly span: Span;
  /** The override as a word of the command line; undefined for an override in a defaults list. */
  readonly word: string | undefined;
  used: boolean;
}

/**
 * Returns whether an override selects an option of a group
 * rather than setting a value. A dict is always a value.
 */
export function isGroupOverride({ override, element }: PlainOverride, files: ConfigFiles): boolean {
  return element?.kind !== 'dict' && files.options(override.key) !== undefined;
}

/** Returns the choices that overrides of groups ask for. Throws `bad-group-override`. */
export function groupChoices(overrides: readonly PlainOverride[]): GroupChoices {
  const choices: GroupChoices = {
    requested: new Map(),
    deleted: new Map(),
    added: [],
    known: new Map(),
    keysOfGroup: new Map(),
  };
  for (const override of overrides) readGroupOverride(override, choices);
  return choices;
}

function readGroupOverride({ override, element }: PlainOverride, choices: GroupChoices): void {
  const { span } = override;
  const key = keyElement(override).replace(/^[+~]+/, '');
  const value = element ? elementValue(element) : null;
  const bad = (problem: ProblemOf<'bad-group-override'>) => fail({ reason: 'bad-group-override', span, problem });
  if (override.kind === 'set') bad({ kind: 'set-either-way', key: override.key });
  if (override.kind === 'delete') {
    if (value !== null && typeof value !== 'string') bad({ kind: 'several-deleted' });
    choices.deleted.set(key, { option: value, span, used: false });
    return;
  }
  const option = typeof value === 'string' || isTexts(value) ? value : bad({ kind: 'bad-option', key: override.key });
  if (override.kind === 'add') {
    choices.added.push({
      kind: 'group',
      group: override.key,
      option,
      package: override.package,
      optional: false,
      override: false,
      span,
    });
  } else {
    choices.requested.set(key, { option, span, word: `${key}=${String(option)}`, used: false });
  }
}

const isTexts = (value: Value): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Returns whether an item was added on the command line. */
export const isAdded = (item: DefaultItem, { added }: GroupChoices) => added.some((one) => one === item);

/** Records the option that an override in a defaults list asks for. Earlier requests win. */
export function requestOption(key: string, { option, span }: GroupItem, { requested }: GroupChoices): void {
  if (!requested.has(key)) requested.set(key, { option, span, word: undefined, used: false });
}

/** Returns an item with the option that an override asks for, or the item itself. */
export function withRequestedOption(located: LocatedItem, { requested }: GroupChoices): LocatedItem {
  const { item } = located;
  const request = item.kind === 'group' ? requested.get(overrideKey(located)) : undefined;
  if (item.kind === 'config' || !request) return located;
  request.used = true;
  return { ...located, item: { ...item, option: request.option, span: request.span } };
}

/** Returns whether the command line deletes this option of a group. */
export function isDeleted(key: string, option: GroupItem['option'], { deleted }: GroupChoices): boolean {
  const found = deleted.get(key);
  if (!found || (found.option !== null && found.option !== option)) return false;
  found.used = true;
  return true;
}

/** Records the option that a group has. Throws `group-twice` if it already has another one. */
export function settleOption(key: string, { group, item }: LocatedItem, choices: GroupChoices): void {
  const { known, keysOfGroup, added } = choices;
  const option = item.kind === 'group' ? (item.option as string | null) : null;
  const before = known.get(key);
  if (before !== undefined && before !== option) {
    // If one of the two was added on the command line, the message is about that one.
    const addition = added.find((one) => one.group === group && one.option === before);
    const [there, span] = addition ? [option, addition.span] : [before, item.span];
    fail({ reason: 'group-twice', group: key, option: there ?? 'null', span });
  }
  known.set(key, option);
  keysOfGroup.set(group, (keysOfGroup.get(group) ?? new Set()).add(key));
}

/** Throws `group-not-chosen` for an override that changed nothing. */
export function refuseUnused({ requested, deleted, keysOfGroup, known }: GroupChoices): void {
  for (const [key, { span, word, used }] of requested) {
    const others = [...(keysOfGroup.get(key.split('@')[0] ?? '') ?? [])].sort();
    if (!used)
      fail({ reason: 'group-not-chosen', group: key, deleted: false, option: undefined, others, span, override: word });
  }
  for (const [key, { span, used }] of deleted) {
    if (!used)
      fail({
        reason: 'group-not-chosen',
        group: key,
        deleted: true,
        option: known.get(key),
        others: [],
        span,
        override: undefined,
      });
  }
}

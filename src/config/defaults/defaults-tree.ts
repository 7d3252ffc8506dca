import { nowhere, type Span } from '../../core/span.js';
import { nearest } from '../../core/suggest.js';
import { fail, type ProblemOf } from '../../failures/index.js';
import { elementValue, keyElement, type PlainOverride } from '../../sweep/index.js';
import type { Value } from '../../values/index.js';
import { missing } from '../../values/index.js';
import type { ConfigFile, ConfigFiles } from '../files/config-files.js';
import { emptyConfigPath, hydraConfigPath } from '../hydra.js';
import { isInterpolated } from '../interpolate/interpolation.js';
import type { DefaultItem, GroupItem } from './defaults-list.js';
import { finalPackage, overrideKey, type Place, pathOf, place } from './placed-item.js';

/** The defaults tree of a program's config: which configs it is made of, in what order, at which places. */
export interface DefaultsTree {
  /** Hydra's own config and the program's. */
  readonly roots: readonly TreeNode[];
  /** Option by group, `group@package` where the package is not the group's own; null for none. */
  readonly choices: ReadonlyMap<string, string | null>;
}

/** A config in the tree. */
export interface TreeNode {
  readonly path: string;
  /** The group whose option it is, as overrides name it; undefined for a config by its path. */
  readonly group: string | undefined;
  /** Dotted; empty for the top of the config. */
  readonly package: string;
  readonly span: Span;
  /** Undefined where nothing of it comes in: deleted, null, or optional and not there. */
  readonly file: ConfigFile | undefined;
  /** What its defaults list brings, `self` where its own keys come in; undefined without such a list. */
  readonly children: readonly Child[] | undefined;
}

export type Child = TreeNode | 'self';

/** A config to be merged at a package. */
export interface PlacedConfig {
  readonly file: ConfigFile;
  readonly package: string;
  /** The path of the config whose defaults list named it; undefined at the top. */
  readonly parent: string | undefined;
}

/** Chooses the option of a text with interpolations, `${db}_${net}`, by the choices made so far. */
export type ResolveOption = (text: string, choices: ReadonlyMap<string, string | null>, span: Span) => string;

/**
 * The defaults tree of a primary config under overrides of groups, built as Hydra 1.3 builds it: lists are gone through from their
 * ends, so that what stands further down may override what stands above. (https://hydra.cc/docs/1.3/advanced/defaults_list/.)
 * Throws `config-not-found`, `no-such-option`, `option-required`, `group-not-chosen`, `group-twice`, `config-cycle`,
 * `bad-defaults`, `bad-group-override`, and what `load` throws.
 */
export function defaultsTree(
  files: ConfigFiles,
  primary: string | undefined,
  overrides: readonly PlainOverride[],
  resolveOption: ResolveOption,
): DefaultsTree {
  const state: State = {
    files,
    resolveOption,
    chosen: new Map(),
    known: new Map(),
    perGroup: new Map(),
    deleted: new Map(),
    appended: [],
    count: 0,
  };
  for (const override of overrides) readGroupOverride(override, state);
  const start = (path: string, isPrimary: boolean) =>
    buildNode(place({ kind: 'config', path, package: undefined, optional: false, span: nowhere }, '', ''), {
      state,
      ancestors: [],
      isPrimary,
      interpolated: false,
    });
  // From the end here too: the program's config may override the groups of Hydra's own.
  const program = start(primary ?? emptyConfigPath, true);
  const hydra = start(hydraConfigPath, false);
  refuseUnused(state);
  refuseTwice(program, new Set());
  return { roots: [hydra, program], choices: state.known };
}

/** An option that stands in the lists twice is a mistake, save where it brings configs of its own. */
function refuseTwice({ group, path, file, span, children }: TreeNode, seen: Set<string>): void {
  if (group !== undefined && file && !children) {
    if (seen.has(group)) fail({ reason: 'group-twice', group, option: path.slice(path.lastIndexOf('/') + 1), span });
    seen.add(group);
  }
  for (const child of children ?? []) if (child !== 'self') refuseTwice(child, seen);
}

/** The configs of a tree in the order in which they are merged. */
export function placedConfigs({ roots }: DefaultsTree): PlacedConfig[] {
  const found: PlacedConfig[] = [];
  const walk = (node: TreeNode, parent: string | undefined) => {
    if (!node.file) return;
    const { file, package: pkg } = node;
    const own = [...file.bases, file].map((one) => ({ file: one, package: pkg, parent }));
    if (!node.children) found.push(...own);
    for (const child of node.children ?? []) {
      if (child === 'self') found.push(...own);
      else walk(child, node.path);
    }
  };
  for (const root of roots) walk(root, undefined);
  return found;
}

/** Whether an override chooses an option of a group, rather than a value. A dict never does. */
export function isGroupOverride({ override, element }: PlainOverride, files: ConfigFiles): boolean {
  return element?.kind !== 'dict' && files.options(override.key) !== undefined;
}

/** Trees larger than this are taken for a mistake: lists that double from level to level. */
const maxConfigs = 10_000;

interface State {
  readonly files: ConfigFiles;
  readonly resolveOption: ResolveOption;
  /** Options that overrides ask for, of the command line and of lists. */
  readonly chosen: Map<string, Choice>;
  /** Options that groups have come to have. */
  readonly known: Map<string, string | null>;
  readonly perGroup: Map<string, Set<string>>;
  readonly deleted: Map<string, { readonly option: Value; readonly span: Span; used: boolean }>;
  readonly appended: GroupItem[];
  count: number;
}

interface Choice {
  readonly option: GroupItem['option'];
  readonly span: Span;
  /** The word of the command line; undefined for an override of a defaults list. */
  readonly word: string | undefined;
  used: boolean;
}

interface Branch {
  readonly state: State;
  readonly ancestors: readonly string[];
  readonly isPrimary: boolean;
  /** Whether it hangs on an option that was chosen by interpolation. */
  readonly interpolated: boolean;
}

function readGroupOverride({ override, element }: PlainOverride, state: State): void {
  const { span } = override;
  const key = keyElement(override).replace(/^[+~]+/, '');
  const value = element ? elementValue(element) : null;
  const bad = (problem: ProblemOf<'bad-group-override'>) => fail({ reason: 'bad-group-override', span, problem });
  if (override.kind === 'set') bad({ kind: 'set-either-way', key: override.key });
  if (override.kind === 'delete') {
    if (value !== null && typeof value !== 'string') bad({ kind: 'several-deleted' });
    state.deleted.set(key, { option: value, span, used: false });
    return;
  }
  const option = typeof value === 'string' || isTexts(value) ? value : bad({ kind: 'bad-option', key: override.key });
  if (override.kind === 'add') {
    state.appended.push({
      kind: 'group',
      group: override.key,
      option,
      package: override.package,
      optional: false,
      override: false,
      span,
    });
  } else {
    state.chosen.set(key, { option, span, word: `${key}=${String(option)}`, used: false });
  }
}

const isTexts = (value: Value): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function buildNode(placed: Place, branch: Branch): TreeNode {
  const { state, ancestors } = branch;
  const { item } = placed;
  const path = pathOf(placed);
  const { span } = item;
  const key = item.kind === 'group' ? overrideKey(placed) : undefined;
  const nothing = {
    path,
    group: key,
    package: finalPackage(placed, undefined),
    span,
    file: undefined,
    children: undefined,
  };
  if (++state.count > maxConfigs) fail({ reason: 'config-too-large', what: 'the defaults list' });
  if (ancestors.includes(path)) fail({ reason: 'config-cycle', path: [...ancestors, path], span });
  if (item.kind === 'group' && key !== undefined) {
    if (isDeleted(key, item.option, state)) return nothing;
    settleChoice(key, placed, item.option as string | null, state);
    if (item.option === null) return nothing;
    if (item.option === missing)
      fail({ reason: 'option-required', group: key, options: state.files.options(placed.group) ?? [], span });
  }
  const file = state.files.load(path);
  if (!file) return item.optional ? nothing : notFound(placed, path, branch);
  const pkg = finalPackage(placed, file.header);
  return {
    path,
    group: key,
    package: pkg,
    span,
    file,
    children: childrenOf(placed, { ...branch, ancestors: [...ancestors, path] }, file, pkg),
  };
}

function isDeleted(key: string, option: GroupItem['option'], { deleted }: State): boolean {
  const found = deleted.get(key);
  if (!found || (found.option !== null && found.option !== option)) return false;
  found.used = true;
  return true;
}

function settleChoice(key: string, { group, item }: Place, option: string | null, state: State): void {
  const { known, perGroup, appended } = state;
  const before = known.get(key);
  if (before !== undefined && before !== option) {
    // Of one that was added on the command line and one that the lists have, it is the added one that is wrong.
    const added = appended.find((one) => one.group === group && one.option === before);
    const [there, span] = added ? [option, added.span] : [before, item.span];
    fail({ reason: 'group-twice', group: key, option: there ?? 'null', span });
  }
  known.set(key, option);
  perGroup.set(group, (perGroup.get(group) ?? new Set()).add(key));
}

/** The children of a config in the order of its list, which is gone through from its end. */
function childrenOf(placed: Place, branch: Branch, file: ConfigFile, pkg: string): TreeNode['children'] {
  const { state, isPrimary } = branch;
  const appended = isPrimary ? state.appended : [];
  if (file.defaults.length + appended.length === 0) return undefined;
  const items = [...withSelf(file.defaults), ...appended];
  const places = items.map((item) => (item.kind === 'self' ? item.kind : place(item, placed.group, pkg)));
  readListOverrides(places, file, branch);
  const below = { ...branch, isPrimary: false };
  const kept = places.filter((child) => child === 'self' || child.item.kind === 'config' || !child.item.override);
  const chosen = kept.toReversed().map((child): Child[] | Place => {
    if (child === 'self') return [child];
    const made = withChoice(child, state);
    return isInterpolatedOption(made.item) ? made : nodesOf(made, below);
  });
  // What interpolates the choices of others comes when all of those are made.
  const children = chosen.flatMap((made): Child[] =>
    Array.isArray(made) ? made : nodesOf(withResolvedOption(made, state), { ...below, interpolated: true }),
  );
  return children.length === 0 ? undefined : children.toReversed();
}

/** A list that does not tell where the keys of its own file come in has them last. */
function withSelf(items: readonly DefaultItem[]): readonly DefaultItem[] {
  const selves = items.filter(({ kind }) => kind === 'self');
  const second = selves[1];
  if (second) fail({ reason: 'bad-defaults', span: second.span, problem: { kind: 'self-twice' } });
  const brings = items.length === 0 || items.some((item) => item.kind !== 'group' || !item.override);
  return selves.length > 0 || !brings ? items : [...items, { kind: 'self', span: items.at(-1)?.span ?? nowhere }];
}

/** Takes the overrides of a list down; those of the command line, and those met before, go first. */
function readListOverrides(
  places: readonly (Place | 'self')[],
  file: ConfigFile,
  { state, interpolated }: Branch,
): void {
  let seen = false;
  for (const placed of places) {
    if (placed === 'self') continue;
    const { item } = placed;
    if (item.kind === 'config' || !item.override) {
      if (!seen || state.appended.some((appended) => appended === item)) continue;
      fail({
        reason: 'bad-defaults',
        span: item.span,
        problem: { kind: 'override-before-end' },
      });
    } else {
      seen = true;
      if (interpolated) {
        fail({
          reason: 'bad-defaults',
          span: item.span,
          problem: { kind: 'override-in-interpolated', path: file.path },
        });
      }
      const key = overrideKey(placed);
      if (!state.chosen.has(key))
        state.chosen.set(key, { option: item.option, span: item.span, word: undefined, used: false });
    }
  }
}

/** An item with the option that an override gives its group. */
function withChoice(placed: Place, { chosen }: State): Place {
  const { item } = placed;
  const choice = item.kind === 'group' ? chosen.get(overrideKey(placed)) : undefined;
  if (item.kind === 'config' || !choice) return placed;
  choice.used = true;
  return { ...placed, item: { ...item, option: choice.option, span: choice.span } };
}

const isInterpolatedOption = (item: Place['item']) => item.kind === 'group' && isInterpolated(item.option);

function withResolvedOption(placed: Place, { resolveOption, known }: State): Place {
  const { item } = placed;
  if (item.kind === 'config') return placed;
  return { ...placed, item: { ...item, option: resolveOption(String(item.option), known, item.span) } };
}

/** The nodes of an item, from the last of its options. */
function nodesOf(placed: Place, branch: Branch): TreeNode[] {
  const { item, base, around } = placed;
  if (item.kind === 'config' || !Array.isArray(item.option)) return [buildNode(placed, branch)];
  return item.option.toReversed().map((option: string) => {
    if (isInterpolated(option))
      fail({ reason: 'bad-defaults', span: item.span, problem: { kind: 'interpolation-in-list' } });
    const { package: pkg, optional, span } = item;
    return buildNode(
      place({ kind: 'config', path: `${item.group}/${option}`, package: pkg, optional, span }, base, around),
      branch,
    );
  });
}

function notFound({ group, item }: Place, path: string, { isPrimary, state }: Branch): never {
  const { files } = state;
  const looked = files.places.map(({ directory }) => directory);
  if (isPrimary) fail({ reason: 'config-not-found', name: path, looked });
  const option = path.slice(group === '' ? 0 : group.length + 1);
  const options = files.options(group);
  return fail({
    reason: 'no-such-option',
    group,
    option,
    options,
    near: nearest(option, options ?? []),
    span: item.span,
    looked,
  });
}

/** An override that changed nothing is a mistake. */
function refuseUnused({ chosen, deleted, perGroup, known }: State): void {
  for (const [key, { span, word, used }] of chosen) {
    const others = [...(perGroup.get(key.split('@')[0] ?? '') ?? [])].sort();
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

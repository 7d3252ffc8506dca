import { nowhere, type Span } from '../../core/span.js';
import { nearest } from '../../core/suggest.js';
import { fail } from '../../failures/index.js';
import type { PlainOverride } from '../../sweep/index.js';
import { missing } from '../../values/index.js';
import type { ConfigFile, ConfigFiles } from '../files/types.js';
import { emptyConfigPath, hydraConfigPath } from '../hydra.js';
import { isInterpolated } from '../interpolate/interpolation.js';
import type { DefaultItem } from './defaults-list.js';
import {
  type GroupChoices,
  groupChoices,
  isAdded,
  isDeleted,
  refuseUnused,
  requestOption,
  settleOption,
  withRequestedOption,
} from './group-choices.js';
import { configPathOf, finalPackage, type LocatedItem, locateItem, overrideKey } from './located-item.js';

/** The defaults tree of a program's config: the configs to merge, in order, each with its package. */
export interface DefaultsTree {
  /** Hydra's own config and the program's. */
  readonly roots: readonly TreeNode[];
  /** The options by group, or by `group@package` if the package is not the group's own; null for none. */
  readonly choices: ReadonlyMap<string, string | null>;
}

/** A config in the tree. */
export interface TreeNode {
  readonly path: string;
  /** The key by which overrides name its group; undefined for a config that is named by its path. */
  readonly group: string | undefined;
  /** Dotted; empty for the top of the config. */
  readonly package: string;
  readonly span: Span;
  /** Undefined if nothing is merged: the option is deleted or null, or the config is optional and missing. */
  readonly file: ConfigFile | undefined;
  /** The configs of its defaults list; `self` means the file's own keys. Undefined without a list. */
  readonly children: readonly Child[] | undefined;
}

type Child = TreeNode | 'self';

/** A part of the composed config: a file that is merged at a package. */
export interface ConfigPart {
  readonly file: ConfigFile;
  readonly package: string;
  /** The path of the config whose defaults list names it; undefined at the top. */
  readonly parent: string | undefined;
}

/** Resolves an option with interpolations, `${db}_${net}`, from the options that groups have so far. */
export type ResolveOption = (text: string, choices: ReadonlyMap<string, string | null>, span: Span) => string;

/**
 * Builds the defaults tree of a primary config under overrides of groups, as Hydra 1.3 does
 * (https://hydra.cc/docs/1.3/advanced/defaults_list/). Lists are read from their ends, so that later items
 * can override the options of earlier ones.
 * Throws `config-not-found`, `no-such-option`, `option-required`, `group-not-chosen`, `group-twice`,
 * `config-cycle`, `config-too-large`, `bad-defaults`, `bad-group-override`, and what `files.load` throws.
 */
export function defaultsTree(
  files: ConfigFiles,
  primary: string | undefined,
  overrides: readonly PlainOverride[],
  resolveOption: ResolveOption,
): DefaultsTree {
  const state: State = { files, resolveOption, choices: groupChoices(overrides), count: 0 };
  const start = (path: string, isPrimary: boolean) =>
    buildNode(locateItem({ kind: 'config', path, package: undefined, optional: false, span: nowhere }, '', ''), {
      state,
      ancestors: [],
      isPrimary,
      interpolated: false,
    });
  // The roots too are read from the end: the program's config may override the groups of Hydra's own.
  const program = start(primary ?? emptyConfigPath, true);
  const hydra = start(hydraConfigPath, false);
  refuseUnused(state.choices);
  refuseTwice(program, new Set());
  return { roots: [hydra, program], choices: state.choices.known };
}

/** Throws `group-twice` for an option that is listed twice, unless it has a defaults list of its own. */
function refuseTwice({ group, path, file, span, children }: TreeNode, seen: Set<string>): void {
  if (group !== undefined && file && !children) {
    if (seen.has(group)) fail({ reason: 'group-twice', group, option: path.slice(path.lastIndexOf('/') + 1), span });
    seen.add(group);
  }
  for (const child of children ?? []) if (child !== 'self') refuseTwice(child, seen);
}

/** Returns the parts of the composed config, in the order in which they are merged. */
export function configParts({ roots }: DefaultsTree): ConfigPart[] {
  const found: ConfigPart[] = [];
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

/** The most configs of a tree. A larger one is a mistake: lists that double at each level. */
const maxConfigs = 10_000;

interface State {
  readonly files: ConfigFiles;
  readonly resolveOption: ResolveOption;
  readonly choices: GroupChoices;
  /** The number of nodes so far. */
  count: number;
}

/** The branch of the tree that is being built. */
interface Branch {
  readonly state: State;
  /** The paths of the configs above. */
  readonly ancestors: readonly string[];
  readonly isPrimary: boolean;
  /** True below an option that an interpolation selected. */
  readonly interpolated: boolean;
}

function buildNode(located: LocatedItem, branch: Branch): TreeNode {
  const { state, ancestors } = branch;
  const { item } = located;
  const path = configPathOf(located);
  const { span } = item;
  const key = item.kind === 'group' ? overrideKey(located) : undefined;
  const nothing = {
    path,
    group: key,
    package: finalPackage(located, undefined),
    span,
    file: undefined,
    children: undefined,
  };
  if (++state.count > maxConfigs) fail({ reason: 'config-too-large', what: 'the defaults list' });
  if (ancestors.includes(path)) fail({ reason: 'config-cycle', path: [...ancestors, path], span });
  if (item.kind === 'group' && key !== undefined) {
    if (isDeleted(key, item.option, state.choices)) return nothing;
    settleOption(key, located, state.choices);
    if (item.option === null) return nothing;
    if (item.option === missing)
      fail({ reason: 'option-required', group: key, options: state.files.options(located.group) ?? [], span });
  }
  const file = state.files.load(path);
  if (!file) return item.optional ? nothing : notFound(located, path, branch);
  const pkg = finalPackage(located, file.header);
  const children = childrenOf(located, { ...branch, ancestors: [...ancestors, path] }, file, pkg);
  return { path, group: key, package: pkg, span, file, children };
}

/** Returns the children of a config in the order of its defaults list, which is read from its end. */
function childrenOf(located: LocatedItem, branch: Branch, file: ConfigFile, pkg: string): TreeNode['children'] {
  const { state, isPrimary } = branch;
  const added = isPrimary ? state.choices.added : [];
  if (file.defaults.length + added.length === 0) return undefined;
  const items = [...withSelf(file.defaults), ...added].map((item) =>
    item.kind === 'self' ? item.kind : locateItem(item, located.group, pkg),
  );
  readListOverrides(items, file, branch);
  const below = { ...branch, isPrimary: false };
  const kept = items.filter((child) => child === 'self' || child.item.kind === 'config' || !child.item.override);
  const chosen = kept.toReversed().map((child): Child[] | LocatedItem => {
    if (child === 'self') return [child];
    const withOption = withRequestedOption(child, state.choices);
    return isInterpolatedOption(withOption.item) ? withOption : nodesOf(withOption, below);
  });
  // Options with interpolations come last, because they may depend on the options of any other group.
  const children = chosen.flatMap((child): Child[] =>
    Array.isArray(child) ? child : nodesOf(withResolvedOption(child, state), { ...below, interpolated: true }),
  );
  return children.length === 0 ? undefined : children.toReversed();
}

/**
 * Returns a list with `_self_`, which comes last if the list
 * does not mention it. Throws `bad-defaults` for a second.
 */
function withSelf(items: readonly DefaultItem[]): readonly DefaultItem[] {
  const selves = items.filter(({ kind }) => kind === 'self');
  const second = selves[1];
  if (second) fail({ reason: 'bad-defaults', span: second.span, problem: { kind: 'self-twice' } });
  const brings = items.length === 0 || items.some((item) => item.kind !== 'group' || !item.override);
  return selves.length > 0 || !brings ? items : [...items, { kind: 'self', span: items.at(-1)?.span ?? nowhere }];
}

/** Records the overrides in a defaults list. Those of the command line, and of lists read earlier, win. */
function readListOverrides(
  items: readonly (LocatedItem | 'self')[],
  file: ConfigFile,
  { state, interpolated }: Branch,
): void {
  let seen = false;
  for (const located of items) {
    if (located === 'self') continue;
    const { item } = located;
    if (item.kind === 'config' || !item.override) {
      if (!seen || isAdded(item, state.choices)) continue;
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
      requestOption(overrideKey(located), item, state.choices);
    }
  }
}

const isInterpolatedOption = (item: LocatedItem['item']) => item.kind === 'group' && isInterpolated(item.option);

function withResolvedOption(located: LocatedItem, { resolveOption, choices }: State): LocatedItem {
  const { item } = located;
  if (item.kind === 'config') return located;
  return { ...located, item: { ...item, option: resolveOption(String(item.option), choices.known, item.span) } };
}

/** Returns the nodes of an item, from the last of its options to the first. */
function nodesOf(located: LocatedItem, branch: Branch): TreeNode[] {
  const { item, listGroup, parentPackage } = located;
  if (item.kind === 'config' || !Array.isArray(item.option)) return [buildNode(located, branch)];
  return item.option.toReversed().map((option: string) => {
    if (isInterpolated(option))
      fail({ reason: 'bad-defaults', span: item.span, problem: { kind: 'interpolation-in-list' } });
    const { package: pkg, optional, span } = item;
    const path = `${item.group}/${option}`;
    return buildNode(
      locateItem({ kind: 'config', path, package: pkg, optional, span }, listGroup, parentPackage),
      branch,
    );
  });
}

function notFound({ group, item }: LocatedItem, path: string, { isPrimary, state }: Branch): never {
  const { files } = state;
  const looked = files.searchPath.map(({ directory }) => directory);
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

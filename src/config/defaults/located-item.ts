import type { DefaultItem } from './defaults-list.js';

/** An item of a defaults list, with the group and the package of the config whose list contains it. */
export interface LocatedItem {
  readonly item: Exclude<DefaultItem, { kind: 'self' }>;
  /** The group of the config whose list contains the item, from the top of the search path. */
  readonly listGroup: string;
  /** The item's group, from the top of the search path. */
  readonly group: string;
  /** The item's group as the list names it, without the slash of an absolute one. */
  readonly writtenGroup: string;
  /** The package that the list names for the item; undefined if it names none. */
  readonly package: string | undefined;
  /** The package of the config whose list contains the item. */
  readonly parentPackage: string;
}

/** Locates an item of the defaults list of a config in a group, which is merged at a package. */
export function locateItem(item: LocatedItem['item'], listGroup: string, parentPackage: string): LocatedItem {
  const written = item.kind === 'group' ? item.group : item.path;
  const absolute = written.startsWith('/');
  const writtenGroup = (item.kind === 'group' ? written : directoryOf(written)).replace(/^\//, '');
  const group =
    absolute || listGroup === '' ? writtenGroup : writtenGroup === '' ? listGroup : `${listGroup}/${writtenGroup}`;
  return { item, listGroup, group, writtenGroup, package: packageOf(item.package, dotted(group)), parentPackage };
}

/**
 * Expands the keywords of a package: `_here_` is the parent's
 * package, `_group_` the item's own group from the top.
 */
function packageOf(written: string | undefined, group: string): string | undefined {
  if (written === '_here_') return '';
  return written?.includes('_group_') ? `_global_.${written.replaceAll('_group_', group)}` : written;
}

/**
 * Returns the package of an item from the top of the config.
 * The file's header counts if the list names no package.
 */
export function finalPackage(located: LocatedItem, header: string | undefined): string {
  const { writtenGroup, package: pkg, parentPackage } = located;
  if (pkg === undefined && header !== undefined) return header;
  const whole = [parentPackage, pkg ?? dotted(writtenGroup)].filter((part) => part !== '').join('.');
  const at = whole.lastIndexOf('_global_');
  return at === -1 ? whole : whole.slice(at + '_global_.'.length);
}

/**
 * Returns the key by which overrides name a group: `db`,
 * or `db@package` if the package is not the group's own.
 */
export function overrideKey(located: LocatedItem): string {
  const pkg = finalPackage(located, undefined);
  return pkg === dotted(located.group) ? located.group : `${located.group}@${pkg === '' ? '_global_' : pkg}`;
}

const dotted = (group: string) => group.replaceAll('/', '.');
const directoryOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/**
 * Returns the path of the config that an item names. For
 * a group without an option, it is the path of the group.
 */
export function configPathOf({ item, group }: LocatedItem): string {
  const name = item.kind === 'group' ? item.option : nameOf(item.path);
  if (name === null) return group;
  return group === '' ? String(name) : `${group}/${name}`;
}

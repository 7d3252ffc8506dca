import type { DefaultItem } from './defaults-list.js';

/** An item of a defaults list where it stands: the group and the package of the config around it. */
export interface Place {
  readonly item: Exclude<DefaultItem, { kind: 'self' }>;
  /** The group of the config whose list it stands in, and its own, from the top of the search path. */
  readonly base: string;
  readonly group: string;
  /** Its group as the list has it, without the slash of an absolute one. */
  readonly own: string;
  readonly package: string | undefined;
  readonly around: string;
}

/** Places an item of the list of a config, which is in the group `base` and comes in at the package `around`. */
export function place(item: Place['item'], base: string, around: string): Place {
  const written = item.kind === 'group' ? item.group : item.path;
  const absolute = written.startsWith('/');
  const own = (item.kind === 'group' ? written : directoryOf(written)).replace(/^\//, '');
  const group = absolute || base === '' ? own : own === '' ? base : `${base}/${own}`;
  return { item, base, group, own, package: packageOf(item.package, dotted(group)), around };
}

/** `_here_` is the package around; `_group_` stands for the group's own, from the top. */
function packageOf(written: string | undefined, own: string): string | undefined {
  if (written === '_here_') return '';
  return written?.includes('_group_') ? `_global_.${written.replaceAll('_group_', own)}` : written;
}

/** The package from the top of the config, with the header of its file where the list names none. */
export function finalPackage({ own, package: pkg, around }: Place, header: string | undefined): string {
  if (pkg === undefined && header !== undefined) return header;
  const whole = [around, pkg ?? dotted(own)].filter((part) => part !== '').join('.');
  const at = whole.lastIndexOf('_global_');
  return at === -1 ? whole : whole.slice(at + '_global_.'.length);
}

/** The name under which a group can be overridden. */
export function overrideKey(placed: Place): string {
  const pkg = finalPackage(placed, undefined);
  return pkg === dotted(placed.group) ? placed.group : `${placed.group}@${pkg === '' ? '_global_' : pkg}`;
}

const dotted = (group: string) => group.replaceAll('/', '.');
const directoryOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** The path of the config that it names; of a group without an option the group's. */
export function pathOf({ item, group }: Place): string {
  const name = item.kind === 'group' ? item.option : nameOf(item.path);
  if (name === null) return group;
  return group === '' ? String(name) : `${group}/${name}`;
}

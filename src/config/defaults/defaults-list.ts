import type { Span } from '../../core/span.js';
import { nearest } from '../../core/suggest.js';
import { fail, type ProblemOf } from '../../failures/index.js';
import { isList, isMapping, type Value, type YamlFile } from '../../values/index.js';

/** One item of a defaults list. */
export type DefaultItem =
  /** `_self_`: where the file's own keys are merged. */
  | { readonly kind: 'self'; readonly span: Span }
  /** `base` or `/group/base`: a config that is named by its path. */
  | {
      readonly kind: 'config';
      readonly path: string;
      readonly package: string | undefined;
      readonly optional: boolean;
      readonly span: Span;
    }
  | GroupItem;

/** `group: option`, or `override group: option`. */
export interface GroupItem {
  readonly kind: 'group';
  readonly group: string;
  /** Null for none; a list for several, merged in order; `???` if an override must set it. */
  readonly option: string | null | readonly string[];
  readonly package: string | undefined;
  readonly optional: boolean;
  readonly override: boolean;
  readonly span: Span;
}

const keywords = ['optional', 'override'];

/**
 * Returns the items of a file's defaults list, as Hydra 1.3 reads them; [] without a list.
 * Throws `bad-defaults` at the wrong item.
 */
export function readDefaults(file: YamlFile): readonly DefaultItem[] {
  const list = isMapping(file.value) ? file.value.get('defaults') : undefined;
  if (list === undefined) return [];
  const bad = (path: readonly (string | number)[], problem: ProblemOf<'bad-defaults'>) =>
    fail({ reason: 'bad-defaults', span: file.spanAt(path), problem });
  if (!isList(list)) return bad(['defaults'], { kind: 'not-a-list' });
  return list.map((item, index) =>
    readItem(item, file.spanAt(['defaults', index]), (problem) => bad(['defaults', index], problem)),
  );
}

function readItem(item: Value, span: Span, bad: (problem: ProblemOf<'bad-defaults'>) => never): DefaultItem {
  if (item === '_self_') return { kind: 'self', span };
  if (typeof item === 'string') {
    const [path = '', pkg] = splitPackage(item);
    return { kind: 'config', path, package: pkg, optional: false, span };
  }
  if (!isMapping(item)) return bad({ kind: 'bad-item' });
  const [entry, ...others] = item;
  if (!entry) return bad({ kind: 'no-group' });
  if (others.length > 0) return bad({ kind: 'several-groups' });
  const [key, option] = entry;
  if (typeof key !== 'string') return bad({ kind: 'group-not-text' });
  const words = key.split(' ').filter((word) => word !== '');
  const [group = '', pkg] = splitPackage(words.at(-1) ?? '');
  const unknown = words.slice(0, -1).find((word) => !keywords.includes(word));
  if (unknown !== undefined) {
    return bad({ kind: 'unknown-keyword', word: unknown, near: nearest(unknown, keywords) });
  }
  return {
    kind: 'group',
    group,
    option: isOption(option) ? option : bad({ kind: 'bad-option' }),
    package: pkg,
    optional: words.includes('optional'),
    override: words.includes('override'),
    span,
  };
}

function isOption(value: Value): value is string | null | readonly string[] {
  return (
    value === null || typeof value === 'string' || (isList(value) && value.every((one) => typeof one === 'string'))
  );
}

/** Splits `group@package`. */
function splitPackage(text: string): [name: string, pkg: string | undefined] {
  const at = text.indexOf('@');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * Returns the package in a file's header (`# @package a.b`), without `_global_`,
 * which every header implies. Returns undefined without a header. Only headers
 * and empty lines may precede it (Hydra 1.3). Throws `bad-defaults`.
 */
export function readPackageHeader({ source }: Pick<YamlFile, 'source'>): string | undefined {
  let found: string | undefined;
  let offset = 0;
  for (const line of source.text.split('\n')) {
    const words = line.trim().replace(/^#+/, '').trim().split(/ +/);
    if (line.trim() !== '' && !/^\s*#\s*@/.test(line)) break;
    const [name = '', value] = words;
    if (line.trim() !== '' && words.length !== 2) {
      const span = { source, offset, length: Math.max(1, line.trimEnd().length) };
      fail({ reason: 'bad-defaults', span, problem: { kind: 'bad-header', name } });
    }
    if (name === '@package' && value !== undefined) found = value;
    offset += line.length + 1;
  }
  return found?.replace(/^_global_(\.|$)/, '');
}

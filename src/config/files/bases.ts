import { dirname, resolve } from 'node:path';
import { nowhere, type Span } from '../../core/span.js';
import { fail, type ProblemOf } from '../../failures/index.js';
import { isList, isMapping, type Mapping, type Scalar, scalarText, type Value } from '../../values/index.js';
import { mergeMappings } from '../apply/merge.js';
import { isInterpolated, parseText } from '../interpolate/interpolation.js';
import { resolverOf } from '../interpolate/resolve.js';
import { type Surroundings, surroundingsWithoutHydra } from '../interpolate/resolvers.js';
import type { ConfigFile } from './types.js';

/**
 * Inheritance between configs, as in aiaccel's config module. `_base_:
 * other.yaml` merges a file over other files; of several bases, the first one
 * wins. `_inherit_: ${a.b}` merges a mapping over another mapping of the config.
 */

/** Reads a config by its absolute path, with the bases that it names itself. */
type ReadBase = (location: string, named: Span) => ConfigFile;

/** Returns whether a config contains `_base_` or `_inherit_`. */
export function inherits(value: Value): boolean {
  if (isList(value)) return value.some(inherits);
  if (!isMapping(value)) return false;
  return value.has('_base_') || value.has('_inherit_') || [...value.values()].some(inherits);
}

/**
 * Returns the files that a config names as its bases, and theirs. Later ones override earlier ones.
 * Throws what `read` throws, and `bad-config`.
 */
export function basesOf(
  { yaml, content, location }: Pick<ConfigFile, 'yaml' | 'content' | 'location'>,
  env: Surroundings['env'],
  read: ReadBase,
): ConfigFile[] {
  const named = content.get('_base_');
  if (named === undefined || named === null) return [];
  const span = yaml.spanAt(['_base_']);
  const paths = isList(named) ? named : [named];
  return paths.toReversed().flatMap((path) => {
    if (typeof path !== 'string') return fail({ reason: 'bad-config', span, problem: { kind: 'bad-base' } });
    const known = new Map<Scalar, Value>([
      ['config_path', location],
      ['working_directory', dirname(location)],
    ]);
    const text = isInterpolated(path)
      ? resolverOf(new Map([...content, ...known, ['_base_', path]]), surroundingsWithoutHydra(env)).at('_base_')
      : path;
    const base = read(resolve(dirname(location), String(text)), span);
    return [...base.bases, base];
  });
}

/**
 * Returns a config with every `_inherit_` carried out. Throws `bad-config` if one names no mapping, or
 * inherits from itself. `spanOf` returns where the value at a path was written.
 */
export function withInherited(config: Mapping, spanOf: (path: readonly string[]) => Span | undefined): Mapping {
  const refuse = (path: readonly string[], problem: ProblemOf<'bad-config'>) =>
    fail({
      reason: 'bad-config',
      span: spanOf([...path, '_inherit_']) ?? nowhere,
      problem,
    });
  const expand = (value: Value, path: readonly string[], chain: readonly string[]): Value => {
    if (isList(value)) return value.map((item, index) => expand(item, [...path, String(index)], chain));
    if (!isMapping(value)) return value;
    const { _inherit_: named, own } = split(value);
    const under = (isList(named) ? named : named === undefined ? [] : [named]).map((one) => {
      const key = keyOf(one) ?? refuse(path, { kind: 'bad-inherit' });
      if (chain.includes(key)) return refuse(path, { kind: 'inherits-itself', chain: [...chain, key] });
      const target = partAt(config, key);
      if (!isMapping(target)) return refuse(path, { kind: 'inherits-no-mapping', key });
      return expand(target, key.split('.'), [...chain, key]) as Mapping;
    });
    const inside = new Map([...own].map(([key, item]) => [key, expand(item, [...path, scalarText(key)], chain)]));
    // Of several inherited mappings the first one wins, and the mapping's own keys win over all.
    return [...under.toReversed(), inside].reduce((lower, upper) =>
      mergeMappings(lower, upper, plainRules(path, refuse)),
    );
  };
  return expand(config, [], []) as Mapping;
}

const plainRules = (
  path: readonly string[],
  refuse: (path: readonly string[], problem: ProblemOf<'bad-config'>) => never,
) => ({
  referent: () => undefined,
  refuse: (below: readonly Scalar[]) =>
    refuse(path, { kind: 'inherited-kinds-differ', key: below.map(scalarText).join('.') }),
  refuseNew: undefined,
});

function split(value: Mapping): { readonly _inherit_: Value | undefined; readonly own: Mapping } {
  const own = new Map(value);
  own.delete('_inherit_');
  return { _inherit_: value.get('_inherit_'), own };
}

/** Returns `a.b` for `${a.b}`. */
function keyOf(value: Value): string | undefined {
  if (!isInterpolated(value)) return undefined;
  const [only, more] = parseText({ name: '_inherit_', text: value });
  if (more !== undefined || typeof only !== 'object' || only.kind !== 'node') return undefined;
  return only.key.every((part) => typeof part === 'string') ? only.key.join('') : undefined;
}

function partAt(config: Mapping, key: string): Value | undefined {
  return key.split('.').reduce<Value | undefined>((at, part) => {
    if (isList(at)) return at[Number(part)];
    return isMapping(at) ? at.get(part) : undefined;
  }, config);
}

import once from 'lodash/once.js';
import { nowhere } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { attempt, fail, MlxError } from '../failures/index.js';
import { canonicalToken, elementValue, type PlainOverride } from '../sweep/index.js';
import type { Mapping } from '../values/index.js';
import { isList, isMapping, missing, type Scalar, scalarText, type Value } from '../values/index.js';
import { applyOverrides, type OverrideTarget } from './apply/apply-override.js';
import { type MergeRules, mergeMappings } from './apply/merge.js';
import {
  type DefaultsTree,
  defaultsTree,
  isGroupOverride,
  type PlacedConfig,
  placedConfigs,
  type ResolveOption,
} from './defaults/defaults-tree.js';
import { inherits, withInherited } from './files/bases.js';
import type { ConfigFiles } from './files/config-files.js';
import { hydraConfigPath, hydraFacts, isOfPlugin, unknownHydraKey } from './hydra.js';
import { holdsInterpolation, isInterpolated } from './interpolate/interpolation.js';
import { type Resolver, resolverOf } from './interpolate/resolve.js';
import { type Surroundings, surroundingsWithoutHydra } from './interpolate/resolvers.js';
import { originIn } from './origin.js';

/** Composes a program's config under any overrides. */
export interface Composer {
  /** The primary config's name for people. */
  readonly name: string;
  /** The path of the primary config; undefined for a program whose groups are all that it has. */
  readonly primary: string | undefined;
  readonly files: ConfigFiles;
  /** Throws what `defaultsTree` and `applyOverrides` throw, and `kinds-differ` or `bad-config` at the place in a file. */
  readonly compose: (overrides: readonly PlainOverride[]) => ComposedConfig;
}

/** A config as it is under some overrides. */
export interface ComposedConfig {
  /** What the program is given, interpolations as they are written. */
  readonly config: Mapping;
  /** With Hydra's own part. */
  readonly whole: Mapping;
  readonly tree: DefaultsTree;
  readonly resolver: () => Resolver;
}

export interface ComposerRequest {
  readonly files: ConfigFiles;
  readonly primary: string | undefined;
  readonly name: string;
  readonly env: Surroundings['env'];
  /** The name of the program, for `${hydra:job.name}`; undefined where it is not known. */
  readonly jobName: string | undefined;
}

/** What the defaults lists come to under overrides of groups, before any override of a value. */
interface Ground {
  readonly tree: DefaultsTree;
  readonly whole: Mapping;
}

/** So many combinations of options are kept composed. */
const keptGrounds = 64;

/** What is composed of the files is shared between points that choose the same options. */
export function composerOf(request: ComposerRequest): Composer {
  const { files, primary, name, env } = request;
  const grounds = new Map<string, Ground>();
  const groundOf = (overrides: readonly PlainOverride[]) => {
    const key = JSON.stringify(overrides.map(canonicalToken));
    const ground = grounds.get(key) ?? composeGround(files, primary, overrides, env);
    // Those used last stay longest.
    grounds.delete(key);
    grounds.set(key, ground);
    const [oldest] = grounds.keys();
    if (grounds.size > keptGrounds && oldest !== undefined) grounds.delete(oldest);
    return ground;
  };
  return {
    name,
    primary,
    files,
    compose: (overrides) => {
      const ofGroups = overrides.filter((override) => isGroupOverride(override, files));
      const { tree, whole: ground } = groundOf(ofGroups);
      const values = ofGroups.length === 0 ? overrides : overrides.filter((override) => !ofGroups.includes(override));
      // What Hydra itself adds when it runs can be asked for, but is no part of the config.
      const facts = () => hydraFacts({ ...request, choices: tree.choices, overrides });
      const around = (config: Mapping) => surroundingsOf(config, env, facts);
      const whole = applyOverrides(ground, values, targetOf(name, tree, around));
      for (const plain of values) checkOverride(plain, whole, tree, around);
      const config = withoutHydra(whole);
      return { config, whole, tree, resolver: () => resolverOf(config, around(whole)) };
    },
  };
}

type Around = (config: Mapping) => Surroundings;

/** A value of the command line that stands for nothing is a mistake there and then, and so is a key that Hydra does not have. */
function checkOverride(
  { override, element }: PlainOverride,
  whole: Mapping,
  { choices }: DefaultsTree,
  around: Around,
): void {
  const { key, keySpan, kind, span } = override;
  if (key.startsWith('hydra.')) {
    const unknown = unknownHydraKey(whole.get('hydra') ?? null, (group) => choices.get(group));
    if (!unknown) return;
    const near = nearest(unknown.path.at(-1) ?? '', unknown.known);
    const meant = near && ['hydra', ...unknown.path.slice(0, -1), near].join('.');
    fail({ reason: 'no-hydra-key', key, span: keySpan, near: meant });
  }
  if (!element || kind === 'delete' || !holdsInterpolation(elementValue(element))) return;
  try {
    resolverOf(whole, around(whole)).at(key);
  } catch (error) {
    if (!(error instanceof MlxError) || error.failure.reason !== 'unresolvable') throw error;
    const { text, problem, near, later } = error.failure;
    if (!later) fail({ reason: 'override-unresolvable', span, text, problem, near });
  }
}

/** What interpolations of a config may ask for beside it. */
function surroundingsOf(
  whole: Mapping,
  env: Surroundings['env'],
  facts: () => Mapping = () => new Map(),
): Surroundings {
  const now = new Date();
  const known = once(() => mergeMappings(facts(), whole, [], plainRules));
  const hydra = (key: string): Value | undefined => resolverOf(known(), { env, now, hydra }).at(`hydra.${key}`);
  return { env, now, hydra };
}

const plainRules = {
  standing: () => undefined,
  refuse: () => fail({ reason: 'config-too-large', what: 'hydra' }),
  refuseNew: undefined,
};

function withoutHydra(whole: Mapping): Mapping {
  const config = new Map(whole);
  config.delete('hydra');
  return config;
}

function targetOf(name: string, { choices }: DefaultsTree, around: Around): OverrideTarget {
  return {
    name,
    foundAt: (config, key) => plainValueAt(config, key) ?? resolverOf(config, around(config)).found(key),
    valueAt: (config, key) => resolverOf(config, around(config)).at(key),
    takesAny: (key) => key.startsWith('hydra.') && isOfPlugin(key.split('.').slice(1), (group) => choices.get(group)),
  };
}

/** What stands under a key, where no interpolation has a part in it; overrides reach keys of text only. */
function plainValueAt(config: Mapping, key: string): Value | undefined {
  let at: Value | undefined = config;
  for (const part of key.split('.')) {
    at = isList(at) && /^\d+$/.test(part) ? at[Number(part)] : isMapping(at) ? at.get(part) : undefined;
  }
  return at === missing || isInterpolated(at) ? undefined : at;
}

function composeGround(
  files: ConfigFiles,
  primary: string | undefined,
  overrides: readonly PlainOverride[],
  env: Surroundings['env'],
): Ground {
  const tree = defaultsTree(files, primary, overrides, optionResolver(env));
  const placed = placedConfigs(tree);
  const whole = placed.reduce((under, one) => mergeConfig(under, one, env), new Map<Scalar, Value>() as Mapping);
  const inherited = inheriting(placed) ? withInherited(whole, (path) => originIn(placed, path)) : whole;
  const unknown = unknownHydraKey(whole.get('hydra') ?? null, (group) => tree.choices.get(group));
  if (unknown || !isMapping(whole.get('hydra'))) {
    const path = ['hydra', ...(unknown?.path ?? [])];
    const place = originIn(placed, path);
    fail({
      reason: 'bad-config',
      span: place ?? nowhere,
      problem: { kind: 'no-hydra-key', key: path.join('.'), known: unknown?.known },
    });
  }
  return { tree, whole: inherited };
}

/** Whether `_inherit_` means anything: where the program's config has no defaults list, for in Hydra it is a key as any other. */
function inheriting(placed: readonly PlacedConfig[]): boolean {
  const own = placed.filter(({ file, parent }) => parent === undefined && file.path !== hydraConfigPath);
  return own.every(({ file }) => file.defaults.length === 0) && own.some(({ file }) => inherits(file.content));
}

/** An option like `${db}_${net}`, of the choices made so far. */
function optionResolver(env: Surroundings['env']): ResolveOption {
  return (text, choices, span) => {
    const key = 'option';
    const resolver = resolverOf(new Map<Scalar, Value>([...choices, [key, text]]), surroundingsWithoutHydra(env));
    const option = attempt(() => resolver.at(key));
    if (typeof option === 'string') return option;
    const groups = [...choices.keys()].filter((group) => !group.startsWith('hydra/'));
    return fail({ reason: 'bad-defaults', span, problem: { kind: 'option-unresolvable', text, groups } });
  };
}

function mergeConfig(under: Mapping, { file, package: pkg }: PlacedConfig, env: Surroundings['env']): Mapping {
  const parts = pkg === '' ? [] : pkg.split('.');
  const embedded = parts.reduceRight<Value>((inside, part) => new Map([[part, inside]]), file.content);
  let merged = under;
  const rules: MergeRules = {
    standing: (path) =>
      attempt(() => resolverOf(merged, surroundingsOf(merged, env)).found(path.map(scalarText).join('.'))),
    refuse: (path) => {
      const inFile = path.slice(parts.length).map(scalarText);
      return fail({ reason: 'kinds-differ', key: path.map(scalarText).join('.'), span: file.yaml.spanAt(inFile) });
    },
    refuseNew: undefined,
  };
  return mergeMappings(under, embedded as Mapping, [], rules, (root) => {
    merged = root;
  });
}

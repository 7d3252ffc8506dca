import once from 'lodash/once.js';
import { nowhere } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { attempt, fail, MlxError } from '../failures/index.js';
import { canonicalToken, elementValue, type PlainOverride } from '../sweep/index.js';
import { isList, isMapping, type Mapping, missing, type Scalar, scalarText, type Value } from '../values/index.js';
import { applyOverrides, type OverrideTarget } from './apply/apply-override.js';
import { type MergeRules, mergeMappings } from './apply/merge.js';
import {
  type ConfigPart,
  configParts,
  type DefaultsTree,
  defaultsTree,
  type ResolveOption,
} from './defaults/defaults-tree.js';
import { isGroupOverride } from './defaults/group-choices.js';
import { inherits, withInherited } from './files/bases.js';
import type { ConfigFiles } from './files/types.js';
import { hydraConfigPath, hydraFacts, isOfPlugin, unknownHydraKey } from './hydra.js';
import { holdsInterpolation, isInterpolated } from './interpolate/interpolation.js';
import { type Resolver, resolverOf } from './interpolate/resolve.js';
import { type Surroundings, surroundingsWithoutHydra } from './interpolate/resolvers.js';
import { originIn } from './origin.js';

/** Composes a program's config under any overrides. */
export interface Composer {
  /** The name of the primary config in messages. */
  readonly name: string;
  /** The path of the primary config; undefined for a program that has only groups. */
  readonly primary: string | undefined;
  readonly files: ConfigFiles;
  /**
   * Composes the config under overrides. Throws what `defaultsTree` and `applyOverrides` throw, and
   * `kinds-differ` or `bad-config` with a span in a file.
   */
  readonly compose: (overrides: readonly PlainOverride[]) => ComposedConfig;
}

/** A config under some overrides. */
export interface ComposedConfig {
  /** The program's config, with interpolations as they are written. */
  readonly config: Mapping;
  /** The config with Hydra's own part. */
  readonly whole: Mapping;
  readonly tree: DefaultsTree;
  readonly resolver: () => Resolver;
}

interface ComposerRequest {
  readonly files: ConfigFiles;
  readonly primary: string | undefined;
  readonly name: string;
  readonly env: Surroundings['env'];
  /** The name of the program, for `${hydra:job.name}`; undefined if unknown. */
  readonly jobName: string | undefined;
}

/** The config after overrides of groups, before overrides of values. */
interface SelectedConfig {
  readonly tree: DefaultsTree;
  readonly whole: Mapping;
}

/** The number of combinations of options whose composed config is kept. */
const maxSelections = 64;

/** Returns the composer of a config. Points that select the same options share the work on files. */
export function composerOf(request: ComposerRequest): Composer {
  const { files, primary, name, env } = request;
  const selections = new Map<string, SelectedConfig>();
  const selectedConfig = (overrides: readonly PlainOverride[]) => {
    const key = JSON.stringify(overrides.map(canonicalToken));
    const selection = selections.get(key) ?? composeSelected(files, primary, overrides, env);
    // The least recently used selection is dropped first.
    selections.delete(key);
    selections.set(key, selection);
    const [oldest] = selections.keys();
    if (selections.size > maxSelections && oldest !== undefined) selections.delete(oldest);
    return selection;
  };
  return {
    name,
    primary,
    files,
    compose: (overrides) => {
      const ofGroups = overrides.filter((override) => isGroupOverride(override, files));
      const { tree, whole: selected } = selectedConfig(ofGroups);
      const values = ofGroups.length === 0 ? overrides : overrides.filter((override) => !ofGroups.includes(override));
      // Interpolations may refer to what Hydra adds at run time, but it is not part of the config.
      const facts = () => hydraFacts({ ...request, choices: tree.choices, overrides });
      const surroundings = (config: Mapping) => surroundingsOf(config, env, facts);
      const whole = applyOverrides(selected, values, targetOf(name, tree, surroundings));
      for (const plain of values) checkOverride(plain, whole, tree, surroundings);
      const config = withoutHydra(whole);
      return { config, whole, tree, resolver: () => resolverOf(config, surroundings(whole)) };
    },
  };
}

type SurroundingsOf = (config: Mapping) => Surroundings;

/**
 * Throws for a key that Hydra does not have, and for a value with an interpolation that can't be resolved.
 */
function checkOverride(
  { override, element }: PlainOverride,
  whole: Mapping,
  { choices }: DefaultsTree,
  surroundings: SurroundingsOf,
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
    resolverOf(whole, surroundings(whole)).at(key);
  } catch (error) {
    if (!(error instanceof MlxError) || error.failure.reason !== 'unresolvable') throw error;
    const { text, problem, near, later } = error.failure;
    if (!later) fail({ reason: 'override-unresolvable', span, text, problem, near });
  }
}

/**
 * Returns the surroundings of a config, for its interpolations. `facts` returns what Hydra adds at run time.
 */
function surroundingsOf(
  whole: Mapping,
  env: Surroundings['env'],
  facts: () => Mapping = () => new Map(),
): Surroundings {
  const now = new Date();
  const known = once(() => mergeMappings(facts(), whole, plainRules));
  const hydra = (key: string): Value | undefined => resolverOf(known(), { env, now, hydra }).at(`hydra.${key}`);
  return { env, now, hydra };
}

const plainRules = {
  referent: () => undefined,
  refuse: () => fail({ reason: 'config-too-large', what: 'hydra' }),
  refuseNew: undefined,
};

function withoutHydra(whole: Mapping): Mapping {
  const config = new Map(whole);
  config.delete('hydra');
  return config;
}

function targetOf(name: string, { choices }: DefaultsTree, surroundings: SurroundingsOf): OverrideTarget {
  return {
    name,
    foundAt: (config, key) => plainValueAt(config, key) ?? resolverOf(config, surroundings(config)).found(key),
    valueAt: (config, key) => resolverOf(config, surroundings(config)).at(key),
    takesAny: (key) => key.startsWith('hydra.') && isOfPlugin(key.split('.').slice(1), (group) => choices.get(group)),
  };
}

/**
 * Returns the value under a key of texts without resolving;
 * undefined if it is, or is below, an interpolation.
 */
function plainValueAt(config: Mapping, key: string): Value | undefined {
  let at: Value | undefined = config;
  for (const part of key.split('.')) {
    at = isList(at) && /^\d+$/.test(part) ? at[Number(part)] : isMapping(at) ? at.get(part) : undefined;
  }
  return at === missing || isInterpolated(at) ? undefined : at;
}

function composeSelected(
  files: ConfigFiles,
  primary: string | undefined,
  overrides: readonly PlainOverride[],
  env: Surroundings['env'],
): SelectedConfig {
  const tree = defaultsTree(files, primary, overrides, optionResolver(env));
  const parts = configParts(tree);
  const whole = parts.reduce((under, one) => mergeConfig(under, one, env), new Map<Scalar, Value>() as Mapping);
  const inherited = inheriting(parts) ? withInherited(whole, (path) => originIn(parts, path)) : whole;
  const unknown = unknownHydraKey(whole.get('hydra') ?? null, (group) => tree.choices.get(group));
  if (unknown || !isMapping(whole.get('hydra'))) {
    const path = ['hydra', ...(unknown?.path ?? [])];
    fail({
      reason: 'bad-config',
      span: originIn(parts, path) ?? nowhere,
      problem: { kind: 'no-hydra-key', key: path.join('.'), known: unknown?.known },
    });
  }
  return { tree, whole: inherited };
}

/**
 * Returns whether `_inherit_` has a meaning. In a config
 * with a defaults list it is an ordinary key, as in Hydra.
 */
function inheriting(parts: readonly ConfigPart[]): boolean {
  const own = parts.filter(({ file, parent }) => parent === undefined && file.path !== hydraConfigPath);
  return own.every(({ file }) => file.defaults.length === 0) && own.some(({ file }) => inherits(file.content));
}

/**
 * Returns a function that resolves an option like `${db}_${net}` from the options that groups have so far.
 */
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

function mergeConfig(under: Mapping, { file, package: pkg }: ConfigPart, env: Surroundings['env']): Mapping {
  const parts = pkg === '' ? [] : pkg.split('.');
  const embedded = parts.reduceRight<Value>((inside, part) => new Map([[part, inside]]), file.content);
  let merged = under;
  const rules: MergeRules = {
    referent: (path) =>
      attempt(() => resolverOf(merged, surroundingsOf(merged, env)).found(path.map(scalarText).join('.'))),
    refuse: (path) => {
      const inFile = path.slice(parts.length).map(scalarText);
      return fail({ reason: 'kinds-differ', key: path.map(scalarText).join('.'), span: file.yaml.spanAt(inFile) });
    },
    refuseNew: undefined,
  };
  const attach = (root: Mapping) => {
    merged = root;
  };
  return mergeMappings(under, embedded as Mapping, rules, { path: [], attach });
}

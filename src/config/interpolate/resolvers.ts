import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { packageDirectory } from '../../core/package-directory.js';
import type { ProblemOf } from '../../failures/index.js';
import { isList, isMapping, type Mapping, pythonText, scalarText, type Value } from '../../values/index.js';
import { checkValue } from '../apply/check-value.js';

/** The facts that resolvers may use besides the config. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Returns the value under a key of Hydra's own config, for `${hydra:…}`. */
  readonly hydra: (key: string) => Value | undefined;
  readonly now: Date;
}

/** Returns the surroundings of a config without Hydra's own config. */
export const surroundingsWithoutHydra = (env: Surroundings['env']): Surroundings => ({
  env,
  now: new Date(),
  hydra: () => undefined,
});

/** A value of the config, not resolved, with its dotted name. */
export interface NamedValue {
  readonly value: Value;
  readonly name: string;
}

/** A value that a resolver makes. Its interpolations are resolved at the position of the call. */
interface NewConfig {
  readonly config: Value;
}

/** The answer of a resolver: a final value, a value of the config, or a new value with interpolations. */
type Answer = Value | NamedValue | NewConfig;

/** An interpolation that calls a resolver. */
interface ResolverCall {
  readonly args: readonly Value[];
  /** Returns the value of the config that an argument refers to; undefined for any other argument. */
  readonly argumentNode: (index: number) => NamedValue | undefined;
  /** Undefined to resolve only what the config itself decides. */
  readonly surroundings: Surroundings | undefined;
  /** Returns the value under a key; undefined if it is missing or still `???`. */
  readonly found: (key: string) => NamedValue | undefined;
  /** Returns the value of a text in the grammar of arguments. */
  readonly decode: (text: string) => Value;
  /** Returns the value of a text of YAML. */
  readonly yaml: (text: string) => Value;
  /** Throws `unresolvable`. `later` says that the value may be known when the run starts. */
  readonly refuse: (problem: ProblemOf<'unresolvable'>, later?: boolean) => never;
}

/** The resolvers of OmegaConf, Hydra and aiaccel, as their documentation describes them. */
const resolvers: ReadonlyMap<string, (call: ResolverCall) => Answer> = new Map<string, (call: ResolverCall) => Answer>([
  ['oc.env', environment],
  ['oc.select', selected],
  ['oc.decode', decoded],
  ['oc.create', created],
  ['oc.deprecated', deprecated],
  ['oc.dict.keys', (call) => [...mappingAt(call).value.keys()]],
  ['oc.dict.values', dictValues],
  ['hydra', hydra],
  ['resolve_pkg_path', packagePath],
  ['now', now],
]);

/** Returns whether mlx knows a resolver. */
export const isResolver = (name: string) => resolvers.has(name);

/** Calls a resolver by its name. Throws what `call.refuse` throws, also for an unknown name. */
export function callResolver(name: string, call: ResolverCall): Answer {
  const resolver = resolvers.get(name);
  if (!resolver) return call.refuse({ kind: 'unknown-resolver', name }, true);
  return resolver(call);
}

function environment(call: ResolverCall): Value {
  const [key, ...defaults] = argumentsOf(call, 1, 2);
  const { env } = outside(call);
  if (typeof key !== 'string') return call.refuse({ kind: 'variable-not-text' });
  const value = env[key];
  if (value !== undefined) return value;
  const [given] = defaults;
  if (given === undefined) return call.refuse({ kind: 'no-variable', name: key }, true);
  return given === null ? null : pythonText(given);
}

function selected(call: ResolverCall): Value | NamedValue {
  const [key, given = null] = argumentsOf(call, 1, 2);
  return call.found(keyOf(call, key)) ?? call.argumentNode(1) ?? given;
}

/** Returns the values as interpolations, so that each is resolved at its own position in the config. */
function dictValues(call: ResolverCall): NewConfig {
  const { name, value } = mappingAt(call);
  return { config: [...value.keys()].map((key) => `\${${name}.${scalarText(key)}}`) };
}

function decoded(call: ResolverCall): Value {
  const [text] = argumentsOf(call, 1, 1);
  if (text === null) return null;
  return typeof text === 'string' ? call.decode(text) : call.refuse({ kind: 'decode-not-text' });
}

function created(call: ResolverCall): Value | NewConfig {
  const [given] = argumentsOf(call, 1, 1);
  if (given === null) return null;
  if (isMapping(given) || isList(given)) return { config: withKeys(given, call) };
  if (typeof given !== 'string') return call.refuse({ kind: 'bad-create' });
  const value = call.yaml(given);
  if (value === null) return new Map();
  if (typeof value === 'string') return new Map([[value, null]]);
  if (!isMapping(value) && !isList(value)) return call.refuse({ kind: 'create-neither' });
  return { config: withKeys(value, call) };
}

function withKeys(value: Value, call: ResolverCall): Value {
  checkValue(value, { nullKey: () => call.refuse({ kind: 'null-key' }) });
  return value;
}

function deprecated(call: ResolverCall): Value | NamedValue {
  const [key] = argumentsOf(call, 1, 2);
  return call.found(keyOf(call, key)) ?? call.refuse({ kind: 'no-key', key: String(key) });
}

/** The package of aiaccel's job templates. mlx uses its own templates instead. */
const templatePackage = 'aiaccel.job.apps.config';

/**
 * Returns the directory of a Python package in the working
 * directory or on PYTHONPATH (a resolver of aiaccel).
 */
function packagePath(call: ResolverCall): Value {
  const [name] = argumentsOf(call, 1, 1);
  const { env } = outside(call);
  if (typeof name !== 'string') return call.refuse({ kind: 'package-not-text' });
  if (name === templatePackage) return join(packageDirectory(), 'configs', 'job');
  const parents = ['.', ...(env['PYTHONPATH'] ?? '').split(delimiter).filter((entry) => entry !== '')];
  const found = parents.map((parent) => resolve(parent, name.replaceAll('.', '/'))).find((path) => existsSync(path));
  return found ?? call.refuse({ kind: 'no-package', name });
}

function hydra(call: ResolverCall): Value {
  const [key] = argumentsOf(call, 1, 1);
  return outside(call).hydra(keyOf(call, key)) ?? null;
}

const pad = (value: number) => String(value).padStart(2, '0');

function now(call: ResolverCall): Value {
  const [pattern] = argumentsOf(call, 1, 1);
  const { now: date } = outside(call);
  const parts: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    y: pad(date.getFullYear() % 100),
    m: pad(date.getMonth() + 1),
    d: pad(date.getDate()),
    H: pad(date.getHours()),
    M: pad(date.getMinutes()),
    S: pad(date.getSeconds()),
    f: `${String(date.getMilliseconds()).padStart(3, '0')}000`,
    '%': '%',
  };
  return pythonText(pattern ?? '').replace(/%(.)/g, (_, letter: string) => {
    return parts[letter] ?? call.refuse({ kind: 'unknown-time-letter', letter });
  });
}

function mappingAt(call: ResolverCall): { readonly name: string; readonly value: Mapping } {
  const [key] = argumentsOf(call, 1, 1);
  const found = call.found(keyOf(call, key)) ?? call.refuse({ kind: 'no-key', key: String(key) });
  const { name, value } = found;
  return isMapping(value) ? { name, value } : call.refuse({ kind: 'no-mapping', key: String(key) });
}

function keyOf(call: ResolverCall, key: Value | undefined): string {
  return typeof key === 'string' ? key : call.refuse({ kind: 'key-not-text' });
}

function argumentsOf(call: ResolverCall, least: number, most: number): readonly Value[] {
  const { args } = call;
  if (args.length >= least && args.length <= most) return args;
  return call.refuse({ kind: 'argument-count', least, most, count: args.length });
}

function outside(call: ResolverCall): Surroundings {
  return call.surroundings ?? call.refuse({ kind: 'only-where-it-runs' }, true);
}

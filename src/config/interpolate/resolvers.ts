import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { packageDirectory } from '../../core/package-directory.js';
import type { ProblemOf } from '../../failures/index.js';
import type { Mapping } from '../../values/index.js';
import { isList, isMapping, pythonText, scalarText, type Value } from '../../values/index.js';
import { checkValue } from '../apply/check-value.js';

/** What resolvers know beside the config. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The value under a key of Hydra's own config, for `${hydra:…}`. */
  readonly hydra: (key: string) => Value | undefined;
  readonly now: Date;
}

/** Of a config that knows nothing of Hydra's own. */
export const surroundingsWithoutHydra = (env: Surroundings['env']): Surroundings => ({
  env,
  now: new Date(),
  hydra: () => undefined,
});

/** A place in the config: its value with interpolations as they are written, and its dotted key. */
export interface Place {
  readonly value: Value;
  readonly name: string;
}

/** A new part of the config, whose own interpolations are resolved in the place of the one that made it. */
export interface Made {
  readonly config: Value;
}

/** What a resolver gives: a value as it is, what stands at a place, or a new part of the config. */
export type Answer = Value | Place | Made;

/** An interpolation that asks a resolver. */
export interface ResolverCall {
  readonly args: readonly Value[];
  /** An argument that stands at a place of the config. */
  readonly placeOf: (index: number) => Place | undefined;
  /** Undefined where only what the config itself decides is to be resolved. */
  readonly surroundings: Surroundings | undefined;
  /** What stands at a key; undefined where there is nothing, or a value that is still to be given. */
  readonly found: (key: string) => Place | undefined;
  /** The value of a text in the grammar of arguments, and of a text of YAML. */
  readonly decode: (text: string) => Value;
  readonly yaml: (text: string) => Value;
  readonly refuse: (problem: ProblemOf<'unresolvable'>, later?: boolean) => never;
}

/** OmegaConf's resolvers, and those that Hydra registers; each as their documentation tells. */
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

/** Whether there is a resolver of this name. */
export const isResolver = (name: string) => resolvers.has(name);

/** The answer of the resolver of a name. Throws what `refuse` throws. */
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

function selected(call: ResolverCall): Value | Place {
  const [key, given = null] = argumentsOf(call, 1, 2);
  return call.found(keyOf(call, key)) ?? call.placeOf(1) ?? given;
}

/** Each value by its place, so that it is resolved there. */
function dictValues(call: ResolverCall): Made {
  const { name, value } = mappingAt(call);
  return { config: [...value.keys()].map((key) => `\${${name}.${scalarText(key)}}`) };
}

function decoded(call: ResolverCall): Value {
  const [text] = argumentsOf(call, 1, 1);
  if (text === null) return null;
  return typeof text === 'string' ? call.decode(text) : call.refuse({ kind: 'decode-not-text' });
}

function created(call: ResolverCall): Value | Made {
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

function deprecated(call: ResolverCall): Value | Place {
  const [key] = argumentsOf(call, 1, 2);
  return call.found(keyOf(call, key)) ?? call.refuse({ kind: 'no-key', key: String(key) });
}

/** Where aiaccel's package has its job templates, mlx has its own. */
const templatePackage = 'aiaccel.job.apps.config';

/** aiaccel's: the directory of a Python package, as far as it can be seen from here. */
function packagePath(call: ResolverCall): Value {
  const [name] = argumentsOf(call, 1, 1);
  const { env } = outside(call);
  if (typeof name !== 'string') return call.refuse({ kind: 'package-not-text' });
  if (name === templatePackage) return join(packageDirectory(), 'configs', 'job');
  const places = ['.', ...(env['PYTHONPATH'] ?? '').split(delimiter).filter((place) => place !== '')];
  const found = places.map((place) => resolve(place, name.replaceAll('.', '/'))).find((place) => existsSync(place));
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

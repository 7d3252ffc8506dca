import { isList, isMapping, type Value } from '../sweep/index.js';
import { pythonText } from '../sweep/python.js';
import type { Mapping } from './apply-override.js';

/** What resolvers know beside the config. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The value under a key of Hydra's own config, for `${hydra:…}`. */
  readonly hydra: (key: string) => Value | undefined;
  readonly now: Date;
}

/** An interpolation that asks a resolver. */
export interface ResolverCall {
  readonly args: readonly Value[];
  /** Undefined where only what the config itself decides is to be resolved. */
  readonly surroundings: Surroundings | undefined;
  /** The value at a key, as it stands and resolved; undefined where there is none, or one that is still to be given. */
  readonly standing: (key: string) => Value | undefined;
  readonly resolved: (key: string) => Value | undefined;
  /** The value of a text in the grammar of arguments, and of a text of YAML. */
  readonly decode: (text: string) => Value;
  readonly yaml: (text: string) => Value;
  readonly refuse: (problem: string, later?: boolean) => never;
}

/** OmegaConf's resolvers, and those that Hydra registers; each as their documentation tells. */
const resolvers: ReadonlyMap<string, (call: ResolverCall) => Value> = new Map([
  ['oc.env', environment],
  ['oc.select', selected],
  ['oc.decode', decoded],
  ['oc.create', created],
  ['oc.deprecated', deprecated],
  ['oc.dict.keys', (call: ResolverCall) => [...mappingAt(call).keys()]],
  ['oc.dict.values', (call: ResolverCall) => [...mappingAt(call, call.resolved).values()]],
  ['hydra', hydra],
  ['now', now],
]);

/** The answer of the resolver of a name. Throws what `refuse` throws. */
export function callResolver(name: string, call: ResolverCall): Value {
  const resolver = resolvers.get(name);
  if (!resolver) return call.refuse(`mlx knows no resolver '${name}': the program brings it`, true);
  return resolver(call);
}

function environment(call: ResolverCall): Value {
  const [key, ...defaults] = argumentsOf(call, 1, 2);
  const { env } = outside(call);
  if (typeof key !== 'string') return call.refuse('the name of a variable is text');
  const value = env[key];
  if (value !== undefined) return value;
  const [given] = defaults;
  if (given === undefined) return call.refuse(`the environment has no variable '${key}'`, true);
  return given === null ? null : pythonText(given);
}

function selected(call: ResolverCall): Value {
  const [key, given = null] = argumentsOf(call, 1, 2);
  return call.resolved(keyOf(call, key)) ?? valueUnlessGiven(call, key, given);
}

/** Null is a value of its own. */
function valueUnlessGiven(call: ResolverCall, key: Value | undefined, given: Value): Value {
  return call.standing(keyOf(call, key)) === null ? null : given;
}

function decoded(call: ResolverCall): Value {
  const [text] = argumentsOf(call, 1, 1);
  if (text === null) return null;
  return typeof text === 'string' ? call.decode(text) : call.refuse('only text can be decoded');
}

function created(call: ResolverCall): Value {
  const [given] = argumentsOf(call, 1, 1);
  if (given === null || isMapping(given) || isList(given)) return given;
  if (typeof given !== 'string') return call.refuse('only a list, a dict or a text of YAML can be made a config');
  const value = call.yaml(given);
  return typeof value === 'string' ? new Map([[value, null]]) : value;
}

function deprecated(call: ResolverCall): Value {
  const [key] = argumentsOf(call, 1, 2);
  return call.resolved(keyOf(call, key)) ?? call.refuse(`there is no ${String(key)}`);
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
    return parts[letter] ?? call.refuse(`mlx can't write %${letter} of a time`);
  });
}

function mappingAt(call: ResolverCall, look = call.standing): Mapping {
  const [key] = argumentsOf(call, 1, 1);
  const found = look(keyOf(call, key));
  if (found === undefined) return call.refuse(`there is no ${String(key)}`);
  return isMapping(found) ? found : call.refuse(`${String(key)} is no mapping`);
}

function keyOf(call: ResolverCall, key: Value | undefined): string {
  return typeof key === 'string' ? key : call.refuse('a key is text');
}

function argumentsOf(call: ResolverCall, least: number, most: number): readonly Value[] {
  const { args } = call;
  if (args.length >= least && args.length <= most) return args;
  return call.refuse(`it takes ${least === most ? least : `${least} or ${most}`} arguments, not ${args.length}`);
}

function outside(call: ResolverCall): Surroundings {
  return call.surroundings ?? call.refuse('it is decided where the run is', true);
}

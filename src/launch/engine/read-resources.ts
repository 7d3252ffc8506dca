import camelCase from 'lodash/camelCase.js';
import mapKeys from 'lodash/mapKeys.js';
import { parseDuration } from '../../core/clock.js';
import { nearest } from '../../core/suggest.js';
import {
  noResources,
  parseMemory,
  parseWarning,
  type ResourceName,
  type Resources,
  warningSignals,
} from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import type { RawResources, Settings } from '../../settings/index.js';

const expected: Readonly<Record<ResourceName, string>> = {
  time: 'a time: 90 (seconds), 90m, 2h30m, 1:30:00 or 1-12 (days-hours)',
  cpus: 'a whole number, 1 or more',
  gpus: 'a whole number, 1 or more',
  mem: 'an amount with its unit: 8G, 512M',
  partition: 'a name without blanks and quotes',
  nodes: 'a whole number, 1 or more',
  tasks: 'a whole number, 1 or more',
  account: 'a name without blanks and quotes',
  name: 'a name on one line',
  constraint: 'text on one line',
  requeue: 'nothing, or how often at most: 1, 2, …',
  continueOnTimeout: 'nothing, or how often at most: 1, 2, …',
  signal: `a signal and how long before the time limit, such as USR1@120 or USR1@2m; signals: ${warningSignals.join(', ')}`,
  signalTo: 'program or group',
};

/**
 * Reads what the settings, a profile and options ask for together; later layers win. Throws `bad-resource`.
 */
export function readResources(layers: readonly RawResources[]): Resources {
  const raw = Object.assign({}, ...layers.map((layer) => mapKeys(layer, (_, name) => camelCase(name)))) as RawResources;
  const count = (name: ResourceName) =>
    read(raw, name, (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined));
  const line = (name: ResourceName) =>
    read(raw, name, (text) => (text !== '' && !/[\u0000-\u001f\u007f]/.test(text) ? text : undefined));
  // Engines read these bare: a blank would end them, and begin another option.
  const word = (name: ResourceName) => read(raw, name, (text) => (/^[^\s"'\\]+$/.test(text) ? text : undefined));
  return {
    ...noResources,
    time: read(raw, 'time', parseDuration),
    cpus: count('cpus'),
    gpus: count('gpus'),
    mem: read(raw, 'mem', parseMemory),
    partition: word('partition'),
    nodes: count('nodes'),
    tasks: count('tasks'),
    account: word('account'),
    name: line('name'),
    constraint: line('constraint'),
    requeue: read(raw, 'requeue', parseTimes),
    continueOnTimeout: read(raw, 'continueOnTimeout', parseTimes),
    signal: read(raw, 'signal', (text) => {
      const warning = parseWarning(text);
      return warning && `${warning.signal}@${warning.seconds}`;
    }),
    signalTo: read(raw, 'signalTo', (text) => (text === 'program' || text === 'group' ? text : undefined)),
  };
}

/** Always (`true`), never (`false`), or the most times. */
function parseTimes(text: string): boolean | number | undefined {
  if (text === 'true' || text === 'auto') return true;
  if (text === 'false') return false;
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function read<T>(raw: RawResources, name: ResourceName, parse: (text: string) => T | undefined): T | undefined {
  const value = raw[name];
  if (value === undefined) return undefined;
  const text = String(value);
  return parse(text) ?? fail({ reason: 'bad-resource', resource: name, value: text, expected: expected[name] });
}

/** Returns the resources and native options of a profile. Throws `unknown-profile`. */
export function profileOf({ scheduler }: Settings, name: string): { resources: RawResources; options: string[] } {
  const profiles = Object.entries(scheduler.profiles);
  const found = profiles.find(([known]) => known === name)?.[1];
  const known = profiles.map(([one]) => one);
  if (!found) return fail({ reason: 'unknown-profile', name, near: nearest(name, known), known });
  const { option_cmd: options = [], ...resources } = found;
  return { resources, options: [...options] };
}

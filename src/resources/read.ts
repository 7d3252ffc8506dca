import camelCase from 'lodash/camelCase.js';
import mapKeys from 'lodash/mapKeys.js';
import mapValues from 'lodash/mapValues.js';
import { fail } from '../failures/index.js';
import { type ResourceName, type Resources, resourceTable, rowOf } from './table.js';

/** Asks for nothing. */
export const noResources: Resources = mapValues(resourceTable, () => undefined);

/**
 * Reads resources as they are written in the settings, a profile and options. A later layer wins over an
 * earlier one. Keys may be spelled as in the settings or as options; keys of no resource are ignored. Throws
 * `bad-resource`.
 */
export function readResources(layers: readonly Readonly<Record<string, unknown>>[]): Resources {
  const raw: Readonly<Record<string, unknown>> = Object.assign(
    {},
    ...layers.map((layer) => mapKeys(layer, (_, name) => camelCase(name))),
  );
  return mapValues(resourceTable, ({ kind }, resource) => {
    const value = raw[resource];
    if (value === undefined) return undefined;
    const text = String(value);
    return kind.parse(text) ?? fail({ reason: 'bad-resource', resource, value: text, expected: kind.expected });
  }) as Resources;
}

/** Returns the value of a resource for people: `1:30:00`, `8G`. */
export const resourceText = <Name extends ResourceName>(name: Name, value: NonNullable<Resources[Name]>): string =>
  rowOf(name).kind.text(value);

/**
 * Returns whether a job may have to ask its engine to start it again: after a preemption, after its time
 * limit, or since a run that failed is tried again and the job has no time left for it.
 */
export function asksToStartAgain(resources: Partial<Resources>): boolean {
  const { requeue, continueOnTimeout, retries, time } = resources;
  const mayRetry = Boolean(retries) && time !== undefined && requeue !== false;
  return Boolean(requeue) || Boolean(continueOnTimeout) || mayRetry;
}

/** Returns how often something may be done again: 0 for never, Infinity for without end. */
export function timesOf(policy: boolean | number | undefined): number {
  if (policy === undefined || policy === false) return 0;
  return policy === true ? Number.POSITIVE_INFINITY : policy;
}

import * as v from 'valibot';
import type { PlainOverride } from '../sweep/index.js';
import { isMapping, type Mapping, plainData, type Scalar, type Value, valueAt } from '../values/index.js';
import { applyOverrides, type OverrideTarget } from './apply/apply-override.js';
import { type Composer, composerOf } from './compose.js';
import { configFiles } from './files/config-files.js';
import type { ConfigTexts } from './files/types.js';
import type { Surroundings } from './interpolate/resolvers.js';

/**
 * The config that overrides apply to: composed of files
 * (unknown keys are errors), or built from the overrides only.
 */
export type ConfigBase =
  | {
      readonly kind: 'composed';
      readonly composer: Composer;
      /** Whether runs receive the values of interpolations, if these are known before the run. */
      readonly resolve: boolean;
    }
  | { readonly kind: 'overrides-only' };

const overridesOnly: OverrideTarget = {
  name: 'the overrides',
  foundAt: (config, key) => valueAt(config, key),
  valueAt: (config, key) => valueAt(config, key),
  takesAny: () => true,
};

/**
 * Returns the config of a run under some overrides. Throws
 * what `Composer.compose` and `applyOverrides` throw.
 */
export function configAt(base: ConfigBase, overrides: readonly PlainOverride[]): Mapping {
  if (base.kind === 'overrides-only') return applyOverrides(new Map<Scalar, Value>(), overrides, overridesOnly);
  const { config, resolver } = base.composer.compose(overrides);
  return base.resolve ? resolver().settled() : config;
}

const textRecord = v.record(
  v.string(),
  v.nullable(v.object({ name: v.string(), text: v.string(), location: v.string() })),
);

const configRecord = v.object({
  primary: v.nullable(v.string()),
  resolve: v.boolean(),
  files: textRecord,
  bases: textRecord,
  groups: v.record(v.string(), v.nullable(v.array(v.string()))),
});

/**
 * Returns the config for a launch's record: the texts of
 * all files, from which the same configs can be composed.
 */
export function recordOfConfig({
  composer,
  resolve,
}: Extract<ConfigBase, { kind: 'composed' }>): v.InferOutput<typeof configRecord> {
  const { files, bases, groups } = composer.files.record();
  return {
    primary: composer.primary ?? null,
    resolve,
    files: { ...files },
    bases: { ...bases },
    groups: Object.fromEntries(Object.entries(groups).map(([name, options]) => [name, options && [...options]])),
  };
}

/**
 * Returns the config in a launch's record; undefined if the record has none. `name` is its name in messages.
 */
export function recordedConfig(record: Value, name: string, env: Surroundings['env']): ConfigBase | undefined {
  const parsed = v.safeParse(configRecord, isMapping(record) ? plainData(record) : undefined);
  if (!parsed.success) return undefined;
  const { primary, resolve, ...recorded } = parsed.output;
  return {
    kind: 'composed',
    composer: composerOf({
      files: textFiles(recorded, env),
      primary: primary ?? undefined,
      name,
      env,
      jobName: undefined,
    }),
    resolve,
  };
}

/** Returns the config in a record of mlx 0.1.0, which did not compose configs: a single mapping. */
export function singleConfig(text: string, name: string, env: Surroundings['env']): ConfigBase {
  const files = { config: { name, text, location: '' } };
  const composer = composerOf({
    files: textFiles({ files, bases: {}, groups: {} }, env),
    primary: 'config',
    name,
    env,
    jobName: undefined,
  });
  return { kind: 'composed', composer, resolve: false };
}

const textFiles = ({ files, bases, groups }: ConfigTexts, env: Surroundings['env']) =>
  configFiles(
    [],
    {
      read: recordedAt(files),
      readAt: recordedAt(bases),
      options: recordedAt(groups),
    },
    env,
  );

/** Returns a function that looks up a record's own keys; undefined for missing ones and null. */
const recordedAt =
  <T>(record: Readonly<Record<string, T | null>>) =>
  (key: string): T | undefined =>
    Object.hasOwn(record, key) ? (record[key] ?? undefined) : undefined;

import camelCase from 'lodash/camelCase.js';
import omitBy from 'lodash/omitBy.js';
import { refuseTogether } from '../../arguments/index.js';
import { ownEnvironment } from '../../core/own-environment.js';
import { nearest } from '../../core/suggest.js';
import { type BatchEngine, clusterNamed, loadEngine, unsupported, withoutResources } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import { type ResourceName, type Resources, readResources } from '../../resources/index.js';
import type { RawResources, Settings } from '../../settings/index.js';
import { askedResources, type TargetOptions } from '../options.js';
import type { EngineTarget, Waiting } from '../target.js';

/**
 * Returns how runs become jobs of an engine. The settings, the profile, a script's header and the options
 * each override those before them. Throws `options-exclude`, `unknown-engine`, `bad-engine-module`,
 * `cluster-unknown`, and what reading and checking the resources throws.
 */
export async function engineTarget(
  options: TargetOptions,
  settings: Settings,
  engineName: string,
  header: readonly string[],
): Promise<Omit<EngineTarget, keyof Waiting> & { readonly notes: readonly string[] }> {
  refuseTogether(options, 'requeue', 'noRequeue');
  refuseTogether(options, 'walltime', 'time');
  if (options.gpusPerRun !== undefined) fail({ reason: 'options-exclude', options: ['--gpus-per-run', '--scheduler'] });
  if (options.stream) fail({ reason: 'options-exclude', options: ['--stream', '--scheduler'] });
  if (options.parallel !== undefined) fail({ reason: 'options-exclude', options: ['--parallel', '--scheduler'] });
  const { scheduler } = settings;
  const engine = await loadEngine(engineName);
  if (options.grace !== undefined) unsupported(engine.title, 'grace', { kind: 'grace-decided', by: engine.grace });
  const profile = options.profile === undefined ? { resources: {}, options: [] } : profileOf(settings, options.profile);
  const asked = askedResources(options);
  const meanings = resourceMeanings(engine);
  const { options: headed, replaced } = engine.header
    ? withoutResources(
        header,
        engine.header,
        meanings.filter(([name]) => asked[name] !== undefined),
      )
    : { options: header, replaced: [] };
  // A script's header overrides what is set for all.
  const said = meanings.flatMap(([name, meaning]) => (header.some((option) => meaning.test(option)) ? [name] : []));
  const left = (set: RawResources) => omitBy(set, (_, name) => said.includes(camelCase(name) as ResourceName));
  const resources = readResources([left(scheduler.resources), left(profile.resources), asked]);
  const marked = new RegExp(`^${engine.marker.replace(/[$#]/g, '\\$&')}\\s+`);
  // A directive may be written with its marker, as it stands in a script.
  const native = [...scheduler.option_cmd, ...profile.options, ...headed, ...(options.option ?? [])].map((text) =>
    text.trim().replace(marked, ''),
  );
  const cluster = clusterOf(engine, native, resources);
  const isNamed = clusterOf(engine, native, resources, {}) !== undefined;
  return {
    kind: 'engine',
    engineName,
    engine,
    resources,
    options: native,
    cluster,
    array: options.array ?? scheduler.array,
    maxRunning: options.maxRunning,
    pack: options.pack ?? 1,
    maxQueued: options.maxQueued,
    onSubmitError: options.onSubmitError ?? scheduler.on_submit_error,
    notes: [
      ...replaced.map((option) => `options of the command line go before ${engine.marker} ${option}`),
      ...(cluster === undefined || isNamed ? [] : [`the environment sends the jobs to ${cluster}`]),
    ],
  };
}

/**
 * Returns the cluster that jobs enter: the one of their options, else the one of the environment. Throws
 * `cluster-unknown`.
 */
function clusterOf(
  engine: BatchEngine,
  options: readonly string[],
  { partition }: Pick<Resources, 'partition'>,
  environment = ownEnvironment(),
): string | undefined {
  const queue = partition === undefined ? [] : [`-q ${partition}`];
  return clusterNamed(engine, [...options, ...queue], environment);
}

/**
 * Returns the cluster that a user's own submission enters, see `clusterOf`. The value of an option may be a
 * word of its own.
 */
export const clusterOfWords = (engine: BatchEngine, words: readonly string[]): string | undefined =>
  clusterOf(
    engine,
    words.flatMap((word, i) => [word, `${word} ${words[i + 1] ?? ''}`]),
    { partition: undefined },
  );

/** The patterns of native options, by the resource that they mean. */
function resourceMeanings({ nativeOptions }: BatchEngine): [ResourceName, RegExp][] {
  return Object.entries(nativeOptions).flatMap(([name, meaning]) =>
    name === 'reserved' || name === 'after' || !meaning
      ? []
      : [[name as ResourceName, meaning] satisfies [ResourceName, RegExp]],
  );
}

/**
 * Returns the settings with further variables that scripts set, as `--export` asks for. Throws
 * `bad-option-value` for a name that no variable can have.
 */
export function withExported(settings: Settings, names: readonly string[]): Settings {
  const bad = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (bad !== undefined) {
    fail({
      reason: 'bad-option-value',
      option: '--export',
      value: bad,
      expected: 'the name of a variable',
      near: undefined,
    });
  }
  return { ...settings, environment: [...new Set([...settings.environment, ...names])] };
}

/** Returns the resources and native options of a profile. Throws `unknown-profile`. */
function profileOf({ scheduler }: Settings, name: string): { resources: RawResources; options: string[] } {
  const profiles = Object.entries(scheduler.profiles);
  const found = profiles.find(([known]) => known === name)?.[1];
  const known = profiles.map(([one]) => one);
  if (!found) return fail({ reason: 'unknown-profile', name, near: nearest(name, known), known });
  const { option_cmd: options = [], ...resources } = found;
  return { resources, options: [...options] };
}

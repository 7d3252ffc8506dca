import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import type { Span } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { fail } from '../failures/index.js';
import { elementValue, isSweep, type Override } from '../sweep/index.js';
import { isMapping, plainData, readYamlFile, type Value } from '../values/index.js';
import type { SettingsFile } from './find.js';
import { defaultSettings, type PartialSettings, partialSettings, type Settings } from './settings.js';

const prefix = /^(?:mlx|mlxp|mlxpy)\./;

/**
 * Returns whether an override sets a setting: `+mlx.use_scheduler=True`, `mlxp.logger.parent_log_dir=/data`.
 */
export function isSettingsOverride(override: Override): boolean {
  return prefix.test(override.key) && override.package === undefined;
}

/**
 * Returns the settings that apply: flags win over overrides, these over the
 * file, and the file over the defaults. Relative paths in the file start
 * from the directory that contains its `configs/`, others from `cwd`.
 * Throws `unreadable-file`, `yaml-syntax`, `unknown-setting`, `bad-setting` or `sweep-not-allowed`.
 */
export async function loadSettings(input: {
  readonly cwd: string;
  readonly file: SettingsFile | undefined;
  readonly overrides: readonly Override[];
  readonly flags: PartialSettings;
}): Promise<Settings> {
  const { cwd, file, overrides, flags } = input;
  const layers: PartialSettings[] = [];
  if (file) layers.push(absolutePaths(readSettingsFile(file.path), dirname(dirname(file.path))));
  for (const override of overrides) layers.push(absolutePaths(readSettingsOverride(override), cwd));
  layers.push(absolutePaths(flags, cwd));
  return layers.reduce<Settings>(overlay, absolutePaths(defaultSettings, cwd) as Settings);
}

function readSettingsFile(path: string): PartialSettings {
  const file = readYamlFile(path, path);
  if (file.value === null) return {};
  if (!isMapping(file.value)) return fail({ reason: 'yaml-not-mapping', path });
  return check(file.value, { ofKey: (keys) => file.spanAt(keys), ofValue: (keys) => file.spanAt(keys) });
}

function readSettingsOverride(override: Override): PartialSettings {
  const { value: element } = override;
  if (isSweep(element)) fail({ reason: 'sweep-not-allowed', span: override.span, where: 'setting' });
  if (!element || override.kind === 'delete') return {};
  const keys = override.key.replace(prefix, '').split('.');
  const value = keys.reduceRight<Value>((inner, key) => new Map([[key, inner]]), elementValue(element));
  return check(value, { ofKey: () => override.keySpan, ofValue: () => element.span });
}

/** Returns the spans of a setting's key and value. */
interface SettingSpans {
  readonly ofKey: (path: (string | number)[]) => Span;
  readonly ofValue: (path: (string | number)[]) => Span;
}

function check(value: Value, spans: SettingSpans): PartialSettings {
  const result = v.safeParse(partialSettings, plainData(value), { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const key = path.join('.');
  if (issue.type !== 'strict_object' || issue.expected !== 'never') {
    const expected = issue.type === 'strict_object' ? 'a mapping' : issue.message;
    return fail({ reason: 'bad-setting', key, span: spans.ofValue(path), expected });
  }
  const known = knownKeys(path.slice(0, -1));
  return fail({ reason: 'unknown-setting', key, span: spans.ofKey(path), near: nearest(String(path.at(-1)), known) });
}

/** Returns the keys of the section at a path; [] for settings without fixed keys. */
function knownKeys(path: readonly (string | number)[]): string[] {
  let at: unknown = defaultSettings;
  for (const key of path)
    at = typeof at === 'object' && at !== null ? Object.entries(at).find(([k]) => k === key)?.[1] : {};
  return Object.keys(at ?? {});
}

/** Returns settings with the paths that they contain made absolute. */
function absolutePaths<T extends PartialSettings>(settings: T, directory: string): T {
  const { logger, scheduler, version_manager } = settings;
  return {
    ...settings,
    ...(scheduler?.name?.startsWith('.') && { scheduler: { ...scheduler, name: resolve(directory, scheduler.name) } }),
    ...(logger?.parent_log_dir && { logger: { ...logger, parent_log_dir: resolve(directory, logger.parent_log_dir) } }),
    ...(version_manager && {
      version_manager: {
        ...version_manager,
        ...(version_manager.parent_work_dir && {
          parent_work_dir: resolve(directory, version_manager.parent_work_dir),
        }),
        ...(version_manager.link && { link: version_manager.link.map((path) => resolve(directory, path)) }),
      },
    }),
  };
}

function overlay(base: Settings, layer: PartialSettings): Settings {
  return {
    ...base,
    ...layer,
    logger: { ...base.logger, ...layer.logger },
    scheduler: { ...base.scheduler, ...layer.scheduler },
    version_manager: { ...base.version_manager, ...layer.version_manager },
    results: { ...base.results, ...layer.results },
  } as Settings;
}

import { posix } from 'node:path';
import { configFiles } from '../../src/config/files/config-files.js';
import { type ComposedConfig, type Composer, composerOf } from '../../src/config/index.js';
import { isSweep, parseOverride, plainOverride, pointAt, sweepOf } from '../../src/sweep/index.js';

/** Configs that are given as texts, by path: `config.yaml`, `db/mysql.yaml`. */
export type ConfigTexts = Readonly<Record<string, string>>;

/** Composes the config of texts. */
export function composerOfTexts(
  files: ConfigTexts,
  { primary = 'config', env = {} }: { readonly primary?: string | null; readonly env?: Record<string, string> } = {},
): Composer {
  const directories = new Set(Object.keys(files).flatMap(parentsOf));
  return composerOf({
    files: configFiles(
      [],
      {
        read: (path) => {
          const name = path.endsWith('.yaml') ? path : `${path}.yaml`;
          const text = files[name];
          return text === undefined ? undefined : { name, text, location: `/configs/${name}` };
        },
        readAt: (location) => {
          const name = posix.relative('/configs', location);
          const text = files[name];
          return text === undefined ? undefined : { name, text, location };
        },
        options: (group) =>
          directories.has(group)
            ? Object.keys(files).flatMap((name) =>
                posix.dirname(name) === group && name.endsWith('.yaml') ? [posix.basename(name, '.yaml')] : [],
              )
            : undefined,
      },
      env,
    ),
    primary: primary ?? undefined,
    name: `${primary ?? 'no config'}.yaml`,
    env,
    jobName: 'app',
  });
}

/** The config under overrides; of a sweep its first point. */
export function composeTexts(
  files: ConfigTexts,
  words: readonly string[],
  options: Parameters<typeof composerOfTexts>[1] = {},
): ComposedConfig {
  const composer = composerOfTexts(files, options);
  const overrides = words.map((word) => parseOverride(word));
  const swept = overrides.some(({ value }) => isSweep(value));
  return composer.compose(swept ? pointAt(sweepOf({ overrides }), 0).overrides : overrides.map(plainOverride));
}

function parentsOf(file: string): string[] {
  const directory = posix.dirname(file);
  return directory === '.' ? [''] : [directory, ...parentsOf(directory)];
}

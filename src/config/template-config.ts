import { basename, dirname, resolve } from 'node:path';
import { fail } from '../core/failure.js';
import { nowhere, type Span } from '../core/span.js';
import { type Scalar, type Value, valueAt } from '../sweep/index.js';
import type { Mapping } from './apply-override.js';
import { composerOf } from './compose.js';
import { templateFile } from './config-files.js';
import { placedConfigs } from './defaults-tree.js';
import { originIn } from './origin.js';
import { resolverOf } from './resolve.js';
import { type Surroundings, surroundingsWithoutHydra } from './resolvers.js';
import { withShellEscaped } from './shell-texts.js';

/** A config of templates: one file with its bases, all interpolations resolved. */
export interface TemplateConfig {
  /** The file's name for people. */
  readonly name: string;
  readonly value: Mapping;
  /** Where the value under a key stands; the nearest thing around it where it stands nowhere. */
  readonly spanOf: (key: string) => Span;
}

/**
 * Reads a config of shell templates as aiaccel's config module reads it: `_base_`, `_inherit_`, interpolations, `config_path` and
 * `working_directory` (the directory of the file); what is the shell's in the texts is left to it (see `withShellEscaped`). Throws
 * `config-not-found` and what composing a config throws.
 */
export function loadTemplateConfig(
  path: string,
  { cwd, env }: { readonly cwd: string; readonly env: Surroundings['env'] },
): TemplateConfig {
  const location = resolve(cwd, path);
  const files = templateFile(location, { cwd, env });
  const primary = basename(location);
  const file = files.load(primary);
  if (!file) return fail({ reason: 'config-not-found', name: path, looked: [path] });
  const { name } = file.yaml.source;
  const { config, tree } = composerOf({ files, primary, name, env, jobName: undefined }).compose([]);
  const known = new Map<Scalar, Value>([
    ...config,
    ['config_path', location],
    ['working_directory', dirname(location)],
  ]);
  const whole = withShellEscaped(known, (key) => valueAt(known, key) !== undefined) as Mapping;
  const value = new Map(resolverOf(whole, surroundingsWithoutHydra(env)).all());
  value.delete('config_path');
  value.delete('working_directory');
  const placed = placedConfigs(tree);
  return { name, value, spanOf: (key) => originIn(placed, key.split('.')) ?? file.yaml.spanAt([]) ?? nowhere };
}

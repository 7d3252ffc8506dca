import { basename, dirname, resolve } from 'node:path';
import {
  composerOf,
  originIn,
  placedConfigs,
  resolverOf,
  type Surroundings,
  surroundingsWithoutHydra,
  templateFile,
} from '../config/index.js';
import { nowhere, type Span } from '../core/span.js';
import { fail, MlxError } from '../failures/index.js';
import type { Mapping } from '../values/index.js';
import { type Scalar, type Value, valueAt } from '../values/index.js';
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
  if (!file) return fail({ reason: 'unreadable-file', path, code: 'ENOENT' });
  const { name } = file.yaml.source;
  const { config, tree } = composerOf({ files, primary, name, env, jobName: undefined }).compose([]);
  const known = new Map<Scalar, Value>([
    ...config,
    ['config_path', location],
    ['working_directory', dirname(location)],
  ]);
  const whole = withShellEscaped(known, (key) => valueAt(known, key) !== undefined) as Mapping;
  const placed = placedConfigs(tree);
  const spanOf = (key: string) => originIn(placed, key.split('.')) ?? file.yaml.spanAt([]) ?? nowhere;
  const value = new Map(resolvedWith(whole, env, spanOf));
  value.delete('config_path');
  value.delete('working_directory');
  return { name, value, spanOf };
}

/** Every interpolation resolved; one that stands for nothing is told of where it stands. */
function resolvedWith(config: Mapping, env: Surroundings['env'], spanOf: TemplateConfig['spanOf']): Mapping {
  try {
    return resolverOf(config, surroundingsWithoutHydra(env)).all();
  } catch (error) {
    if (!(error instanceof MlxError) || error.failure.reason !== 'unresolvable') throw error;
    const { key, text, problem } = error.failure;
    return fail({ reason: 'bad-config', span: spanOf(key), problem: { kind: 'unresolvable', text, problem } });
  }
}

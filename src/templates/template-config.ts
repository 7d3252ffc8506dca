import { basename, dirname, resolve } from 'node:path';
import {
  composerOf,
  configParts,
  originIn,
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

/** A config of templates: a file with its bases, all interpolations resolved. */
export interface TemplateConfig {
  /** The name of the file in messages. */
  readonly name: string;
  readonly value: Mapping;
  /** Returns the span of the value under a key, or of the nearest value around it. */
  readonly spanOf: (key: string) => Span;
}

/**
 * Reads a config of shell templates like aiaccel's config module: `_base_`, `_inherit_`, interpolations,
 * `config_path` and `working_directory` (the directory of the file). The shell's `${…}` stay (see
 * `withShellEscaped`). Throws `unreadable-file`, and what composing a config throws.
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
  const placed = configParts(tree);
  const spanOf = (key: string) => originIn(placed, key.split('.')) ?? file.yaml.spanAt([]) ?? nowhere;
  const value = new Map(resolvedWith(whole, env, spanOf));
  value.delete('config_path');
  value.delete('working_directory');
  return { name, value, spanOf };
}

/**
 * Returns a config with all interpolations resolved. Throws `bad-config` with the span of one that has no
 * value.
 */
function resolvedWith(config: Mapping, env: Surroundings['env'], spanOf: TemplateConfig['spanOf']): Mapping {
  try {
    return resolverOf(config, surroundingsWithoutHydra(env)).all();
  } catch (error) {
    if (!(error instanceof MlxError) || error.failure.reason !== 'unresolvable') throw error;
    const { key, text, problem } = error.failure;
    return fail({ reason: 'bad-config', span: spanOf(key), problem: { kind: 'unresolvable', text, problem } });
  }
}

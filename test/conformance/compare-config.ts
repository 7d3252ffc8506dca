import { attempt } from '../../src/failures/failure.js';
import { isSweep, parseOverride } from '../../src/sweep/index.js';
import type { Value } from '../../src/values/index.js';
import { parseYaml } from '../../src/values/yaml.js';
import { composeTexts } from '../rig/composed.js';
import type { Row } from './row.js';

/** A row of `compose.jsonl`. */
export interface ComposeRow extends Row {
  readonly input: {
    readonly files: Readonly<Record<string, string>>;
    readonly config_name: string | null;
    readonly overrides: readonly string[];
  };
  readonly env?: Readonly<Record<string, string>>;
  readonly version_base: string;
  readonly mode: 'RUN' | 'MULTIRUN';
  readonly expect: {
    readonly choices: Readonly<Record<string, string | null>>;
    readonly unresolved_yaml: string;
    readonly resolved_yaml?: string;
    readonly resolve_error?: object;
  };
  readonly error?: { readonly type: string; readonly message: string };
}

/** What Hydra answered, in the form of `composeAnswer`. */
export function wantedCompose({ expect: wanted, error }: ComposeRow): object | undefined {
  if (error) return undefined;
  return {
    choices: wanted.choices,
    config: plain(read(wanted.unresolved_yaml)),
    // Where nothing is to be resolved, the files here tell the config once.
    resolved: wanted.resolve_error ? undefined : plain(read(wanted.resolved_yaml ?? wanted.unresolved_yaml)),
  };
}

/** What mlx makes of the row; undefined where it refuses. */
export function composeAnswer({ input, env = {}, mode }: ComposeRow): object | undefined {
  const parsed = attempt(() => input.overrides.map((word) => parseOverride(word)));
  // Without --multirun no sweep is taken.
  if (!parsed || (mode === 'RUN' && parsed.some(({ value }) => isSweep(value)))) return undefined;
  return attempt(() => {
    const { files, config_name: primary, overrides } = input;
    const composed = composeTexts(files, overrides, { primary, env });
    const resolved = attempt(() => composed.resolver().all());
    return {
      choices: Object.fromEntries([...composed.tree.choices].filter(([group]) => !group.startsWith('hydra/'))),
      config: plain(composed.config),
      resolved: resolved && plain(resolved),
    };
  });
}

/** The value of a text of YAML. */
export const read = (text: string) => parseYaml({ name: 'expected', text }).value;

/** Values with their types and the order of keys told, for a comparison of texts. */
export function plain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return { map: [...value].map(([key, item]) => [plain(key), plain(item)]) };
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number') return { float: Object.is(value, -0) ? '-0' : String(value) };
  return value;
}

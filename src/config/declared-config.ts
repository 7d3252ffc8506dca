import { statSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { readTextFile } from '../values/index.js';

/** The config that a program of Hydra declares with `@hydra.main(config_path=…, config_name=…)`. */
export interface DeclaredConfig {
  /** Relative to the program's file. Null if Python code makes the config. */
  readonly path: string | null;
  readonly name: string | null;
}

/** The largest program that is searched, in bytes. */
const maxBytes = 4 * 1024 * 1024;

/**
 * Returns the config that a Python file declares with literal
 * words; undefined for any other program. Throws `unreadable-file`.
 */
export function declaredConfig(file: string): DeclaredConfig | undefined {
  if (!file.endsWith('.py')) return undefined;
  const size = ifPresent(() => statSync(file))?.size ?? 0;
  if (size === 0 || size > maxBytes) return undefined;
  const call = /^[ \t]*@(?:hydra\.)?main\(([^()]*)\)/m.exec(readTextFile(file, file));
  const words = call?.[1];
  if (words === undefined || !/\b(?:config_path|config_name|version_base)\b/.test(words)) return undefined;
  // By default, configs are beside the program before version_base
  // 1.2 and without one (hydra.main's documentation).
  const base = /\bversion_base\b/.test(words) ? argument(words, 'version_base') : '1.1';
  const path = /\bconfig_path\b/.test(words) || base !== '1.1' ? argument(words, 'config_path') : '.';
  return { path, name: argument(words, 'config_name') };
}

/**
 * Returns the config options in the words of a program of Hydra: `--config-path`, `--config-name` and
 * `--config-dir`, or their short forms.
 */
export function configWords(argv: readonly string[]): {
  readonly path: string | undefined;
  readonly name: string | undefined;
  readonly directories: readonly string[];
} {
  const valuesOf = (long: string, short: string) =>
    argv.flatMap((word, at) => {
      if (word === long || word === short) return argv.slice(at + 1, at + 2);
      return word.startsWith(`${long}=`) ? [word.slice(long.length + 1)] : [];
    });
  return {
    path: valuesOf('--config-path', '-cp').at(-1),
    name: valuesOf('--config-name', '-cn').at(-1),
    directories: valuesOf('--config-dir', '-cd'),
  };
}

function argument(words: string, name: string): string | null {
  const [, , text] = new RegExp(`\\b${name}\\s*=\\s*[rR]?(["'])(.*?)\\1`).exec(words) ?? [];
  return text ?? null;
}

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The settings file that was found, and other settings files in its directory, which are not read. */
export interface SettingsFile {
  readonly path: string;
  readonly ignored: readonly string[];
}

const fileNames = ['mlx.yaml', 'mlxp.yaml', 'mlxpy.yaml'];

/**
 * Returns the first `configs/mlx.yaml` (or `mlxp.yaml`, `mlxpy.yaml`) from `directory` upward; undefined if
 * there is none.
 */
export function findSettingsFile(directory: string): SettingsFile | undefined {
  for (let at = resolve(directory); ; at = dirname(at)) {
    const [path, ...ignored] = fileNames.map((name) => join(at, 'configs', name)).filter((name) => existsSync(name));
    if (path !== undefined) return { path, ignored };
    if (dirname(at) === at) return undefined;
  }
}

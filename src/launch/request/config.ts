import { parse } from 'node:path';
import { type ConfigRequest, configWords, declaredConfig } from '../../config/index.js';
import type { Environment } from '../../core/environment.js';
import type { Settings } from '../../settings/index.js';
import type { Program } from '../plan/program.js';
import type { ConfigOptions } from './options.js';

/**
 * Returns where to look for a program's config. `cwd` is the directory that the launch starts from. A program
 * of Hydra has words of its own for this, which the options override.
 */
export function configRequestOf(
  options: ConfigOptions,
  { cwd, env }: { readonly cwd: string; readonly env: Environment },
  { argv, file, directory }: Pick<Program, 'argv' | 'file' | 'directory'>,
  { resolve }: Pick<Settings, 'resolve'>,
): ConfigRequest {
  const declared = directory === undefined ? undefined : declaredConfig(file);
  const words = declared && configWords(argv);
  return {
    cwd,
    programDirectory: directory,
    jobName: directory === undefined ? undefined : parse(file).name,
    declared,
    path: options.configPath ?? words?.path,
    name: options.configName ?? words?.name,
    directories: [...(options.configDir ?? []), ...(words?.directories ?? [])],
    none: options.noConfig ?? false,
    env,
    resolve,
  };
}

import { userInfo } from 'node:os';
import { ownEnvironment } from '../../core/own-environment.js';
import type { EngineCommand } from '../engine.js';

/**
 * Returns the environment changes for Slurm's commands. Removes variables of a surrounding job or of the
 * user's shell that would silently override directives (sbatch(1), INPUT ENVIRONMENT VARIABLES), and those
 * that change time formats and shorten lists in the output. Keeps the variables that say where the
 * configuration is.
 */
function cleanEnvironment(): Record<string, string | undefined> {
  const strays = Object.keys(ownEnvironment()).filter(
    (name) =>
      /^(SBATCH_|SLURM_|SQUEUE_|SACCT_|SCANCEL_|SINFO_)/.test(name) &&
      !/^SLURM_(CONF|CLUSTERS|CONF_SERVER)$/.test(name),
  );
  return { ...Object.fromEntries(strays.map((name) => [name, undefined])), SLURM_BITSTR_LEN: '0' };
}

/** Returns a command of Slurm with a clean environment. */
export const slurmCommand = (...argv: [string, ...string[]]): EngineCommand => ({
  argv,
  environment: cleanEnvironment(),
});

/** Returns this user's number, for `-u`. */
export const userNumber = (): string => String(process.getuid?.() ?? '');

/** Returns this user's login name, for `sacctmgr`; '' for a user without one. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // No entry in the password database, as in some containers.
    return '';
  }
}

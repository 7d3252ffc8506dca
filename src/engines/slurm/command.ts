import { ownEnvironment } from '../../core/own-environment.js';
import type { AskedJobs } from '../asked-jobs.js';
import type { ClusterWords, EngineCommand } from '../engine.js';

/**
 * Returns the environment changes for Slurm's commands. Removes variables of a surrounding job or of the
 * user's shell that would silently override directives (sbatch(1), INPUT ENVIRONMENT VARIABLES) or name a
 * cluster, which `-M` does, and those that change time formats and shorten lists in the output. Keeps the
 * variables that say where the configuration is.
 */
function cleanEnvironment(): Record<string, string | undefined> {
  const strays = Object.keys(ownEnvironment()).filter(
    (name) => /^(SBATCH_|SLURM_|SQUEUE_|SACCT_|SCANCEL_|SINFO_)/.test(name) && !/^SLURM_(CONF|CONF_SERVER)$/.test(name),
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

/** The most ids to list one by one. For more it is cheaper to ask for all jobs of their owners. */
const namedIds = 400;

/** Returns the words that ask for these jobs; `more` are needed if they are not named one by one. */
export function whichJobs(jobIds: readonly string[], jobs: AskedJobs | undefined, ...more: string[]): string[] {
  const bases = [...new Set(jobIds.map((jobId) => jobId.replace(/_\d+$/, '')))];
  if (bases.length <= namedIds) return ['-j', bases.join(',')];
  const { owners } = jobs ?? {};
  return [...(owners ? ['-u', owners.join(',')] : []), ...more];
}

/** Returns the token in the command that a job was submitted with; empty if it has none. */
export const tokenIn = (command: string): string => /--submission=(\w+)\s*$/.exec(command)?.[1] ?? '';

/** A cluster in an option: sbatch(1), -M. A value may follow the short option directly. */
const clusterOption = /^(?:-M\s*|--clusters?(?:=|\s+))(.+)$/s;

/** sbatch(1), squeue(1), …: -M names a cluster for a command. The variables are those of sbatch(1). */
export const slurmClusters: ClusterWords = {
  named(options, environment) {
    const federated = options.find((option) => /^--cluster-constraint\b/.test(option));
    if (federated !== undefined) return { names: [], by: federated };
    const by = options.findLast((option) => clusterOption.test(option));
    const text = by === undefined ? undefined : clusterOption.exec(by)?.[1];
    if (by !== undefined && text !== undefined) return { names: namesIn(text), by };
    const variable = ['SLURM_CLUSTERS', 'SBATCH_CLUSTERS'].find((name) => environment[name]);
    if (variable === undefined) return undefined;
    const value = environment[variable] ?? '';
    return { names: namesIn(value), by: `${variable}=${value}` };
  },
  at({ argv: [command, ...words], ...rest }, cluster) {
    return { ...rest, argv: cluster === undefined ? [command, ...words] : [command, '-M', cluster, ...words] };
  },
};

/** The names in a list of clusters; none if it is all of them. */
function namesIn(text: string): string[] {
  const names = text
    .trim()
    .replace(/^(["'])(.*)\1$/s, '$2')
    .split(',');
  return names.includes('all') ? [] : names.map((name) => name.trim());
}

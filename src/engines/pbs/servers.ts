import type { ClusterWords, EngineCommand } from '../engine.js';
import type { Dialect } from './directives.js';

// qsub(1B): `-q queue@server` and `-q @server` submit to another server. qstat(1B): `@server` asks it. A
// job's id has the server in it, so that qdel, qhold and qrls find it. The default server is that of
// pbs.conf, which a variable overrides.

const variables: Readonly<Record<Dialect, string>> = { openpbs: 'PBS_SERVER', torque: 'PBS_DEFAULT' };

const destination = /^-q\s*[^@\s]*@(\S+)$/;

/** Returns whether qstat is asked for jobs by their ids. */
const namesJobs = (words: readonly string[]) => words.some((word) => /^\d+(\[\d*\])?(\.|$)/.test(word));

/** How a PBS server is named. */
export const pbsServers = (dialect: Dialect): ClusterWords => ({
  named(options, environment) {
    const by = options.findLast((option) => destination.test(option));
    const server = by === undefined ? undefined : destination.exec(by)?.[1];
    if (by !== undefined && server !== undefined) return { names: [server], by };
    const variable = variables[dialect];
    const value = environment[variable] ?? '';
    return value === '' ? undefined : { names: [value], by: `${variable}=${value}` };
  },
  at(command, server): EngineCommand {
    const { argv } = command;
    const asks = server !== undefined && argv[0] === 'qstat' && !namesJobs(argv.slice(1));
    return {
      ...command,
      argv: asks ? [...argv, `@${server}`] : argv,
      environment: { ...command.environment, [variables[dialect]]: server },
    };
  },
});

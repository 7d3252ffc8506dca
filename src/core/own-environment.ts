// The variables that mlx sets for a run, and those of the job scripts that it submits.
const ownVariable = /^(MLX_|TASK_INDEX$|TASK_STEPSIZE$)/;

/** Returns the environment of this process. Only `cli` and `client` read `process.env` themselves. */
export const ownEnvironment = (): Readonly<NodeJS.ProcessEnv> => process.env;

/**
 * Returns an environment without the variables that mlx sets for a run. A launch that is itself part of a run
 * inherits them, and must not pass them to its own runs and jobs.
 */
export function withoutRunVariables(environment: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ownVariable.test(name)));
}

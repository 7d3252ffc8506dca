import { ownEnvironment, withoutRunVariables } from '../core/own-environment.js';
import type { CommandResult, EngineCommand } from './engine.js';

/**
 * Seconds after which mlx stops waiting for an answer: longer than clients themselves wait (Slurm 20 s). Some
 * wait for ever.
 */
const questionSeconds = 40;
/** Longer for a submission, which may still succeed after mlx stops waiting. */
const submissionSeconds = 120;

/**
 * Runs an engine's command to its end and returns what it printed. Never throws because of what the command
 * does.
 */
export async function runCommand(
  { argv: [command, ...words], environment, stdin, cwd = '/' }: EngineCommand,
  kind: 'question' | 'submission',
): Promise<CommandResult> {
  // Loaded here, because a launch on this machine needs no engine.
  const { execa } = await import('execa');
  const seconds = kind === 'question' ? questionSeconds : submissionSeconds;
  const result = await execa(command, words, {
    // The default exists on every node, and holds no request file of a project.
    cwd,
    // Some engines pass the submitter's environment to the job, so LC_ALL stays as it is for submissions.
    env: { ...withoutRunVariables(ownEnvironment()), ...(kind === 'question' && { LC_ALL: 'C' }), ...environment },
    extendEnv: false,
    reject: false,
    stdin: stdin === undefined ? 'ignore' : { file: stdin },
    timeout: seconds * 1000,
    forceKillAfterDelay: 2000,
    maxBuffer: 2 ** 30,
    // Ctrl-C at the terminal must reach mlx only: after an interrupted submission it is unknown whether the
    // job exists.
    detached: kind === 'submission',
  });
  return {
    exitCode: result.exitCode,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    timedOut: result.timedOut,
    missing: result.code === 'ENOENT',
  };
}

import { withoutRunVariables } from '../core/own-environment.js';
import type { CommandResult, EngineCommand } from './engine.js';

/** Seconds after which a question is given up: above what clients themselves wait (Slurm 20 s), for some wait for ever. */
const questionSeconds = 40;
/** A submission may still be on its way when it is given up; it is never given up early. */
const submissionSeconds = 120;

/** Runs an engine's command to its end. Never throws for what the command does. */
export async function runCommand(
  { argv: [command, ...words], environment, stdin, cwd = '/' }: EngineCommand,
  kind: 'question' | 'submission',
): Promise<CommandResult> {
  // Loaded when it is needed: a launch on this machine needs none.
  const { execa } = await import('execa');
  const seconds = kind === 'question' ? questionSeconds : submissionSeconds;
  const result = await execa(command, words, {
    // By default a place that is on every node, and where no request file of a project lies.
    cwd,
    // Some engines hand the submitter's environment to the job, in which its own language is to hold.
    env: { ...withoutRunVariables(process.env), ...(kind === 'question' && { LC_ALL: 'C' }), ...environment },
    extendEnv: false,
    reject: false,
    stdin: stdin === undefined ? 'ignore' : { file: stdin },
    timeout: seconds * 1000,
    forceKillAfterDelay: 2000,
    maxBuffer: 2 ** 30,
    // Ctrl-C at the terminal is for mlx, which then ends in order: a submission cut short may have come in or not.
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

import { ownEnvironment, withoutRunVariables } from '../core/own-environment.js';
import type { CommandResult, EngineCommand } from './engine.js';

/**
 * Seconds after which mlx stops waiting for an answer: longer than clients themselves wait (Slurm 20 s). Some
 * wait for ever.
 */
const questionSeconds = 40;
/** Longer for a submission, which may still succeed after mlx stops waiting. */
const submissionSeconds = 120;

/** Milliseconds that a submission under way may still take after mlx was interrupted. */
const lastChance = 2000;

/**
 * Runs an engine's command to its end and returns what it printed. Never throws because of what the command
 * does. `signal` ends it early: a question at once, a submission after two more seconds.
 */
export async function runCommand(
  { argv: [command, ...words], environment, stdin, input, endAt, seconds: most, cwd = '/' }: EngineCommand,
  kind: 'question' | 'submission',
  signal?: AbortSignal,
): Promise<CommandResult> {
  // Loaded here, because a launch on this machine needs no engine.
  const { execa } = await import('execa');
  const seconds = most ?? (kind === 'question' ? questionSeconds : submissionSeconds);
  const running = execa(command, words, {
    // The default exists on every node, and holds no request file of a project.
    cwd,
    // Some engines pass the submitter's environment to the job, so LC_ALL stays as it is for submissions.
    env: { ...withoutRunVariables(ownEnvironment()), ...(kind === 'question' && { LC_ALL: 'C' }), ...environment },
    extendEnv: false,
    reject: false,
    ...(input === undefined ? { stdin: stdin === undefined ? 'ignore' : { file: stdin } } : { input }),
    timeout: seconds * 1000,
    forceKillAfterDelay: 2000,
    maxBuffer: 2 ** 30,
    // Ctrl-C at the terminal must reach mlx only: after an interrupted submission it is unknown whether the
    // job exists.
    detached: kind === 'submission',
  });
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    timer = setTimeout(() => running.kill(), kind === 'question' ? 0 : lastChance);
  };
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end);
  let said = '';
  const watch = (chunk: Buffer | string) => {
    said += chunk;
    if (endAt?.test(said)) running.kill();
  };
  if (endAt) running.stderr?.on('data', watch);
  const result = await running;
  clearTimeout(timer);
  signal?.removeEventListener('abort', end);
  return {
    exitCode: result.exitCode,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    timedOut: result.timedOut,
    missing: result.code === 'ENOENT',
  };
}

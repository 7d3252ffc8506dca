import { probeOutput } from '../core/probe.js';
import { runCommand } from './command.js';
import type { BatchEngine, JobRequest } from './engine.js';

/**
 * Asks an engine whether it could ever run a job, without submitting it. Returns the engine's words if it
 * could not; undefined if it could, or if it can't be asked or does not answer.
 */
export async function verifyJob({ verify }: BatchEngine, job: JobRequest): Promise<string | undefined> {
  // A user's own submission command may mean anything.
  if (!verify || job.submit) return undefined;
  const commands = verify.commands(job);
  if (commands.length === 0) return undefined;
  const { only } = verify;
  if (only && !only.says.test((await probeOutput(only.argv, { cwd: '/' })) ?? '')) return undefined;
  const answers = await Promise.all(commands.map((command) => runCommand(command, 'question')));
  return verify.read(answers, job);
}

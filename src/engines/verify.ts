import { runCommand } from './command.js';
import type { BatchEngine, JobRequest } from './engine.js';
import { namesItself } from './registry.js';

/** Seconds that a launch waits for each answer: one that is late is not worth the wait. */
const answerSeconds = 10;

/**
 * Asks an engine whether it could ever run a job, without submitting it. Returns the engine's words if it
 * could not; undefined if it could, or if it can't be asked or does not answer.
 */
export async function verifyJob(engine: BatchEngine, job: JobRequest): Promise<string | undefined> {
  const { verify } = engine;
  // A user's own submission command may mean anything.
  if (!verify || job.submit) return undefined;
  const commands = verify.commands(job);
  if (commands.length === 0) return undefined;
  if (!(await namesItself(engine))) return undefined;
  const answers = await Promise.all(
    commands.map((command) => runCommand({ ...command, seconds: answerSeconds }, 'question')),
  );
  return verify.read(answers, job);
}

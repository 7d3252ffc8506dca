import { type BatchEngine, type JobRequest, type Submission, submitJob, type WaitPolicy } from '../../engines/index.js';
import type { LaunchEvent } from '../events.js';

interface SubmissionOptions extends Pick<WaitPolicy, 'signal' | 'atLimit'> {
  /** How many of the launch's runs are submitted, for what is told while it waits at a limit. */
  readonly progress: { readonly submitted: number; readonly total: number };
}

/**
 * Submits one job, retrying as `submitJob` does. Reports each wait while it lasts, and returns what came of
 * it, and whether it had to wait.
 */
export async function* submission(
  engine: BatchEngine,
  request: JobRequest,
  { signal, atLimit, progress }: SubmissionOptions,
): AsyncGenerator<LaunchEvent, { readonly result: Submission; readonly waited: boolean }> {
  const waits: LaunchEvent[] = [];
  let waited = false;
  let wake = () => {};
  let result: Submission | undefined;
  const onWait = (words: string, seconds: number, limit: boolean) => {
    waited = true;
    waits.push({ type: 'waiting', engine: engine.title, words, seconds, ...(limit && atLimit === 'wait' && progress) });
    wake();
  };
  const working = submitJob(engine, request, { onWait, signal, atLimit }).then((outcome) => {
    result = outcome;
    wake();
  });
  while (!result) {
    if (waits.length === 0) await Promise.race([working, new Promise<void>((resolve) => (wake = resolve))]);
    yield* waits.splice(0);
  }
  await working;
  return { result, waited };
}

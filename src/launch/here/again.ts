import isEmpty from 'lodash/isEmpty.js';
import { thisProcess } from '../../core/process.js';
import { fail } from '../../failures/index.js';
import type { Resources } from '../../resources/index.js';
import { type CompleteRun, isOver, newId, writeJob } from '../../store/index.js';
import type { Launch } from '../events.js';
import { installedRuntime, supervisorIn } from '../make/runtime.js';
import { type HereTarget, retryPolicyIn } from '../target.js';
import { carryOut } from '../worker.js';
import { changedHere } from './options.js';
import { type HereTask, LaunchTasks } from './work.js';

/**
 * Starts runs again on this machine, in their own directories, each as its next attempt, by its own script;
 * within the limits of their launch except for what is `changed`. Throws `run-alive`, or `foreign-run` for a
 * run without a script.
 */
export function againHere(
  store: string,
  runs: readonly CompleteRun[],
  target: HereTarget,
  changed: Partial<Resources>,
): Launch {
  for (const { id, job, status } of runs) {
    if (!job) fail({ reason: 'foreign-run', id });
    if (!isOver(status.status)) fail({ reason: 'run-alive', id });
  }
  const now = changedHere(target, changed);
  return carryOut(() => {
    const { grace, walltime } = now;
    // All at once, so that `mlx resume` knows of those whose turn does not come.
    const source = new LaunchTasks([...againTasks(runs, changed)].values(), now, () => {});
    const supervisor = supervisorIn(installedRuntime(store));
    return { launch: runs[0]?.job?.launch ?? '', store, supervisor, grace, walltime, source };
  });
}

function* againTasks(runs: readonly CompleteRun[], changes: Partial<Resources>): Generator<HereTask> {
  const changed = isEmpty(changes) ? undefined : JSON.stringify(changes);
  const forgotten = { verdict: undefined, continued: undefined, retried: undefined, requeued: undefined };
  for (const { id, directory, job, overrides, attempt: last } of runs) {
    if (!job) continue;
    // The attempt after the one that was found to have ended. If another process has started it meanwhile,
    // the worker follows it.
    const attempt = (last?.number ?? 0) + 1;
    const token = newId();
    const launcher = thisProcess();
    writeJob(directory, {
      ...job,
      ...onThisMachine,
      token,
      firstAttempt: attempt,
      ...forgotten,
      ...retryPolicyIn(changes, job),
      launcher,
      changed,
      despiteFailures: true,
    });
    const run = { id, directory, token, point: job.point, overrides, label: overrides.join(' ') };
    yield { kind: 'start', run, attempt };
  }
}

/** Replaces what an earlier submission to an engine recorded, for a process of this machine. */
const onThisMachine = {
  engine: 'here',
  jobId: undefined,
  idVariable: undefined,
  task: undefined,
  restartsGetNewIds: false,
  after: undefined,
  queued: undefined,
};

import { printableLine } from '../../../core/text.js';
import type { Launch, LaunchEvent } from '../../../launch/index.js';
import { stopRuns } from '../../../runs/index.js';
import type { Io } from '../../grammar/command.js';
import { type FollowStyle, followLaunch, type LaunchView } from '../../launching/follow-launch.js';

/**
 * Follows runs to their ends, and prints which elements of an array failed. Resolves to the exit code: that
 * of the job itself if it is one run.
 */
export async function followToEnd(launch: Launch, view: LaunchView, io: Io, style: FollowStyle): Promise<number> {
  const ended: Extract<LaunchEvent, { type: 'ended' }>[] = [];
  const watched: Launch = {
    ...launch,
    events: (async function* () {
      for await (const event of launch.events) {
        if (event.type === 'ended') ended.push(event);
        yield event;
      }
    })(),
  };
  const code = await followLaunch(watched, view, io, style);
  const bad = ended.filter(({ status }) => status.status !== 'COMPLETE');
  if (view.total > 1 && bad.length > 0 && style.output === 'text') {
    const which = bad.map(
      ({ run, status }) => `${run.label.replace('array=', '')} (run ${run.id}, ${status.reason ?? status.status})`,
    );
    io.stderr.write(
      `${bad.length} of ${view.total} elements of the array not complete: ${printableLine(which.join(', '))}\n`,
    );
  }
  const [only] = bad;
  return code === 1 && view.total === 1 && only?.exitCode ? only.exitCode : code;
}

/**
 * Returns a launch that cancels its jobs at Ctrl-C, and waits for their ends; a second Ctrl-C does not wait.
 * If the terminal is closed, the jobs stay in the engine.
 */
export function cancelling(watching: Launch, store: string, ids: readonly number[], io: Io): Launch {
  let isCancelled = false;
  return {
    ...watching,
    stop: (reason, signal) => {
      if (signal === 'SIGHUP') return watching.stop(reason);
      if (isCancelled) watching.stop(reason);
      isCancelled = true;
      void cancel(store, ids, io);
    },
  };
}

/** Stops runs, and prints which could not be stopped. */
export async function cancel(store: string, ids: readonly number[], io: Io): Promise<void> {
  const { failed } = await stopRuns(store, ids, 'stopped by Ctrl-C');
  for (const { ids: left, why } of failed)
    io.stderr.write(`mlx: can't stop ${left.join(' ')}: ${printableLine(why)}\n`);
}

import type { LaunchedRun } from '../../launch/index.js';
import { LogFollower } from '../../results/index.js';
import type { RunReporter } from './run-reporter.js';

const pollMilliseconds = 100;

/** The streams that the lines of a run go to. */
interface StreamTargets {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Returns a reporter that also shows the output of runs as it comes, each line after its run's id unless
 * `isPlain`.
 */
export function streamReporter(
  inner: RunReporter,
  targets: StreamTargets,
  isShown: (run: LaunchedRun) => boolean = () => true,
  isPlain = false,
): RunReporter {
  const followers = new Map<number, LogFollower>();
  const show = (id: number, follower: LogFollower, last: boolean) => {
    const { stdout, stderr } = follower.read(last);
    const mark = isPlain ? '' : `[${id}] `;
    for (const line of stdout) targets.out(`${mark}${line}\n`);
    for (const line of stderr) targets.err(`${mark}${line}\n`);
  };
  const timer = setInterval(() => {
    for (const [id, follower] of followers) show(id, follower, false);
  }, pollMilliseconds);
  return {
    event(event) {
      if (event.type === 'starting' && isShown(event.run))
        followers.set(event.run.id, new LogFollower(event.run.directory, 0));
      if (event.type === 'passed') followers.delete(event.run.id);
      if (event.type === 'ended' || event.type === 'again') {
        const follower = followers.get(event.run.id);
        if (follower) show(event.run.id, follower, true);
        followers.delete(event.run.id);
      }
      inner.event(event);
    },
    close() {
      clearInterval(timer);
      inner.close();
    },
  };
}

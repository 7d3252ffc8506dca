import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { printable } from '../../core/text.js';
import { sizeText } from '../../core/words.js';
import type { LaunchEvent, LaunchedRun } from '../../launch/index.js';
import { LogFollower, type LogLine } from '../../results/index.js';
import type { RunReporter } from './run-reporter.js';
import { cutTo } from './table.js';

const pollMilliseconds = 100;

/** The streams that the lines of a run go to. */
interface StreamTargets {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  /** A terminal that shows lines which have not ended, such as progress bars, below all others. */
  readonly terminal: NodeJS.WriteStream | undefined;
}

/** A run whose output is shown. */
interface Shown {
  readonly id: number;
  readonly follower: LogFollower;
}

/**
 * Returns a reporter that also shows the output of runs as it comes, each line after its run's id unless
 * `isPlain`. It shows a bounded piece at a time, and waits for slow readers: what is not shown yet is in the
 * logs, not in memory. The event of a run's end is reported after all its output. Once the launch is being
 * stopped, only the end of the output that is not shown yet is shown.
 */
export function streamReporter(
  inner: RunReporter,
  { out, err, terminal }: StreamTargets,
  isShown: (run: LaunchedRun) => boolean = () => true,
  isPlain = false,
): RunReporter {
  const running = new Map<number, Shown>();
  const queue: { readonly event: LaunchEvent; readonly shown: Shown | undefined }[] = [];
  const stop = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  let looking: Promise<void> | undefined;
  let reporting: Promise<void> | undefined;
  const bars = terminal && barsOn(terminal);

  const report = (event: LaunchEvent) => {
    bars?.hide();
    inner.event(event);
  };
  const mark = ({ id }: Shown) => (isPlain ? '' : `[${id}] `);
  /** Shows a piece of a run's output. Returns whether there is more. */
  const show = (shown: Shown, last: boolean): boolean => {
    const skipped = stop.signal.aborted ? shown.follower.skip() : 0;
    const { stdout, stderr, more } = shown.follower.read(last);
    if (skipped + stdout.length + stderr.length > 0) bars?.hide();
    if (skipped > 0) err.write(`${mark(shown)}… ${sizeText(skipped)} not shown: mlx logs ${shown.id} prints all\n`);
    writeLines(out, stdout, mark(shown), isPlain);
    writeLines(err, stderr, mark(shown), isPlain);
    return more;
  };
  const rest = () => Promise.all([hasRoom(out, stop.signal), hasRoom(err, stop.signal), turn()]);
  const look = async () => {
    for (let more = true; more; ) {
      more = false;
      for (const shown of [...running.values()]) {
        if (running.get(shown.id) === shown && show(shown, false)) more = true;
        if (more) await rest();
      }
    }
    bars?.show([...running.values()].flatMap((one) => one.follower.unfinished.map((text) => `${mark(one)}${text}`)));
  };
  const reportAll = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { event, shown } = next;
      while (shown && show(shown, true)) await rest();
      report(event);
    }
  };
  const fails = (error: unknown) => {
    failure ??= { error };
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch(fails)
      .finally(() => {
        looking = undefined;
      });
  }, pollMilliseconds);
  return {
    event(event) {
      if (event.type === 'stopping') {
        stop.abort();
        return report(event);
      }
      if (event.type === 'starting' && isShown(event.run)) {
        const { id, directory } = event.run;
        running.set(id, { id, follower: new LogFollower(directory, 0) });
      }
      const ends = event.type === 'ended' || event.type === 'again';
      const shown = ends ? running.get(event.run.id) : undefined;
      shown?.follower.close();
      if (ends || event.type === 'passed') running.delete(event.run.id);
      queue.push({ event, shown });
      reporting ??= reportAll()
        .catch(fails)
        .finally(() => {
          reporting = undefined;
        });
    },
    async close() {
      clearInterval(timer);
      await looking;
      await reporting;
      bars?.hide();
      await inner.close();
      if (failure) throw failure.error;
    },
  };
}

/**
 * Writes lines at once, each after a mark. A piece of a long line ends in a newline, so that the next mark
 * begins a line; without marks it does not.
 */
function writeLines(to: NodeJS.WriteStream, lines: readonly LogLine[], mark: string, isPlain: boolean): void {
  if (lines.length === 0) return;
  to.write(lines.map(({ text, whole }) => `${mark}${text}${whole || !isPlain ? '\n' : ''}`).join(''));
}

/** Resolves once a stream takes more: its reader has read, or is gone. Does not wait after `signal`. */
async function hasRoom(stream: NodeJS.WriteStream, signal: AbortSignal): Promise<void> {
  if (!stream.writableNeedDrain || signal.aborted) return;
  const settled = new AbortController();
  const either = { signal: AbortSignal.any([signal, settled.signal]) };
  await Promise.race([once(stream, 'drain', either), once(stream, 'close', either)]).catch(() => undefined);
  settled.abort();
}

/** Shows unfinished lines at the bottom of a terminal, until other lines are written. */
function barsOn(terminal: NodeJS.WriteStream): { readonly show: (lines: readonly string[]) => void; hide(): void } {
  const update = createLogUpdate(terminal, { showCursor: true });
  let isShowing = false;
  return {
    show(lines) {
      if (lines.length === 0 && !isShowing) return;
      const width = Math.max(40, terminal.columns ?? 80) - 1;
      update(lines.map((line) => cutTo(printable(line), width)).join('\n'));
      isShowing = true;
    },
    hide() {
      if (isShowing) update.clear();
      isShowing = false;
    },
  };
}

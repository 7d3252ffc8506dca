import { createLogUpdate } from 'log-update';
import { humanDuration } from '../../core/clock.js';
import type { LaunchedRun } from '../../launch/index.js';
import { lastMetricsOf } from '../../results/index.js';
import { type Progress, readProgress } from '../../store/index.js';
import { metricsText } from './metrics-text.js';
import {
  againLine,
  endedLines,
  type LaunchTally,
  pointText,
  type RunReporter,
  silenceText,
  stoppingLine,
} from './run-reporter.js';
import type { Paint } from './style.js';
import { cutTo } from './table.js';

const redrawMilliseconds = 250;
const barWidth = 24;
const shortestBar = 4;

interface Shown {
  readonly run: LaunchedRun;
  readonly since: number;
  /** Returns its last metrics, read at most once a second: with several attempts, all lines are read. */
  readonly metrics: () => string;
}

const readEvery = 1000;

function readNowAndThen(directory: string): () => string {
  let text = '';
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (Date.now() - readAt >= readEvery) {
      text = metricsText(lastMetricsOf(directory));
      readAt = Date.now();
    }
    return text;
  };
}

/**
 * Returns the live view on a terminal: a bar with counts and times, and a line with metrics per running run.
 */
export function liveReporter(
  stream: NodeJS.WriteStream,
  paint: Paint,
  tally: LaunchTally,
  parallel: number,
): RunReporter {
  const update = createLogUpdate(stream, { showCursor: true });
  const running = new Map<number, Shown>();
  const begin = Date.now();
  let stopping: string | undefined;
  let silence: string | undefined;

  const draw = () => {
    const width = Math.max(40, stream.columns ?? 80) - 1;
    const rows = Math.max(1, (stream.rows ?? 24) - 4);
    const shown = [...running.values()].slice(0, rows);
    const lines = [
      headLine(tally, { running: running.size, parallel, elapsed: (Date.now() - begin) / 1000 }, width, paint),
      ...(stopping === undefined ? [] : [paint('yellow', cutTo(stoppingLine(stopping), width))]),
      ...(silence === undefined ? [] : [paint('yellow', cutTo(silence, width))]),
      ...shown.map((one) => runLine(one, width, paint)),
      ...(running.size > shown.length ? [paint('dim', `  … and ${running.size - shown.length} more`)] : []),
    ];
    update(lines.join('\n'));
  };
  const timer = setInterval(draw, redrawMilliseconds);

  return {
    event(event) {
      if (event.type === 'starting') {
        const { id, directory } = event.run;
        running.set(id, { run: event.run, since: Date.now(), metrics: readNowAndThen(directory) });
      }
      if (event.type === 'stopping') stopping = event.reason;
      if (event.type === 'waiting' && event.since !== undefined) {
        silence = silenceText({ ...event, since: event.since });
      }
      if (event.type === 'answering') silence = undefined;
      if (event.type === 'passed' || event.type === 'again') running.delete(event.run.id);
      if (event.type === 'again') {
        update.clear();
        stream.write(`${againLine(event)}\n`);
        draw();
      }
      if (event.type !== 'ended') return;
      running.delete(event.run.id);
      if (event.status.status === 'COMPLETE') return;
      update.clear();
      stream.write(`${endedLines(event, paint, tally.failures).join('\n')}\n`);
      draw();
    },
    close() {
      clearInterval(timer);
      update.clear();
      update.done();
    },
  };
}

/** Returns a bar, as long as there is room for, then counts and times. */
function headLine(
  tally: LaunchTally,
  { running, parallel, elapsed }: { readonly running: number; readonly parallel: number; readonly elapsed: number },
  width: number,
  paint: Paint,
): string {
  const left = tally.secondsLeft(parallel, elapsed);
  const parts = [
    { text: `${tally.ended}/${tally.total} done` },
    { text: `${running} running` },
    { text: tally.bad > 0 ? tally.words('bad') : '', style: 'red' as const },
    { text: humanDuration(elapsed) },
    { text: left === undefined || left < 1 ? '' : `about ${humanDuration(left)} left` },
  ].filter(({ text }) => text !== '');
  const room = width - parts.map(({ text }) => text).join(' · ').length - 2;
  if (room < shortestBar) return cutTo(parts.map(({ text }) => text).join(' · '), width);
  const bar = Math.min(barWidth, room);
  const filled = Math.round((bar * tally.ended) / tally.total);
  const drawn = paint('green', '━'.repeat(filled)) + paint('dim', '─'.repeat(bar - filled));
  return `${drawn}  ${parts.map(({ text, style }) => (style ? paint(style, text) : text)).join(paint('dim', ' · '))}`;
}

/** Returns `12/100 12%`. */
function progressText({ done, total }: Progress): string {
  return `${done}/${total}${total > 0 ? ` ${Math.floor((100 * done) / total)}%` : ''}`;
}

function runLine({ run, since, metrics }: Shown, width: number, paint: Paint): string {
  const time = humanDuration((Date.now() - since) / 1000);
  const progress = readProgress(run.directory);
  const head = `  ${run.id}  ${pointText(run)}  ${time}  ${progress ? `${progressText(progress)}  ` : ''}`;
  const cut = cutTo(head + metrics(), width);
  return cut.slice(0, head.length) + paint('dim', cut.slice(head.length));
}

import countBy from 'lodash/countBy.js';
import sortBy from 'lodash/sortBy.js';
import { humanDuration } from '../../core/clock.js';
import type { LaunchEvent } from '../../launcher/index.js';
import { type MetricValue, type RunStatus, readLastMetrics } from '../../logger/index.js';
import type { LaunchFailures } from '../output/failures.js';
import { metricText } from '../output/metrics-text.js';
import { type Paint, statusStyle } from '../output/style.js';
import { type Cell, cutTo, renderTable, widthOf } from '../output/table.js';

/** As many runs as this are shown one by one; of more, only what went wrong. */
const shownOneByOne = 40;
const reasonsShown = 10;
/** Columns of a reason in the table. */
const reasonWidth = 60;
const idStatusTimeWidth = 24;
const exitCodeWidth = 11;

interface Row {
  readonly id: number;
  readonly point: number;
  readonly directory: string;
  readonly label: string;
  readonly status: RunStatus;
  readonly seconds: number | undefined;
  readonly exitCode: number | undefined;
  readonly reason: string | undefined;
}

/** The end of a launch for people: a table of its runs, or for many runs the distinct errors with a few runs each. */
export class LaunchSummary {
  readonly #rows: Row[] = [];
  #ended = 0;

  constructor(
    readonly failures: LaunchFailures,
    public store = '',
  ) {}

  add(event: LaunchEvent): void {
    if (event.type === 'launched') this.store = event.store;
    if (event.type !== 'ended') return;
    const { run, status, seconds, exitCode } = event;
    this.#ended++;
    if (this.#rows.length <= shownOneByOne) {
      const { id, point, directory, label } = run;
      const reason = this.failures.of(event)?.text;
      this.#rows.push({ id, point, directory, label, status, seconds, exitCode, reason });
    }
  }

  render(paint: Paint, stream: NodeJS.WriteStream): string {
    if (this.#ended > shownOneByOne) return this.#reasonLines();
    return this.#table(paint, stream.columns ?? 200) + (this.#ended > 1 ? this.#reasonLines() : '');
  }

  #table(paint: Paint, width: number): string {
    const rows = sortBy(this.#rows, 'point');
    const metrics = rows.map(({ directory }) => readLastMetrics(directory));
    const bad = rows.some(({ reason }) => reason);
    const hasError = rows.some(({ status, reason }) => reason !== status.reason);
    const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => widthOf(text)), 0) + 2;
    const reasons = bad
      ? widest(rows.map(({ reason = '' }) => cutTo(reason, reasonWidth))) + (hasError ? exitCodeWidth : 0)
      : 0;
    const names = metricColumns(metrics, width - widest(rows.map(({ label }) => label)) - reasons - idStatusTimeWidth);
    const heading = ['run', 'point', 'status', 'time', ...names];
    const cells = rows.map((row, i): Cell[] => [
      { text: String(row.id), align: 'right' },
      { text: row.label },
      { text: row.status.status.toLowerCase(), style: statusStyle(row.status.status) },
      { text: row.seconds === undefined ? '' : humanDuration(row.seconds), align: 'right' },
      ...names.map((name): Cell => {
        const value = metrics[i]?.get(name);
        return { text: value === undefined ? '' : metricText(value), align: 'right' };
      }),
      ...(hasError ? [{ text: row.exitCode ? String(row.exitCode) : '', align: 'right' as const }] : []),
      ...(bad ? [{ text: cutTo(row.reason ?? '', reasonWidth) }] : []),
    ]);
    return rows.length === 0
      ? ''
      : renderTable([...heading, ...(hasError ? ['exit_code'] : []), ...(bad ? ['reason'] : [])], cells, paint);
  }

  #reasonLines(): string {
    const { groups } = this.failures;
    const lines = groups.slice(0, reasonsShown).map(({ line, count, ids }) => {
      const more = count > ids.length ? ', …' : '';
      return `${count} ${line}  (${count === 1 ? 'run' : 'runs'} ${ids.join(', ')}${more})\n`;
    });
    return (
      lines.join('') + (groups.length > reasonsShown ? `… and ${groups.length - reasonsShown} other reasons\n` : '')
    );
  }
}

/** The metrics that get a column: those that most runs have, as many as fit beside the rest. */
function metricColumns(metrics: readonly ReadonlyMap<string, MetricValue>[], width: number): string[] {
  const counts = countBy(metrics.flatMap((one) => [...one.keys()]));
  const names = sortBy(Object.keys(counts), (name) => -(counts[name] ?? 0));
  let left = width;
  return names.filter((name) => {
    left -= Math.max(name.length, 8) + 2;
    return left >= 0;
  });
}

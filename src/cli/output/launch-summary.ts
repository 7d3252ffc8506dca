import sortBy from 'lodash/sortBy.js';
import { humanDuration } from '../../core/clock.js';
import { printableLine } from '../../core/text.js';
import { widthOf } from '../../core/width.js';
import type { LaunchEvent } from '../../launch/index.js';
import { shortNames } from '../../plots/index.js';
import { lastMetricsOf } from '../../results/index.js';
import type { RunStatus } from '../../store/index.js';
import type { LaunchFailures } from './failures.js';
import { leftOutText, metricColumns, namesThatFit } from './metric-columns.js';
import { markedText, metricText } from './metrics-text.js';
import { type Paint, statusStyle } from './style.js';
import { type Cell, cutTo, renderTable } from './table.js';

/** Up to this many runs are shown one by one; of more, only the errors. */
const shownOneByOne = 40;
const reasonsShown = 10;
/** The width of a reason in the table, in columns of the terminal. */
const reasonWidth = 60;
const idStatusTimeWidth = 24;
const exitCodeWidth = 11;
/** Points are never cut to less than this width. */
const shortestLabel = 12;

interface Row {
  readonly id: number;
  readonly point: number;
  readonly directory: string;
  readonly label: string;
  readonly overrides: readonly string[];
  readonly status: RunStatus;
  readonly seconds: number | undefined;
  readonly exitCode: number | undefined;
  readonly reason: string | undefined;
}

/**
 * Prints the end of a launch: a table of its runs, or for many runs the distinct errors with a few runs each.
 */
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
      const { id, point, directory, label, overrides } = run;
      const reason = this.failures.of(event)?.text;
      this.#rows.push({ id, point, directory, label, overrides, status, seconds, exitCode, reason });
    }
  }

  /** Returns the table or the errors; `note` says which columns did not fit. */
  render(paint: Paint, stream: NodeJS.WriteStream): { readonly text: string; readonly note: string } {
    if (this.#ended > shownOneByOne) return { text: this.#reasonLines(), note: '' };
    const { text, note } = this.#table(paint, stream.columns ?? 200);
    return { text: text + (this.#ended > 1 ? this.#reasonLines() : ''), note };
  }

  #table(paint: Paint, width: number): { readonly text: string; readonly note: string } {
    const rows = sortBy(this.#rows, 'point');
    const last = rows.map(({ directory }) => lastMetricsOf(directory));
    const metrics = last.map(({ values }) => values);
    const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => widthOf(text)), 0) + 2;
    const columns = metricColumns(metrics);
    const first = columns[0]?.width ?? 0;
    const reasons = widest(rows.map(({ reason = '' }) => cutTo(reason, reasonWidth))) + exitCodeWidth;
    // If reasons leave no room for a metric, they are shown only below the table, each kind with its runs.
    const isTight = idStatusTimeWidth + widest(rows.map(({ label }) => label)) + first + reasons > width;
    const bad = rows.some(({ reason }) => reason) && !(isTight && first > 0 && rows.length > 1);
    const hasError = bad && rows.some(({ status, reason }) => reason !== status.reason);
    const besides = idStatusTimeWidth + (bad ? reasons - (hasError ? 0 : exitCodeWidth) : 0);
    const labels = fittingLabels(rows, width - besides - first - 2);
    const names = namesThatFit(columns, width - widest(labels) - besides);
    const leftOut = columns.slice(names.length).map(({ name }) => name);
    const heading = ['run', 'point', 'status', 'time', ...names];
    const cells = rows.map((row, i): Cell[] => [
      { text: String(row.id), align: 'right' },
      { text: labels[i] ?? '' },
      { text: row.status.status.toLowerCase(), style: statusStyle(row.status.status) },
      { text: row.seconds === undefined ? '' : humanDuration(row.seconds), align: 'right' },
      ...names.map((name): Cell => {
        const value = metrics[i]?.get(name);
        const text = value === undefined ? '' : markedText(metricText(value), last[i]?.earlier.get(name));
        return { text, align: 'right' };
      }),
      ...(hasError ? [{ text: row.exitCode ? String(row.exitCode) : '', align: 'right' as const }] : []),
      ...(bad ? [{ text: cutTo(row.reason ?? '', reasonWidth) }] : []),
    ]);
    if (rows.length === 0) return { text: '', note: '' };
    const titles = [...heading, ...(hasError ? ['exit_code'] : []), ...(bad ? ['reason'] : [])];
    const table = renderTable(titles, cells, paint);
    const isMarked = last.some(({ earlier }) => names.some((name) => earlier.has(name)));
    return {
      text: isMarked ? `${table}* is of an earlier attempt: the last one has not logged it\n` : table,
      note:
        leftOut.length === 0
          ? ''
          : leftOutText(
              leftOut,
              rows.map(({ id }) => id),
            ),
    };
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

/** Returns the points of runs, shortened in the middle if otherwise not even one metric fits. */
function fittingLabels(rows: readonly Row[], room: number): string[] {
  const labels = rows.map(({ label }) => label);
  if (room < shortestLabel) return labels;
  const names = rows.map(({ label, overrides }) => {
    const swept = overrides.filter((one) => label.includes(one)).map(printableLine);
    return { head: '', pairs: swept.join(' ') === printableLine(label) ? swept : [printableLine(label)], tail: '' };
  });
  return shortNames(names, { width: room, between: ' ', widthOf });
}

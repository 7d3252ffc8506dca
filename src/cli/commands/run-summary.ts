import countBy from 'lodash/countBy.js';
import sortBy from 'lodash/sortBy.js';
import { humanDuration } from '../../core/clock.js';
import { printableLine } from '../../core/text.js';
import type { LaunchEvent } from '../../launcher/index.js';
import type { MetricValue, RunStatus } from '../../logger/index.js';
import { lastMetricsOf } from '../../reader/index.js';
import { markedText, metricText } from '../output/metrics-text.js';
import { type Paint, statusStyle } from '../output/style.js';
import { type Cell, renderTable, widthOf } from '../output/table.js';

/** As many runs as this are shown one by one; of more, only what went wrong. */
const shownOneByOne = 40;
const reasonsShown = 10;
const idsPerReason = 5;
const idStatusTimeWidth = 24;

interface Row {
  readonly id: number;
  readonly point: number;
  readonly directory: string;
  readonly label: string;
  readonly status: RunStatus;
  readonly seconds: number | undefined;
}

/** The end of a launch for people: a table of its runs, or for many runs the distinct errors with a few runs each. */
export class LaunchSummary {
  readonly #rows: Row[] = [];
  readonly #reasons = new Map<string, { count: number; ids: number[] }>();
  #ended = 0;

  constructor(public store = '') {}

  add(event: LaunchEvent): void {
    if (event.type === 'launched') this.store = event.store;
    if (event.type !== 'ended') return;
    const { run, status, seconds } = event;
    this.#ended++;
    if (this.#rows.length <= shownOneByOne) {
      const { id, point, directory, label } = run;
      this.#rows.push({ id, point, directory, label, status, seconds });
    }
    if (status.status === 'COMPLETE') return;
    const reason = `${status.status.toLowerCase()}${status.reason ? `: ${status.reason}` : ''}`;
    const group = this.#reasons.get(reason) ?? { count: 0, ids: [] };
    group.count++;
    if (group.ids.length < idsPerReason) group.ids.push(run.id);
    // Each reason is one of few; a program that invents them without end is not allowed to fill the memory.
    if (this.#reasons.has(reason) || this.#reasons.size < 1000) this.#reasons.set(reason, group);
  }

  render(paint: Paint, stream: NodeJS.WriteStream): string {
    return this.#ended <= shownOneByOne ? this.#table(paint, stream.columns ?? 200) : this.#reasonLines();
  }

  #table(paint: Paint, width: number): string {
    const rows = sortBy(this.#rows, 'point');
    const last = rows.map(({ directory }) => lastMetricsOf(directory));
    const metrics = last.map(({ values }) => values);
    const bad = rows.some(({ status }) => status.reason);
    const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => widthOf(text)), 0) + 2;
    const reasons = bad ? widest(rows.map(({ status }) => status.reason ?? '')) : 0;
    const names = metricColumns(metrics, width - widest(rows.map(({ label }) => label)) - reasons - idStatusTimeWidth);
    const heading = ['run', 'point', 'status', 'time', ...names];
    const cells = rows.map((row, i): Cell[] => [
      { text: String(row.id), align: 'right' },
      { text: row.label },
      { text: row.status.status.toLowerCase(), style: statusStyle(row.status.status) },
      { text: row.seconds === undefined ? '' : humanDuration(row.seconds), align: 'right' },
      ...names.map((name): Cell => {
        const value = metrics[i]?.get(name);
        const text = value === undefined ? '' : markedText(metricText(value), last[i]?.earlier.get(name));
        return { text, align: 'right' };
      }),
      ...(bad ? [{ text: row.status.reason ?? '' }] : []),
    ]);
    if (rows.length === 0) return '';
    const table = renderTable(bad ? [...heading, 'reason'] : heading, cells, paint);
    const isMarked = last.some(({ earlier }) => names.some((name) => earlier.has(name)));
    return isMarked ? `${table}* is of an earlier attempt: the last one has not logged it\n` : table;
  }

  #reasonLines(): string {
    const groups = [...this.#reasons].sort(([, a], [, b]) => b.count - a.count);
    const lines = groups.slice(0, reasonsShown).map(([reason, { count, ids }]) => {
      const more = count > ids.length ? ', …' : '';
      return `${count} ${printableLine(reason)} (run ${ids.join(', ')}${more})\n`;
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

import { humanDuration } from '../../../core/clock.js';
import { type ListColumn, type ListedRun, type ListFact, type ListValue, shownReason } from '../../../results/index.js';
import type { MetricValue } from '../../../store/index.js';
import { markedText, metricText } from '../../output/metrics-text.js';
import { statusStyle } from '../../output/style.js';
import { shownCommand } from '../../output/submitted-text.js';
import { type Cell, cutTo } from '../../output/table.js';

/** The width of a reason in a listing, in columns of the terminal. */
const reasonWidth = 100;

/** Returns the cell of a run under a column. */
export function cellOf(column: ListColumn, one: ListedRun): Cell {
  const value = column.get(one);
  const text = textOf(column, value, one);
  if (column.name === 'status') return { text, style: one.whole ? statusStyle(one.whole.status.status) : 'red' };
  const isNumber = typeof value === 'number' || (text !== '' && Number.isFinite(Number(text)));
  return isNumber ? { text, align: 'right' } : { text };
}

function textOf({ kind, earlier }: ListColumn, value: ListValue, one: ListedRun): string {
  if (value === undefined) return '';
  if (kind.type === 'metric') return markedText(metricText(value as MetricValue), earlier?.(one));
  const known = kind.type === 'fact' ? factText(kind.fact, value, one) : undefined;
  return known ?? (Array.isArray(value) ? JSON.stringify(value) : String(value));
}

/** Returns how people read a fact; undefined for the value as it is. */
function factText(fact: ListFact, value: ListValue, one: ListedRun): string | undefined {
  switch (fact) {
    case 'status':
      return String(value).toLowerCase();
    case 'started':
    case 'starts':
      return typeof value === 'string' ? value.slice(0, 19).replace('T', ' ') : '';
    case 'time':
    case 'age':
      return typeof value === 'number' ? humanDuration(value) : '';
    case 'command':
      return typeof value === 'string' ? shownCommand(value) : '';
    case 'reason':
      return cutTo(shownReason(String(value), one.error()?.text) ?? '', reasonWidth);
    default:
      return undefined;
  }
}

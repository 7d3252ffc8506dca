import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { humanDuration } from '../../core/clock.js';
import type { RunLine } from '../wire.js';
import { cellText, isOpen, oneLine, timeText } from './format.js';
import type { PageState } from './page-state.js';
import { fixedColumns } from './sort-runs.js';

const rowHeight = 28;
/** Rows that are drawn above and below the visible ones. */
const beyond = 10;
/** The width of a column is measured on this many rows. */
const measured = 200;

interface Props {
  runs: readonly RunLine[];
  columns: readonly string[];
  state: PageState;
  selected: ReadonlySet<number>;
  onSelect: (selected: ReadonlySet<number>) => void;
  onSort: (column: string) => void;
  onOpen: (run: number) => void;
}

/** All runs as a table. Only the visible rows are in the page. */
export function RunsTable({ runs, columns, state, selected, onSelect, onSort, onOpen }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ top: 0, height: 1000 });
  const anchor = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return;
    const look = () => setSight({ top: current.scrollTop, height: current.clientHeight });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(current);
    current.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      current.removeEventListener('scroll', look);
    };
  }, []);
  const texts = (run: RunLine) => [
    String(run.id),
    statusText(run),
    run.start === null ? '' : timeText(run.start),
    timeOf(run),
    ...run.cells.map((cell, i) => `${cellText(cell)}${earlierOf(run, i) === undefined ? '' : '*'}`),
  ];
  const names = [...fixedColumns, ...columns];
  const widths = useMemo(() => {
    const some = runs.slice(0, measured).map(texts);
    return names.map((name, i) => {
      const longest = Math.max(name.length + 2, ...some.map((row) => row[i]?.length ?? 0));
      return `${Math.min(40, Math.max(4, longest)) + 2}ch`;
    });
  }, [runs, columns]);
  const numeric = useMemo(
    () =>
      names.map(
        (_, i) => i === 0 || i === 3 || (i > 3 && runs.slice(0, measured).every(({ cells }) => isNumber(cells[i - 4]))),
      ),
    [runs, columns],
  );
  const grid = { gridTemplateColumns: ['2.2rem', ...widths].join(' ') };
  const first = Math.max(0, Math.floor(sight.top / rowHeight) - beyond);
  const inSight = runs.slice(first, Math.ceil((sight.top + sight.height) / rowHeight) + beyond);
  const goesOn = inSight.some(({ status }) => isOpen(status));
  const [, setNow] = useState(0);
  useEffect(() => {
    // Durations of running runs grow even if nothing else changes.
    const timer = goesOn ? setInterval(() => setNow(Date.now()), 1000) : undefined;
    return () => clearInterval(timer);
  }, [goesOn]);
  const all = runs.length > 0 && runs.every(({ id }) => selected.has(id));

  const toggle = (id: number, isRange: boolean) => {
    const next = new Set(selected);
    const from = runs.findIndex((run) => run.id === anchor.current);
    const to = runs.findIndex((run) => run.id === id);
    const stretch = isRange && from >= 0 ? runs.slice(Math.min(from, to), Math.max(from, to) + 1) : [runs[to]];
    const isOn = !selected.has(id);
    for (const run of stretch) if (run) isOn ? next.add(run.id) : next.delete(run.id);
    anchor.current = id;
    onSelect(next);
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    const at = state.panel === 'run' ? runs.findIndex(({ id }) => id === state.run) : -1;
    const next = runs[Math.max(0, at + step)];
    if (!next) return;
    onOpen(next.id);
    const top = runs.indexOf(next) * rowHeight;
    const { current } = box;
    if (!current) return;
    if (top < current.scrollTop) current.scrollTop = top;
    else if (top + 3 * rowHeight > current.scrollTop + current.clientHeight)
      current.scrollTop = top + 3 * rowHeight - current.clientHeight;
  };

  return (
    <div
      class="table"
      ref={box}
      role="grid"
      aria-label="runs"
      aria-rowcount={runs.length + 1}
      tabIndex={0}
      onKeyDown={keys}
    >
      <div class="row head" role="row" style={grid} aria-rowindex={1} tabIndex={-1}>
        <span role="columnheader" tabIndex={-1}>
          <input
            type="checkbox"
            aria-label="all runs"
            checked={all}
            onChange={() => onSelect(new Set(all ? [] : runs.map(({ id }) => id)))}
          />
        </span>
        {names.map((name, i) => (
          <span
            role="columnheader"
            key={name}
            class={numeric[i] ? 'number' : undefined}
            tabIndex={-1}
            aria-sort={state.sort === name ? (state.descending ? 'descending' : 'ascending') : 'none'}
          >
            <button type="button" title={oneLine(name)} onClick={() => onSort(name)}>
              {oneLine(name)}
              {state.sort === name ? (state.descending ? ' ↓' : ' ↑') : ''}
            </button>
          </span>
        ))}
      </div>
      <div class="rows" style={{ height: `${runs.length * rowHeight}px` }}>
        <div style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {inSight.map((run, i) => {
            const isOpened = state.panel === 'run' && state.run === run.id;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys of the grid open runs
              <div
                class={`row${isOpened ? ' opened' : ''}${selected.has(run.id) ? ' selected' : ''}`}
                role="row"
                key={run.id}
                style={grid}
                aria-rowindex={first + i + 2}
                aria-selected={selected.has(run.id)}
                data-run={run.id}
                tabIndex={-1}
                onClick={() => onOpen(run.id)}
              >
                <span role="gridcell" tabIndex={-1}>
                  <input
                    type="checkbox"
                    aria-label={`run ${run.id}`}
                    checked={selected.has(run.id)}
                    onClick={(event) => {
                      event.stopPropagation();
                      toggle(run.id, event.shiftKey);
                    }}
                  />
                </span>
                {texts(run).map((text, at) => (
                  <span
                    role="gridcell"
                    key={names[at]}
                    tabIndex={-1}
                    class={cellClass(at, run, numeric[at])}
                    title={cellTitle(text, earlierOf(run, at - fixedColumns.length))}
                  >
                    {text}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {runs.length === 0 && <p class="none">no run is shown: nothing matches, or none has begun</p>}
    </div>
  );
}

const statusText = ({ status, attempt, reason }: RunLine) =>
  [status.toLowerCase(), attempt > 1 ? `attempt ${attempt}` : '', oneLine(reason ?? '')].filter(Boolean).join(' · ');

const earlierOf = ({ earlier }: RunLine, column: number) => earlier?.[column] ?? undefined;

const cellTitle = (text: string, earlier: number | undefined) =>
  earlier === undefined ? text : `${text} of attempt ${earlier}: the last attempt has not logged it`;

const isNumber = (value: unknown) =>
  value === null || value === undefined || typeof value === 'number' || value === 'NaN';

const cellClass = (at: number, { status }: RunLine, isNumeric: boolean | undefined) =>
  at === 1 ? `status ${status.toLowerCase()}` : isNumeric ? 'number' : undefined;

function timeOf({ start, seconds, status }: RunLine): string {
  if (isOpen(status) && start !== null) return humanDuration(Math.max(0, (Date.now() - start) / 1000));
  return seconds === null ? '' : humanDuration(seconds);
}

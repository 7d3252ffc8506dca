import { useEffect, useMemo, useState } from 'preact/hooks';
import { plural } from '../../core/words.js';
import type { About, RunLine } from '../wire.js';
import { Actions } from './actions.js';
import { ColumnChoice } from './column-choice.js';
import { CompareView } from './compare-view.js';
import { CurvesView } from './curves-view.js';
import { FailureList } from './failure-list.js';
import { FilterBar, useMatching } from './filter-bar.js';
import { oneLine } from './format.js';
import { type PageState, usePageState } from './page-state.js';
import { RunPanel } from './run-panel.js';
import { RunsTable } from './runs-table.js';
import { sortedRuns } from './sort-runs.js';
import { StatusChips } from './status-chips.js';
import { type Runs, useRuns } from './use-runs.js';

/** The whole page: a table of runs, and beside it a panel with a run, curves or a comparison. */
export function App({ about }: { about: About }) {
  const [state, go] = usePageState();
  const { runs, lost } = useRuns(state.columns);
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const { matching, problem } = useMatching(state.where, runs?.version);
  const shown = useMemo(() => (runs ? shownRuns(runs, state, matching) : []), [runs, state, matching]);
  const chosen = shown.filter(({ id }) => selected.has(id));
  const meant = chosen.length > 0 ? chosen : shown;
  const ids = meant.map(({ id }) => id);

  useEffect(() => {
    document.title = `${oneLine(about.store)} · mlx`;
    const keys = (event: KeyboardEvent) => {
      if (event.key === 'Escape') go({ panel: undefined });
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      document.getElementById('filter')?.focus();
    };
    addEventListener('keydown', keys);
    return () => removeEventListener('keydown', keys);
  }, [about.store]);

  if (!runs) return <p class="lost">{lost ?? 'reading the runs …'}</p>;
  return (
    <div class={state.panel ? 'page open' : 'page'}>
      <header>
        <h1 title={`mlx ${about.version} on ${about.host}`}>
          <b>mlx</b> {oneLine(about.store)} <span class="dim">{about.host}</span>
        </h1>
        <StatusChips runs={runs} statuses={state.statuses} onChoose={(statuses) => go({ statuses })} />
        <FilterBar where={state.where} isWrong={problem !== undefined} onWhere={(where) => go({ where })} />
        <div class="tools">
          <span class="dim" id="count">
            {chosen.length > 0 ? `${plural(chosen.length, 'run')} of ${shown.length}` : plural(shown.length, 'run')}
          </span>
          <button type="button" onClick={() => go({ panel: 'curves' })}>
            curves
          </button>
          <button type="button" disabled={chosen.length < 2} onClick={() => go({ panel: 'compare' })}>
            compare
          </button>
          <ColumnChoice columns={runs.columns} onChoose={(columns) => go({ columns })} />
          {about.actions.length > 0 && <Actions actions={about.actions} runs={chosen.map(({ id }) => id)} />}
        </div>
        {problem !== undefined && <pre class="problem">{problem}</pre>}
        {lost !== undefined && <p class="lost">{lost}</p>}
        {runs.troubles.map((trouble) => (
          <p class="lost" key={trouble}>
            {oneLine(trouble)}
          </p>
        ))}
        <FailureList runs={shown} onOpen={(run) => go({ panel: 'run', run })} onSelect={setSelected} />
      </header>
      <RunsTable
        runs={shown}
        columns={runs.columns}
        state={state}
        selected={selected}
        onSelect={setSelected}
        onSort={(sort) => go({ sort, descending: sort === state.sort && !state.descending })}
        onOpen={(run) => go({ panel: 'run', run })}
      />
      {state.panel && (
        <aside aria-label={state.panel}>
          <button type="button" class="close" title="close (Esc)" onClick={() => go({ panel: undefined })}>
            ×
          </button>
          {state.panel === 'run' && state.run !== undefined && (
            <RunPanel
              key={state.run}
              id={state.run}
              stamp={runs.byId.get(state.run)}
              tab={state.tab}
              colours={about.colours}
              onTab={(tab) => go({ tab })}
            />
          )}
          {state.panel === 'curves' && <CurvesView ids={ids} version={runs.version} colours={about.colours} />}
          {state.panel === 'compare' && <CompareView ids={ids} />}
        </aside>
      )}
    </div>
  );
}

function shownRuns(runs: Runs, state: PageState, matching: ReadonlySet<number> | undefined): readonly RunLine[] {
  const kept = [...runs.byId.values()].filter(
    ({ id, status }) =>
      (state.statuses.length === 0 || state.statuses.includes(status)) && (!matching || matching.has(id)),
  );
  return sortedRuns(kept, runs.columns, state);
}

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
import { type Place, usePlace } from './page-state.js';
import { RunPanel } from './run-panel.js';
import { RunsTable } from './runs-table.js';
import { sortedRuns } from './sort-runs.js';
import { StatusChips } from './status-chips.js';
import { type Runs, useRuns } from './use-runs.js';

/** The whole page: which runs, in a table, and beside it what is looked at closely. */
export function App({ about }: { about: About }) {
  const [place, go] = usePlace();
  const { runs, lost } = useRuns(place.columns);
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const { matching, problem } = useMatching(place.where, runs?.version);
  const shown = useMemo(() => (runs ? shownRuns(runs, place, matching) : []), [runs, place, matching]);
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
    <div class={place.panel ? 'page open' : 'page'}>
      <header>
        <h1 title={`mlx ${about.version} on ${about.host}`}>
          <b>mlx</b> {oneLine(about.store)} <span class="dim">{about.host}</span>
        </h1>
        <StatusChips runs={runs} statuses={place.statuses} onChoose={(statuses) => go({ statuses })} />
        <FilterBar where={place.where} isWrong={problem !== undefined} onWhere={(where) => go({ where })} />
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
        place={place}
        selected={selected}
        onSelect={setSelected}
        onSort={(sort) => go({ sort, descending: sort === place.sort && !place.descending })}
        onOpen={(run) => go({ panel: 'run', run })}
      />
      {place.panel && (
        <aside aria-label={place.panel}>
          <button type="button" class="close" title="close (Esc)" onClick={() => go({ panel: undefined })}>
            ×
          </button>
          {place.panel === 'run' && place.run !== undefined && (
            <RunPanel
              key={place.run}
              id={place.run}
              stamp={runs.byId.get(place.run)}
              tab={place.tab}
              colours={about.colours}
              onTab={(tab) => go({ tab })}
            />
          )}
          {place.panel === 'curves' && <CurvesView ids={ids} version={runs.version} colours={about.colours} />}
          {place.panel === 'compare' && <CompareView ids={ids} />}
        </aside>
      )}
    </div>
  );
}

function shownRuns(runs: Runs, place: Place, matching: ReadonlySet<number> | undefined): readonly RunLine[] {
  const kept = [...runs.byId.values()].filter(
    ({ id, status }) =>
      (place.statuses.length === 0 || place.statuses.includes(status)) && (!matching || matching.has(id)),
  );
  return sortedRuns(kept, runs.columns, place);
}

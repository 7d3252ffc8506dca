import { useEffect, useState } from 'preact/hooks';

/** What of the page is open. It is in the address behind `#`, so that it outlives a reload and can be gone back from. */
export interface Place {
  readonly where: string;
  readonly statuses: readonly string[];
  readonly sort: string;
  readonly descending: boolean;
  readonly columns: readonly string[] | undefined;
  readonly panel: 'run' | 'curves' | 'compare' | undefined;
  readonly run: number | undefined;
  readonly tab: string;
}

export function readPlace(hash: string): Place {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const panel = words.get('panel');
  return {
    where: words.get('where') ?? '',
    statuses: words.getAll('status'),
    sort: words.get('sort') ?? 'run',
    descending: words.get('order') === 'down',
    columns: words.has('column') ? words.getAll('column') : undefined,
    panel: panel === 'run' || panel === 'curves' || panel === 'compare' ? panel : undefined,
    run: words.has('run') ? Number(words.get('run')) : undefined,
    tab: words.get('tab') ?? 'overview',
  };
}

function hashOf({ where, statuses, sort, descending, columns, panel, run, tab }: Place): string {
  const words = new URLSearchParams();
  if (where !== '') words.set('where', where);
  for (const status of statuses) words.append('status', status);
  if (sort !== 'run') words.set('sort', sort);
  if (descending) words.set('order', 'down');
  for (const column of columns ?? []) words.append('column', column);
  if (panel) words.set('panel', panel);
  if (run !== undefined) words.set('run', String(run));
  if (tab !== 'overview') words.set('tab', tab);
  return `#${words}`;
}

export type Go = (change: Partial<Place>) => void;

export function usePlace(): readonly [Place, Go] {
  const [place, setPlace] = useState(() => readPlace(location.hash));
  useEffect(() => {
    const follow = () => setPlace(readPlace(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const go: Go = (change) => {
    const next = { ...readPlace(location.hash), ...change };
    // Only what opens is a step to go back from.
    if (next.panel !== readPlace(location.hash).panel) location.hash = hashOf(next);
    else history.replaceState(null, '', hashOf(next));
    setPlace(next);
  };
  return [place, go];
}

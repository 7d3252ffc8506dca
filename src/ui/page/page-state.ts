import { useEffect, useState } from 'preact/hooks';

/** What the page shows. It is kept in the address after `#`, for reload and the back button. */
export interface PageState {
  readonly where: string;
  readonly statuses: readonly string[];
  readonly sort: string;
  readonly descending: boolean;
  readonly columns: readonly string[] | undefined;
  readonly panel: 'run' | 'curves' | 'compare' | undefined;
  readonly run: number | undefined;
  readonly tab: string;
}

/** The state in an address's hash; anything missing has its default. */
function readPageState(hash: string): PageState {
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

function hashOf({ where, statuses, sort, descending, columns, panel, run, tab }: PageState): string {
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

/** Changes a part of the page's state. */
type Go = (change: Partial<PageState>) => void;

/** The page's state, and a function to change it. */
export function usePageState(): readonly [PageState, Go] {
  const [state, setState] = useState(() => readPageState(location.hash));
  useEffect(() => {
    const follow = () => setState(readPageState(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const go: Go = (change) => {
    const next = { ...readPageState(location.hash), ...change };
    // Only opening and closing a panel is a step for the back button.
    if (next.panel !== readPageState(location.hash).panel) location.hash = hashOf(next);
    else history.replaceState(null, '', hashOf(next));
    setState(next);
  };
  return [state, go];
}

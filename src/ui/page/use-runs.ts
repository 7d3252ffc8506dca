import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunLine, RunsAnswer } from '../wire.js';
import { ask } from './ask.js';

const pollMilliseconds = 2000;
/** What `fetch` throws as a TypeError (Fetch standard, network error). */
const noAnswer = 'mlx ui does not answer; this is what it told last: start it again, and open the new address';

/** All runs of the store, as of a version. */
export interface Runs {
  readonly columns: readonly string[];
  readonly byId: ReadonlyMap<number, RunLine>;
  readonly troubles: readonly string[];
  readonly version: number;
}

/**
 * All runs, kept up to date; undefined before the first answer. `lost` says why the server does not answer.
 */
export function useRuns(columns: readonly string[] | undefined): {
  readonly runs: Runs | undefined;
  readonly lost: string | undefined;
} {
  const [runs, setRuns] = useState<Runs>();
  const [lost, setLost] = useState<string>();
  const now = useRef<Runs | undefined>(undefined);
  const key = columns?.join('\n');
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asking = false;
    const poll = async () => {
      if (asking) return;
      asking = true;
      const words = new URLSearchParams({ after: String(now.current?.version ?? 0) });
      for (const name of now.current?.columns ?? []) words.append('has', name);
      for (const name of columns ?? []) words.append('column', name);
      try {
        // A hidden page asks nothing.
        if (!document.hidden || !now.current) {
          const answer = await ask<RunsAnswer>(`runs?${words}`);
          if (over) return;
          const next = merged(now.current, answer);
          if (next !== now.current) setRuns(next);
          now.current = next;
          setLost(undefined);
        }
      } catch (error) {
        if (over) return;
        setLost(error instanceof TypeError ? noAnswer : error instanceof Error ? error.message : String(error));
      } finally {
        asking = false;
      }
      if (!over) timer = setTimeout(poll, pollMilliseconds);
    };
    const look = () => {
      if (document.hidden) return;
      clearTimeout(timer);
      poll();
    };
    poll();
    document.addEventListener('visibilitychange', look);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [key]);
  return { runs, lost };
}

function merged(before: Runs | undefined, { whole, version, columns, rows, gone, troubles }: RunsAnswer): Runs {
  const same = before && before.troubles.join() === troubles.join();
  if (same && !whole && rows.length + gone.length === 0) return before;
  const byId = new Map(whole ? [] : before?.byId);
  for (const row of rows) byId.set(row.id, row);
  for (const id of gone) byId.delete(id);
  return { columns, byId, troubles, version };
}

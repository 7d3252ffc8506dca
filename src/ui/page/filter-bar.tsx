import { useEffect, useState } from 'preact/hooks';
import type { MatchAnswer } from '../wire.js';
import { ask, isProblem } from './ask.js';

/**
 * The runs for which an expression holds; undefined without one. A wrong expression keeps the previous runs.
 */
export function useMatching(where: string, version: number | undefined) {
  const [matching, setMatching] = useState<ReadonlySet<number>>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (where.trim() === '') {
      setMatching(undefined);
      setProblem(undefined);
      return;
    }
    const stop = new AbortController();
    ask<MatchAnswer>(`match?${new URLSearchParams({ where })}`, stop.signal).then(
      (answer) => {
        if (isProblem(answer)) setProblem(answer.problem);
        else {
          setMatching(new Set(answer.ids));
          setProblem(undefined);
        }
      },
      // The table reports a server that does not answer.
      () => undefined,
    );
    return () => stop.abort();
  }, [where, version]);
  return { matching, problem };
}

/** An input for an expression, as for `mlx query`. It is applied a moment after the last key press. */
export function FilterBar({
  where,
  isWrong,
  onWhere,
}: {
  where: string;
  isWrong: boolean;
  onWhere: (where: string) => void;
}) {
  const [text, setText] = useState(where);
  useEffect(() => setText(where), [where]);
  useEffect(() => {
    if (text === where) return;
    const timer = setTimeout(() => onWhere(text), 250);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="filter">
      <input
        id="filter"
        type="search"
        spellcheck={false}
        autocomplete="off"
        aria-label="keep runs for which this holds"
        aria-invalid={isWrong}
        placeholder="filter: optimizer.lr < 0.1 & test.loss@min < 0.5   ( / )"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </div>
  );
}

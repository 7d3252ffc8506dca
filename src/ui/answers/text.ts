import { isOver } from '../../store/index.js';
import type { RunsBoard } from '../board.js';
import { type RunFiles, readText } from '../run-files.js';
import type { TextAnswer } from '../wire.js';

/** The most bytes of an answer's text. */
const mostText = 262_144;

/**
 * A part of a run's file as text: `before`, `tail` or `from` in the query say which. Undefined if there is no
 * such file.
 */
export function textAnswer(
  board: RunsBoard,
  run: RunFiles,
  { id, path, query }: { readonly id: number; readonly path: string; readonly query: URLSearchParams },
): TextAnswer | undefined {
  // The status is read first: what was written before the run's end is then in the file.
  const found = board.one(id)?.run;
  const last = found?.kind !== 'run' || isOver(found.status.status);
  const offset = (name: string) => Math.max(0, Math.floor(Number(query.get(name) ?? 0)) || 0);
  const part = query.has('before')
    ? { before: offset('before') }
    : query.has('tail')
      ? { tail: offset('tail'), last }
      : { from: offset('from'), last };
  const read = readText(run, path, part, mostText);
  return read && { ...read, isOver: last };
}

import { type Column, type KnownRuns, resolveColumns, type WrittenColumn } from '../../results/index.js';
import type { Io } from '../grammar/command.js';
import { noteTwoMeanings } from './result-notes.js';

/**
 * Returns columns, looked up among runs. For a name with two meanings, says which was used. Throws what
 * `resolveColumns` throws.
 */
export function lookUpColumns(known: KnownRuns, columns: readonly WrittenColumn[], io: Io): (WrittenColumn & Column)[] {
  const found = resolveColumns(known, columns);
  noteTwoMeanings(found, io);
  return found;
}

import { type Column, type KnownRuns, resolveColumns, type WrittenColumn } from '../../results/index.js';
import type { Io } from '../grammar/command.js';
import { tellTwoMeanings } from './tell-results.js';

/**
 * Returns columns, looked up among runs. For a name with two meanings, says which was used. Throws what
 * `resolveColumns` throws.
 */
export function lookUpColumns(known: KnownRuns, columns: readonly WrittenColumn[], io: Io): (WrittenColumn & Column)[] {
  const found = resolveColumns(known, columns);
  tellTwoMeanings(found, io);
  return found;
}

import { readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { closeRecord, isClosedRecord } from '../core/flat-record.js';
import { fail } from '../failures/index.js';
import { runPaths } from './paths.js';

/** Returns the text of `metadata/overrides.yaml`: the point's number, then one quoted override per line. */
export function formatOverrides(point: number, overrides: readonly string[]): string {
  if (overrides.length === 0) return closeRecord(`point: ${point}\noverrides: []\n`);
  return closeRecord(`point: ${point}\noverrides:\n${overrides.map((word) => `- ${JSON.stringify(word)}\n`).join('')}`);
}

/**
 * Returns the overrides of a run, spelled as in the source, or undefined if the file is missing (a run of
 * MLXP). Throws `broken-record` if it is incomplete.
 */
export function readOverrides(run: string): string[] | undefined {
  const path = runPaths.overrides(run);
  const text = ifPresent(() => readFileSync(path, 'utf8'));
  if (text === undefined) return undefined;
  if (!isClosedRecord(text)) return fail({ reason: 'broken-record', path, problem: { kind: 'cut-short' } });
  return text
    .split('\n')
    .filter((line) => line.startsWith('- "') && line.endsWith('"'))
    .map((line) => String(JSON.parse(line.slice(2))));
}

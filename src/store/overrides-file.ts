import { readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { closeRecord, isClosedRecord } from '../core/flat-record.js';
import { fail } from '../failures/index.js';
import { runPaths } from './paths.js';

/** The text of `metadata/overrides.yaml`: the point's number, then one quoted word per line. */
export function formatOverrides(point: number, overrides: readonly string[]): string {
  if (overrides.length === 0) return closeRecord(`point: ${point}\noverrides: []\n`);
  return closeRecord(`point: ${point}\noverrides:\n${overrides.map((word) => `- ${JSON.stringify(word)}\n`).join('')}`);
}

/**
 * The overrides of a run in source spelling; undefined where there is no such file (a run of MLXP). Throws `broken-record`
 * where it is not whole.
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

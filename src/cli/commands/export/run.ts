import { resolve } from 'node:path';
import type { ParsedArgs } from '../../../arguments/index.js';
import { displayPath } from '../../../core/paths.js';
import { nearest } from '../../../core/suggest.js';
import { printableLine } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import { exportedRun, exportTools } from '../../../export/index.js';
import { fail } from '../../../failures/index.js';
import { parseColumnName } from '../../../results/index.js';
import { readRun } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { type EarlierValue, earlierValues, noteEarlier } from '../../selecting/result-notes.js';
import { resultsOf } from '../../selecting/run-results.js';
import { storeOf } from '../../selecting/store.js';
import type { ExportOptions } from './spec.js';

/** `mlx export TOOL DIR`: writes runs in the format of another tool. */
export async function run({ positionals, options }: ParsedArgs<ExportOptions>, io: Io): Promise<number> {
  const [tool, directory, ...runs] = positionals;
  if (tool === undefined) return fail({ reason: 'missing-argument', argument: 'TOOL', command: 'export' });
  if (directory === undefined) return fail({ reason: 'missing-argument', argument: 'DIR', command: 'export' });
  const known = Object.keys(exportTools);
  const exportTool = Object.hasOwn(exportTools, tool) ? exportTools[tool] : undefined;
  if (!exportTool) {
    const near = nearest(tool, known);
    return fail({ reason: 'bad-option-value', option: 'TOOL', value: tool, expected: known.join(', '), near });
  }
  const { results } = await resultsOf({ positionals: runs, options }, io);
  if (results.length === 0) return 1;
  const store = await storeOf(options, io.cwd);
  const target = resolve(io.cwd, directory);
  let leftOut = 0;
  let written = 0;
  const earlier = new Map<string, EarlierValue[]>();
  for (const result of results) {
    const run = readRun(store, result.id);
    if (run?.kind !== 'run') continue;
    const exported = exportedRun(run, result);
    exportTool.write(exported, target);
    leftOut += exported.leftOut;
    written++;
    for (const name of result.metrics.keys()) {
      const values = earlierValues([result], parseColumnName(name));
      earlier.set(name, [...(earlier.get(name) ?? []), ...values]);
    }
  }
  const shown = printableLine(displayPath(target, io.cwd));
  io.stdout.write(`${plural(written, 'run')} in ${shown}; ${exportTool.show(shown)}\n`);
  noteEarlier(
    [...earlier].map(([column, values]) => ({ column, values })),
    io,
  );
  if (leftOut > 0)
    io.stderr.write(
      `note: ${plural(leftOut, 'logged value')} that ${leftOut === 1 ? 'is' : 'are'} no number left out\n`,
    );
  return 0;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareRow, divergences, type Outcome } from './compare.js';
import type { Row } from './row.js';

/** `npm run conformance -- DIR`: compares every row of the `*.jsonl` files of a directory, and tells the numbers. */
const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('usage: npm run conformance -- DIR\n');
  process.exit(2);
}

const say = (line: string) => process.stdout.write(`${line}\n`);

let bad = false;
for (const file of readdirSync(directory)
  .filter((name) => name.endsWith('.jsonl'))
  .sort()) {
  const rows: Row[] = readFileSync(join(directory, file), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
  const outcomes = rows.map((row) => ({ row, outcome: compareRow(file, row) }));
  if (outcomes.some(({ outcome }) => outcome === undefined)) {
    say(`${file}: ${rows.length} rows of a kind that is not compared`);
    continue;
  }
  const of = (kind: Outcome['kind']) => outcomes.filter(({ outcome }) => outcome?.kind === kind);
  const failed = of('failed');
  say(
    `${file}: ${rows.length} rows, ${of('passed').length} passed, ${of('divergence').length} differ on purpose, ${failed.length} failed`,
  );
  for (const { name, reason } of divergences) {
    const ids = of('divergence').flatMap(({ row, outcome }) =>
      outcome?.kind === 'divergence' && outcome.name === name ? row.id : [],
    );
    if (ids.length > 0) say(`  on purpose, ${name} (${ids.join(' ')}): ${reason}`);
  }
  for (const { row, outcome } of failed) {
    say(`  failed ${row.id} ${JSON.stringify(row.input)}`);
    if (outcome?.kind !== 'failed') continue;
    say(`    Hydra ${JSON.stringify(outcome.expected) ?? 'refuses it'}`);
    say(`    mlx   ${JSON.stringify(outcome.actual) ?? 'refuses it'}`);
  }
  bad ||= failed.length > 0;
}
process.exitCode = bad ? 1 : 0;

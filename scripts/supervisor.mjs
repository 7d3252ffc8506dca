// Assembles run.sh, the supervisor that is copied into stores, from its parts in src/script/supervisor/.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('../src/script/supervisor', import.meta.url));

/** The parts in the order of the file: `words` has its first lines, `main` runs the rest. */
const parts = [
  'words',
  'processes',
  'records',
  'claim',
  'dependencies',
  'restarts',
  'signals',
  'timers',
  'limits',
  'body',
  'ending',
  'failures',
  'attempt',
  'task',
  'serve',
  'main',
];

/** Returns the text of run.sh. Throws an error if a file in the directory is not one of its parts. */
export function supervisorText() {
  const unknown = readdirSync(directory).filter((name) => !parts.includes(name.replace(/\.sh$/, '')));
  if (unknown.length > 0) throw new Error(`not among the parts of run.sh: ${unknown.join(', ')}`);
  return parts.map((part) => readFileSync(join(directory, `${part}.sh`), 'utf8')).join('\n');
}

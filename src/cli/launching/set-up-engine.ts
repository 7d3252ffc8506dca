import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseDocument } from 'yaml';
import { writeFileAtomic } from '../../core/atomic-file.js';
import { packageDirectory } from '../../core/package-directory.js';
import { displayPath } from '../../core/paths.js';
import { batchEngines, engineNamed, isModulePath } from '../../engines/index.js';
import type { Io } from '../grammar/command.js';
import { type Dialogue, openDialogue } from '../output/confirm.js';

/** What is known before the questions. */
interface SetUp {
  /** Engines found on this machine. */
  readonly detected: readonly string[];
  /** The settings file to write. */
  readonly path: string;
  /** The project's directory; the path of a module is relative to it. */
  readonly directory: string;
}

/** An engine that was chosen for this launch and later ones. */
export interface ChosenEngine {
  readonly name: string;
  /** Writes the choice into the settings. To be called when the launch has been checked. */
  readonly keep: () => void;
}

/**
 * Asks with MLXP's questions which engine to use from now on. Resolves to undefined if the answer is to go on
 * without one. Throws `interrupted`.
 */
export async function setUpEngine(setUp: SetUp, io: Io): Promise<ChosenEngine | undefined> {
  const dialogue = openDialogue(io);
  try {
    return await converse(setUp, io, dialogue);
  } finally {
    dialogue.close();
  }
}

async function converse(
  { detected, path, directory }: SetUp,
  io: Io,
  dialogue: Dialogue,
): Promise<ChosenEngine | undefined> {
  const say = (text: string) => void io.stderr.write(text);
  const shown = displayPath(path, io.cwd);
  say(`No scheduler is configured by default

Would you like to select a default job scheduler now?  (y/n):

y: The job scheduler configs will be stored in the file ${shown}
n: No scheduler will be selected by default.

`);
  for (;;) {
    const answer = (await dialogue.ask('Please enter your answer (y/n): ')).toLowerCase();
    if (answer === 'n' || answer === 'no' || answer === '') return undefined;
    if (answer === 'y' || answer === 'yes') break;
  }
  const known = batchEngines.map(({ names: [name] }) => name);
  const listed = [...detected, ...known.filter((name) => !detected.includes(name))];
  say(`
You can choose one of these job schedulers${detected.length > 0 ? `, of which this machine has ${detected.join(', ')}` : ', none of which was found on this machine'}:

${listed.map((name) => `  ${name}${detected.includes(name) ? ' (found here)' : ''}`).join('\n')}

or a custom one: the path of a module (./my-engine.mjs), see docs/engines.md

`);
  for (;;) {
    const answer = await dialogue.ask('Please enter your choice (or hit Enter to skip): ');
    if (answer === '') return undefined;
    const name = isModulePath(answer) ? answer : engineNamed(answer);
    if (name === undefined || name === 'here' || name === 'local') {
      say(`'${answer}' is none of them\n`);
      continue;
    }
    if (isModulePath(name) && !existsSync(resolve(directory, name))) {
      say(`there is no file ${displayPath(resolve(directory, name), io.cwd)}\n`);
      continue;
    }
    say(`\nSetting Scheduler to ${answer}\n\n`);
    const keep = () => {
      const isNew = !existsSync(path);
      writeEngine(path, answer);
      say(`${isNew ? 'Default settings for mlx were created in' : 'It was written into'} ${shown}\n\n`);
    };
    return { name: isModulePath(name) ? resolve(directory, name) : name, keep };
  }
}

/**
 * Sets `scheduler.name` in a settings file and keeps all else, comments too. A new file starts as the
 * package's own.
 */
function writeEngine(path: string, name: string): void {
  const document = parseDocument(existsSync(path) ? readFileSync(path, 'utf8') : shippedSettings());
  document.setIn(['scheduler', 'name'], name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileAtomic(path, document.toString({ lineWidth: 0 }));
}

/** The text of the package's `configs/mlx.yaml`, with the absolute address of its schema. */
function shippedSettings(): string {
  const text = readFileSync(join(packageDirectory(), 'configs', 'mlx.yaml'), 'utf8');
  const schema = pathToFileURL(join(packageDirectory(), 'dist', 'mlx.schema.json'));
  return text.replace(/(?<=^# yaml-language-server: \$schema=).*/m, () => schema.href);
}

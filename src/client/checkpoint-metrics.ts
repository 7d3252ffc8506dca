import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { writeWhole } from './artifacts.js';

/** The length of each metrics file in bytes, by name, when a checkpoint was saved. */
type Sizes = Readonly<Record<string, number>>;

// The notes go by the checkpoint's content, because they are written before it: for the previous checkpoint
// and the next.
const notesPath = (run: string, name: string) =>
  join(run, 'artifacts', 'Checkpoint', '.metrics', `${basename(name)}.json`);
const keyOf = (checkpoint: Uint8Array) => createHash('sha256').update(checkpoint).digest('hex');

/** Records the lengths of a run's metrics files for a checkpoint that is about to be saved. */
export function noteMetrics(run: string, name: string, checkpoint: Uint8Array): void {
  const directory = join(run, 'metrics');
  const sizes = Object.fromEntries(metricsFiles(directory).map((file) => [file, statSync(join(directory, file)).size]));
  const [last] = Object.entries(readNotes(run, name)).slice(-1);
  const notes = { ...(last && { [last[0]]: last[1] }), [keyOf(checkpoint)]: sizes };
  writeWhole(notesPath(run, name), (path) => writeFileSync(path, `${JSON.stringify(notes)}\n`));
}

/**
 * Moves the metrics that earlier attempts logged after a checkpoint to `metrics/.superseded`. Only the first
 * process of an attempt does so.
 */
export function rewindMetrics(run: string, name: string, checkpoint: Uint8Array, attempt: number): void {
  const sizes = readNotes(run, name)[keyOf(checkpoint)];
  if (!sizes) return;
  const directory = join(run, 'metrics');
  const aside = join(directory, '.superseded');
  mkdirSync(aside, { recursive: true });
  try {
    // If several processes load the checkpoint, only one of them creates this file.
    closeSync(openSync(join(aside, `attempt-${attempt}`), 'wx'));
  } catch {
    return;
  }
  for (const file of metricsFiles(directory)) {
    const path = join(directory, file);
    const size = sizes[file] ?? 0;
    const lines = readFileSync(path)
      .subarray(size)
      .toString('utf8')
      .split(/(?<=\n)/);
    const isOwn = (line: string) => line.trimEnd().endsWith(`"_attempt": ${attempt}}`);
    const old = lines.filter((line) => !isOwn(line)).join('');
    if (old === '') continue;
    appendFileSync(join(aside, file), old, { flush: true });
    truncateSync(path, size);
    appendFileSync(path, lines.filter(isOwn).join(''));
  }
}

function readNotes(run: string, name: string): Readonly<Record<string, Sizes>> {
  const path = notesPath(run, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

function metricsFiles(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).filter((file) => file.endsWith('.json')) : [];
}

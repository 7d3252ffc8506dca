import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { endsInsideLine } from '../core/files.js';
import { yamlScalar } from '../core/yaml-scalar.js';
import { writeWhole } from './artifacts.js';

/**
 * Counts the lines of a metrics file that could not be written, and notes the count in its index. The index
 * is usually there already: on a full disk, its last block has room for a short line. The note is a comment,
 * so that other readers of the index pass it over.
 */
export class LostLines {
  #noted = 0;
  #new = 0;

  constructor(
    readonly index: string,
    readonly attempt: number,
  ) {}

  /** Counts a line. The first one is noted at once, then each tenfold: the program may be killed. */
  add(): void {
    this.#new++;
    if (this.#new >= 9 * this.#noted) this.note();
  }

  /** Notes the lines that were counted since the last note. Does nothing if that can't be written. */
  note(): void {
    if (this.#new === 0) return;
    try {
      appendNote(this.index, `# lost: ${this.#new} of attempt ${this.attempt}`);
    } catch {
      return;
    }
    this.#noted += this.#new;
    this.#new = 0;
  }
}

/** Appends a comment to an index, as a line of its own. Throws the system's error. */
function appendNote(index: string, note: string): void {
  mkdirSync(dirname(index), { recursive: true });
  const file = openSync(index, 'a+');
  try {
    // The disk may have been full within the note before.
    const line = Buffer.from(`${endsInsideLine(file) ? '\n' : ''}${note}\n`);
    if (writeSync(file, line) < line.length) throw new Error('the disk is full');
  } finally {
    closeSync(file);
  }
}

/** Writes the index of a metrics file, and keeps the notes in it. Throws the system's error. */
export function writeKeys(index: string, keys: ReadonlySet<string>): void {
  const lines = [...keys].sort().map((key) => `${yamlScalar(key)}: ''\n`);
  const notes = ifPresent(() => readFileSync(index, 'utf8'))?.match(/^# lost: .*\n/gm) ?? [];
  writeWhole(index, (path) => writeFileSync(path, [...lines, ...notes].join('')));
}

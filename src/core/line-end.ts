import { fstatSync, readSync } from 'node:fs';

/** Whether an open file of lines ends in a part of one: whoever wrote it was killed in it, or the disk was full. */
export function endsInsideLine(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString() !== '\n';
}

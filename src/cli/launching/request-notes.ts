import { resolve } from 'node:path';
import { displayPath } from '../../core/paths.js';
import { printableLine } from '../../core/text.js';
import type { SettingsFile } from '../../settings/index.js';

/** Returns notes about settings files that are not read. */
export function settingsNotes(file: SettingsFile | undefined): string[] {
  return (file?.ignored ?? []).map((path) => `${resolve(path)} is not read, since ${file?.path} is there`);
}

/** Returns notes about directories that Python imports from and that the commit of the code does not have. */
export const importNotes = (directories: readonly string[], cwd: string): string[] =>
  directories.map((directory) => {
    return `Python imports from ${displayPath(directory, cwd)}, which is not in the commit, as it is when a run starts`;
  });

/** Returns notes about words that name a file here which the copy of the code lacks. */
export const copyNotes = (words: readonly string[]): string[] =>
  words.map(
    (word) => `${printableLine(word)} is here, and not in the copy: setting version_manager.link links data into it`,
  );

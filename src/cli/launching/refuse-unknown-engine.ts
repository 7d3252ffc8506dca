import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { optionalAlone } from '../../arguments/index.js';
import { findCommand } from '../../core/find-command.js';
import { nearest } from '../../core/suggest.js';
import { engineNames } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import type { Io } from '../grammar/command.js';

/**
 * Refuses the word after `--scheduler` if it can only be meant as an engine: the option's value may be left
 * out, so that an unknown name is read as one of the command's other `words`. Throws `unknown-engine`.
 */
export function refuseUnknownEngine(scheduler: string | undefined, words: readonly string[], io: Io): void {
  if (scheduler !== optionalAlone) return;
  const word = io.argv[io.argv.indexOf('--scheduler') + 1];
  if (word === undefined || !/^[A-Za-z][\w-]*$/.test(word) || !words.includes(word)) return;
  const isProgram = existsSync(resolve(io.cwd, word)) || findCommand(word, io.cwd, io.env['PATH'] ?? '') !== undefined;
  if (!isProgram) fail({ reason: 'unknown-engine', name: word, near: nearest(word, engineNames) });
}

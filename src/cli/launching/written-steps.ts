import { resolve } from 'node:path';
import { displayPath } from '../../core/paths.js';
import { readSweepFile } from '../../sweep/index.js';
import type { ParsedArgs } from '../grammar/command.js';
import { checkStepNames, commandWords, parseStep, type WrittenStep } from './run-steps.js';

/** The steps that a run is to be: those of `--step`, else those of the sweep file; none where it is one command. Throws `bad-step`. */
export function writtenSteps(parsed: ParsedArgs, cwd: string): readonly WrittenStep[] {
  const steps = parsed.has('step') ? parsed.list('step').map(parseStep) : stepsOfFile(parsed, cwd);
  checkStepNames(steps);
  return steps;
}

function stepsOfFile(parsed: ParsedArgs, cwd: string): WrittenStep[] {
  const path = parsed.text('sweep');
  if (path === undefined) return [];
  const { steps } = readSweepFile(resolve(cwd, path), displayPath(resolve(cwd, path), cwd));
  return steps.map(({ name, command }) => ({
    name,
    words: typeof command === 'string' ? commandWords(command, name) : command,
  }));
}

import { existsSync, readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { runPaths } from './paths.js';

/** A step of one attempt as `steps.sh` recorded it: done in an attempt of before, or begun, and ended. Seconds since 1970. */
export type StepRecord =
  | { readonly name: string; readonly doneIn: number }
  | {
      readonly name: string;
      readonly start: number;
      readonly end: number | undefined;
      readonly exitCode: number | undefined;
    };

/** The steps of an attempt, as far as it came; none for a run without steps. A line that is cut short is passed over. */
export function readSteps(run: string, attempt: number): StepRecord[] {
  const path = runPaths.attemptSteps(run, attempt);
  const text = existsSync(path) ? (ifPresent(() => readFileSync(path, 'utf8')) ?? '') : '';
  const steps = new Map<string, StepRecord>();
  for (const [, name = '', fields = ''] of text.matchAll(/^- \{step: ([\w.-]+), (.*)\}$/gm)) {
    const number = (field: string) => {
      const found = new RegExp(`\\b${field}: (\\d+)`).exec(fields)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    const [doneIn, start] = [number('done_in'), number('start')];
    const known = steps.get(name);
    if (doneIn !== undefined) steps.set(name, { name, doneIn });
    else if (start !== undefined) steps.set(name, { name, start, end: undefined, exitCode: undefined });
    else if (known && 'start' in known)
      steps.set(name, { ...known, end: number('end'), exitCode: number('exit_code') });
  }
  return [...steps.values()];
}

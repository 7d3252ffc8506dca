import { existsSync, readFileSync } from 'node:fs';
import { ifPresent } from '../core/errno.js';
import { runPaths } from './paths.js';

/**
 * A step of one attempt, recorded by `steps.sh`: done in an earlier attempt (`doneIn`), or run in this one.
 * Times in seconds since 1970.
 */
export type StepRecord =
  | { readonly name: string; readonly doneIn: number }
  | {
      readonly name: string;
      readonly start: number;
      readonly end: number | undefined;
      readonly exitCode: number | undefined;
    };

/**
 * Returns the steps that an attempt has begun or skipped; [] for a run without steps. Ignores a line that was
 * cut short.
 */
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

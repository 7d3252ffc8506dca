import { fail } from '../../core/failure.js';
import { type QueuePlan, readResources } from '../../launcher/index.js';
import type { ParsedArgs } from '../command.js';
import { refuseTogether } from '../parse-args.js';
import { jobOnlyOptions, waitOptions } from './plan-jobs.js';

/** What the local queue understands of the options for jobs. */
const understood = new Set(['cpus', 'gpus', 'name', 'export', 'priority', ...waitOptions]);

/**
 * How runs wait in the local queue. Throws `needs-engine` for an option that only an engine has a use for, and what reading the
 * others throws.
 */
export function planQueue(parsed: ParsedArgs): Omit<QueuePlan, 'after' | 'chain'> {
  refuseTogether(parsed, 'walltime', 'time');
  const option = [
    ...jobOnlyOptions.filter((name) => !understood.has(name)),
    'fail-fast',
    'stream',
    'parallel',
    'gpus-per-run',
    'notify',
  ].find((name) => parsed.has(name));
  if (option !== undefined) fail({ reason: 'needs-engine', option: `--${option}` });
  const given = ['time', 'cpus', 'gpus', 'name'].flatMap((name) => {
    const value = parsed.text(name);
    return value === undefined ? [] : [[name, value]];
  });
  const { time, cpus, gpus, name } = readResources([Object.fromEntries(given)]);
  return {
    name,
    priority: parsed.number('priority') ?? 0,
    slots: cpus ?? 1,
    gpus: gpus ?? 0,
    limit: time ?? parsed.number('walltime'),
    shown: !parsed.has('log-dir'),
  };
}

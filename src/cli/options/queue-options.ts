import { unsupported } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import type { QueuePlan } from '../../launch/index.js';
import type { ParsedArgs } from '../grammar/command.js';
import { hereResources } from './here-resources.js';
import { jobOnlyOptions, waitOptions } from './job-options.js';

/** What the local queue understands of the options for jobs. */
const understood = new Set(['gpus', 'name', 'export', 'priority', ...waitOptions]);

/**
 * How runs wait in the local queue. Throws `needs-engine` for an option that only an engine has a use for, and what reading the
 * others throws.
 */
export function planQueue(parsed: ParsedArgs): Omit<QueuePlan, 'after' | 'chain'> {
  const option = [
    ...jobOnlyOptions.filter((name) => !understood.has(name)),
    'fail-fast',
    'stream',
    'parallel',
    'gpus-per-run',
    'notify',
  ].find((name) => parsed.has(name));
  if (option !== undefined) fail({ reason: 'needs-engine', option: `--${option}` });
  if (parsed.has('grace')) unsupported('the local queue', 'grace', { kind: 'grace-of-execute' });
  const { cpus, gpus, name, mem, time, signal, signalTo, continueOnTimeout } = hereResources(parsed, ['gpus', 'name']);
  return {
    name,
    priority: parsed.number('priority') ?? 0,
    slots: cpus ?? 1,
    gpus: gpus ?? 0,
    limit: time,
    mem,
    signal,
    signalTo: signalTo === 'program' ? 'program' : undefined,
    continues: continueOnTimeout,
    shown: !parsed.has('log-dir'),
  };
}

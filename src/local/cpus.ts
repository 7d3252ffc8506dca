import { readFileSync } from 'node:fs';
import { parseRanges } from '../core/consecutive.js';
import { ifPresent } from '../core/errno.js';

/**
 * Returns the numbers of the CPUs that this process may use: proc(5), Cpus_allowed_list of status. [] without
 * /proc.
 */
export function allowedCpus(): number[] {
  const status = ifPresent(() => readFileSync('/proc/self/status', 'utf8')) ?? '';
  const [, list] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status) ?? [];
  return list === undefined ? [] : parseRanges(list);
}

/** Reserves CPUs of this machine for the runs of one launch, each CPU for one run at a time. */
export class CpuPool {
  readonly #free: number[];
  readonly #taken = new Map<string, readonly number[]>();

  constructor(cpus: readonly number[]) {
    this.#free = [...cpus];
  }

  /** Reserves `count` CPUs. Returns [] if too few are free; the run is then not pinned. */
  take(count: number, run: string): readonly number[] {
    if (count > this.#free.length) return [];
    const cpus = this.#free.splice(0, count);
    this.#taken.set(run, cpus);
    return cpus;
  }

  /** Frees the CPUs of a run. */
  giveBack(run: string): void {
    this.#free.push(...(this.#taken.get(run) ?? []));
    this.#taken.delete(run);
  }
}

import { readFileSync } from 'node:fs';
import { parseRanges } from '../core/consecutive.js';
import { ifPresent } from '../core/errno.js';

/** The numbers of the CPUs that this process may use (proc(5), Cpus_allowed_list of status); none where that is not told. */
export function allowedCpus(): number[] {
  const status = ifPresent(() => readFileSync('/proc/self/status', 'utf8')) ?? '';
  const [, list] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status) ?? [];
  return list === undefined ? [] : parseRanges(list);
}

/** Hands out the CPUs of this machine to the runs of one launch, so that none has those of another. */
export class CpuPool {
  readonly #free: number[];
  readonly #taken = new Map<string, readonly number[]>();

  constructor(cpus: readonly number[]) {
    this.#free = [...cpus];
  }

  /** So many CPUs for a run; none where there are not as many free, which then goes where it may. */
  take(count: number, run: string): readonly number[] {
    if (count > this.#free.length) return [];
    const cpus = this.#free.splice(0, count);
    this.#taken.set(run, cpus);
    return cpus;
  }

  giveBack(run: string): void {
    this.#free.push(...(this.#taken.get(run) ?? []));
    this.#taken.delete(run);
  }
}

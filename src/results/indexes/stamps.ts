import { statSync } from 'node:fs';

/**
 * What tells that the records of a run that has ended are as they were: modification time (milliseconds) and size (bytes) of
 * `job.yaml` and of the last attempt's end; of a run of MLXP, of `info.yaml`. A further attempt shows in `job.yaml`, which
 * `run.sh` touches before it claims one.
 */
export const stampLength = 4;

/** Runs whose stamps are to be taken, in memory that threads share. */
export interface StampWork {
  readonly store: string;
  readonly ids: Float64Array;
  /** The last attempt of each run; 0 for a run of MLXP. */
  readonly attempts: Float64Array;
  /** `stampLength` numbers per run; NaN for what is not there, 0 for what was not looked at. */
  readonly stamps: Float64Array;
  /** One number: the first run that nobody has taken yet. */
  readonly next: Int32Array;
}

const chunk = 500;

/** Takes stamps, chunk by chunk, until none are left that another thread has not taken. */
export function takeStamps({ store, ids, attempts, stamps, next }: StampWork): void {
  for (;;) {
    const from = Atomics.add(next, 0, chunk);
    if (from >= ids.length) return;
    for (let i = from; i < Math.min(from + chunk, ids.length); i++) {
      const metadata = `${store}/${ids[i]}/metadata/`;
      const foreign = attempts[i] === 0;
      put(`${metadata}${foreign ? 'info' : 'job'}.yaml`, stamps, i * stampLength);
      if (!foreign) put(`${metadata}attempts/${attempts[i]}.end.yaml`, stamps, i * stampLength + 2);
    }
  }
}

const options = { throwIfNoEntry: false } as const;

function put(path: string, stamps: Float64Array, at: number): void {
  let stat: { readonly mtimeMs: number; readonly size: number } | undefined;
  try {
    stat = statSync(path, options);
  } catch {
    // What can't be looked at is as good as gone.
  }
  stamps[at] = stat?.mtimeMs ?? Number.NaN;
  stamps[at + 1] = stat?.size ?? Number.NaN;
}

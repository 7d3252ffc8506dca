import { statSync } from 'node:fs';

/**
 * Numbers in the stamp of an ended run, which changes when its records do: modification time (milliseconds)
 * and size (bytes) of `job.yaml` and of the end of its last attempt; for a run made by MLXP, of `info.yaml`.
 * A new attempt shows in `job.yaml`, which `run.sh` touches before it claims one.
 */
export const stampLength = 4;

/** The runs to stamp, in memory that threads share. */
export interface StampWork {
  readonly store: string;
  readonly ids: Float64Array;
  /** The last attempt of each run; 0 for a run made by MLXP. */
  readonly attempts: Float64Array;
  /** `stampLength` numbers per run; NaN for a missing file, 0 until they are taken. */
  readonly stamps: Float64Array;
  /** One number: the index of the first run that no thread has taken yet. */
  readonly next: Int32Array;
}

const chunk = 500;

/** Takes stamps, chunk by chunk, until all runs are taken by this or another thread. */
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
    // A file that can't be accessed counts as missing.
  }
  stamps[at] = stat?.mtimeMs ?? Number.NaN;
  stamps[at + 1] = stat?.size ?? Number.NaN;
}

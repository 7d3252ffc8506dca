import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { formatFlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { isAlive, readProcessIdentity, thisProcess } from '../core/process.js';
import { readLastAttempt } from '../store/index.js';

/**
 * Returns the GPUs that programs started from here can use, by CUDA's names: those in CUDA_VISIBLE_DEVICES if
 * it is set, else all devices of the machine (`/dev/nvidia0`…, which the driver makes).
 */
export function visibleGpus(environment: Readonly<Record<string, string | undefined>>): string[] {
  const listed = environment['CUDA_VISIBLE_DEVICES'];
  if (listed !== undefined) {
    // CUDA stops at the first name that it can't find; -1 means no GPU.
    const names = listed.split(',').map((name) => name.trim());
    const end = names.findIndex((name) => name === '' || name.startsWith('-'));
    return end === -1 ? names : names.slice(0, end);
  }
  const devices = ifPresent(() => readdirSync('/dev')) ?? [];
  return devices.flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? []).sort((a, b) => Number(a) - Number(b));
}

/** All users of the machine share it, so that no GPU is used twice. */
const directory = join(tmpdir(), 'mlx-gpus');

/**
 * Reserves GPUs of this machine, each for one run at a time, for all mlx processes. A GPU has numbered files,
 * one for each time that it was reserved. The last file names its owner: the launcher, or the run's
 * supervisor once the launcher is gone. The process that makes the next file gets the GPU.
 */
export class GpuPool {
  /** The files of the reserved GPUs, by run. */
  readonly #taken = new Map<string, readonly string[]>();

  constructor(readonly gpus: readonly string[]) {}

  /** Reserves `count` GPUs. Returns their names, or undefined if too few are free. */
  take(count: number, run: string): readonly string[] | undefined {
    const taken = new Map<string, string>();
    for (const gpu of this.gpus) {
      if (taken.size === count) break;
      const path = claim(gpu, run);
      if (path !== undefined) taken.set(gpu, path);
    }
    this.#taken.set(run, [...taken.values()]);
    if (taken.size === count) return [...taken.keys()];
    this.giveBack(run);
    return undefined;
  }

  /** Frees the GPUs of a run. */
  giveBack(run: string): void {
    for (const path of this.#taken.get(run) ?? []) writeFileSync(`${path}.free`, '');
    this.#taken.delete(run);
  }
}

/** Reserves a GPU if it is free. Returns its new file, or undefined if it is taken. */
function claim(gpu: string, run: string): string | undefined {
  // Every user may add files there, whatever the umask of the first one, and remove only their own.
  if (mkdirSync(directory, { recursive: true }) !== undefined) chmodSync(directory, 0o1777);
  const name = encodeURIComponent(gpu);
  const numbers = numbersOf(name);
  const last = Math.max(0, ...numbers);
  if (last > 0 && isHeld(join(directory, `${name}.${last}`))) return undefined;
  const path = join(directory, `${name}.${last + 1}`);
  const draft = `${path}.${process.pid}.tmp`;
  const { host, pid, start } = thisProcess();
  writeFileSync(draft, formatFlatRecord({ host, pid, process_start: start, run }));
  try {
    linkSync(draft, path);
  } catch {
    return undefined;
  } finally {
    rmSync(draft, { force: true });
  }
  for (const number of numbers) forget(join(directory, `${name}.${number}`));
  return path;
}

function numbersOf(name: string): number[] {
  return readdirSync(directory)
    .filter((file) => file.startsWith(`${name}.`))
    .map((file) => Number(file.slice(name.length + 1)))
    .filter(Number.isSafeInteger);
}

function isHeld(path: string): boolean {
  if (existsSync(`${path}.free`)) return false;
  const fields = parseFlatRecord(ifPresent(() => readFileSync(path, 'utf8')) ?? '');
  if (!fields || isAlive(readProcessIdentity(fields))) return true;
  try {
    const attempt = readLastAttempt(fields.get('run') ?? '');
    return attempt !== undefined && attempt.end === undefined && isAlive(attempt.claim?.process) === true;
  } catch {
    // Another user's run that can't be read may still be running.
    return true;
  }
}

/** Removes the files of an earlier reservation. Files of other users stay. */
function forget(path: string): void {
  for (const file of [path, `${path}.free`]) {
    try {
      rmSync(file, { force: true });
    } catch {
      // Only the number of the file matters, so it may stay.
    }
  }
}

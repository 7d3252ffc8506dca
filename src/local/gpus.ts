import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { formatFlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { isAlive, readProcessIdentity, thisProcess } from '../core/process.js';
import { readLastAttempt } from '../store/index.js';

/**
 * The GPUs that programs started from here can use, by the names that CUDA has for them: those of CUDA_VISIBLE_DEVICES where it is set, else
 * all devices of the machine (`/dev/nvidia0`…, as the driver makes them).
 */
export function visibleGpus(environment: Readonly<Record<string, string | undefined>>): string[] {
  const listed = environment['CUDA_VISIBLE_DEVICES'];
  if (listed !== undefined) {
    // CUDA itself stops at the first one that it can't find; -1 stands for none.
    const names = listed.split(',').map((name) => name.trim());
    const end = names.findIndex((name) => name === '' || name.startsWith('-'));
    return end === -1 ? names : names.slice(0, end);
  }
  const devices = ifPresent(() => readdirSync('/dev')) ?? [];
  return devices.flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? []).sort((a, b) => Number(a) - Number(b));
}

/** Shared by all users of the machine: a GPU is nobody's twice. */
const directory = join(tmpdir(), 'mlx-gpus');

/**
 * Hands out GPUs of this machine, each to one run at a time, whichever process asks. A GPU has a file for each time that it was handed out,
 * numbered; the last one tells who has it: the launcher, and after that is gone the run's own supervisor. Who makes the next number has it.
 */
export class GpuPool {
  /** The files that say so, by run. */
  readonly #taken = new Map<string, readonly string[]>();

  constructor(readonly gpus: readonly string[]) {}

  /** So many GPUs for a run, by name; undefined while there are not as many free. */
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

  /** Lets others have what a run had. */
  giveBack(run: string): void {
    for (const path of this.#taken.get(run) ?? []) writeFileSync(`${path}.free`, '');
    this.#taken.delete(run);
  }
}

/** Takes a GPU that nobody has; gives the file that says so, undefined where somebody has it. */
function claim(gpu: string, run: string): string | undefined {
  // Anybody may add files there, whatever the umask of who came first, and remove only their own.
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
    // Another user's run that can't be read may well go on.
    return true;
  }
}

/** Files of before; those of other users stay. */
function forget(path: string): void {
  for (const file of [path, `${path}.free`]) {
    try {
      rmSync(file, { force: true });
    } catch {
      // Its number counts, nothing else.
    }
  }
}

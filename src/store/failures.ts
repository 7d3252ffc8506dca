import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { maxFailuresFile, storePaths } from './paths.js';
import type { CompleteRun } from './read-run.js';
import { retryOf } from './restarts.js';

// A launch with `--max-failures` has a file with the number, and a directory with an empty file for each of
// its runs that has ended badly. `run.sh` counts these when a run starts, and writes them when one ends; mlx
// adds the ends that no supervisor saw. One file for each run: whoever writes it, and however often, the run
// counts once.

/** Returns after how many failures no further run of a launch starts; undefined without a limit. */
export function readMaxFailures(store: string, launch: string): number | undefined {
  const path = join(storePaths.launch(store, launch), maxFailuresFile);
  const text = existsSync(path) ? ifPresent(() => readFileSync(path, 'utf8')) : undefined;
  return text !== undefined && /^[1-9]\d*$/.test(text.trim()) ? Number(text) : undefined;
}

/** Sets after how many failures no further run of a launch starts. Throws the system's error. */
export function writeMaxFailures(store: string, launch: string, most: number): void {
  mkdirSync(storePaths.failures(store, launch), { recursive: true });
  writeFileAtomic(join(storePaths.launch(store, launch), maxFailuresFile), `${most}\n`);
}

/** Returns the runs of a launch that have ended badly, by id; none for a launch that does not count them. */
export function failedRuns(store: string, launch: string): number[] {
  const names = ifPresent(() => readdirSync(storePaths.failures(store, launch))) ?? [];
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Counts a run that has ended for good as a failure of its launch, or no longer, if its launch counts them. A
 * run that `goesOn` is left as it was. A store that can't be written to changes nothing: whoever looks next
 * counts it.
 */
export function noteOutcome({ directory, job, status }: EndedRun, goesOn: boolean): void {
  if (!job || goesOn) return;
  const failures = storePaths.failures(dirname(directory), job.launch);
  if (!existsSync(failures)) return;
  const path = join(failures, basename(directory));
  try {
    switch (status.status) {
      case 'COMPLETE':
        rmSync(path, { force: true });
        return;
      case 'STOPPED':
        if (!job.verdict?.turnedAway) rmSync(path, { force: true });
        return;
      case 'FAILED':
      case 'TIMEOUT':
      case 'PREEMPTED':
        if (!existsSync(path)) writeFileSync(path, '');
    }
  } catch {
    // Somebody else's store, or a full disk.
  }
}

type EndedRun = Pick<CompleteRun, 'directory' | 'job' | 'status'>;

/** `noteOutcome` for a run of which only its records are known, and not what its launch asked for. */
export function noteRecordedOutcome(run: CompleteRun): void {
  const { status } = run.status;
  const { mayGoOn, queued } = run.job ?? {};
  const isCut = status === 'TIMEOUT' || status === 'PREEMPTED';
  noteOutcome(run, isCut ? (mayGoOn ?? Boolean(queued?.continues)) : retryOf(run) !== undefined);
}

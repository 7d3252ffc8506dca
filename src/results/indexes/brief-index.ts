import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { writeFileAtomic } from '../../core/atomic-file.js';
import { packageDirectory } from '../../core/package-directory.js';
import { storePaths } from '../../store/index.js';
import { type StampWork, stampLength, takeStamps } from './stamps.js';

/** What the index keeps of an ended run. */
export interface IndexedRun {
  readonly id: number;
  /** Its last attempt; 0 for a run made by MLXP. */
  readonly attempt: number;
  readonly status: string;
  readonly reason: string | undefined;
  /** Why its program failed, by its logs. */
  readonly error: { readonly text: string; readonly place: string | undefined; readonly kind: string } | undefined;
  readonly launch: string | undefined;
}

/**
 * The file of the index: one JSON object, replaced by a rename, so that any number of processes may read and
 * write it. Reading 100,000 runs takes a tenth of a second. A binary database would need a compiler at
 * install or Node 22, and locks over NFS.
 */
interface IndexFile {
  readonly format: typeof format;
  readonly ids: readonly number[];
  readonly attempts: readonly number[];
  /** Indices into `texts`, as are the next ones. */
  readonly statuses: readonly number[];
  readonly reasons: readonly number[];
  readonly errors: readonly number[];
  readonly errorPlaces: readonly number[];
  readonly errorKinds: readonly number[];
  readonly launches: readonly number[];
  readonly texts: readonly string[];
  /** `stampLength` Float64 numbers per run, in base 64. */
  readonly stamps: string;
}

const format = 'mlx index 2';

/** A file written less than this many milliseconds ago may change again without a new modification time. */
const tooFresh = 2000;

/** One thread for each of this many runs: for fewer, starting a thread takes longer than the work. */
const runsPerThread = 8000;

/**
 * Starts checking which runs of the index are unchanged, in threads if there are many. Returns a function
 * that helps the threads finish and resolves to the unchanged runs, by ascending id: call it last. An index
 * that is missing, cut short or of another version has none.
 */
export function readIndex(store: string): () => Promise<IndexedRun[]> {
  const known = readFile(store);
  if (!known) return async () => [];
  const { file, stamps } = known;
  const finish = beginStamps(store, file.ids, file.attempts);
  return async () => {
    const now = await finish();
    const text = (number: number | undefined) => (number === undefined ? undefined : file.texts[number]);
    const valid: IndexedRun[] = [];
    file.ids.forEach((id, i) => {
      for (let k = i * stampLength; k < (i + 1) * stampLength; k++) if (now[k] !== stamps[k]) return;
      valid.push({
        id,
        attempt: file.attempts[i] ?? 0,
        status: text(file.statuses[i]) ?? '',
        reason: text(file.reasons[i]) || undefined,
        error: errorOf(text(file.errors[i]), text(file.errorPlaces[i]), text(file.errorKinds[i])),
        launch: text(file.launches[i]) || undefined,
      });
    });
    return valid;
  };
}

/**
 * Rewrites the index. `now` is the `fileSystemTime` before the runs were read: runs whose files are so fresh
 * that a later change may go unnoticed are left out. Does not throw if it can't write: the next listing takes
 * longer.
 */
export async function writeIndex(store: string, runs: readonly IndexedRun[], now: number): Promise<void> {
  try {
    const finish = beginStamps(
      store,
      runs.map(({ id }) => id),
      runs.map(({ attempt }) => attempt),
    );
    const all = await finish();
    const settled = runs.flatMap((run, i) => {
      const stamp = all.slice(i * stampLength, (i + 1) * stampLength);
      const [record = Number.NaN, , end = Number.NaN] = stamp;
      return Math.max(record, end) < now - tooFresh ? [{ run, stamp }] : [];
    });
    writeFileAtomic(indexPath(store), JSON.stringify(fileOf(settled)));
  } catch {
    // The store is read-only, or the disk full.
  }
}

const errorOf = (text = '', place = '', kind = '') =>
  text === '' ? undefined : { text, place: place || undefined, kind };

const indexPath = (store: string) => join(storePaths.internal(store), 'index.json');

function readFile(store: string): { readonly file: IndexFile; readonly stamps: Float64Array } | undefined {
  try {
    const file: IndexFile = JSON.parse(readFileSync(indexPath(store), 'utf8'));
    if (file.format !== format) return undefined;
    const bytes = Buffer.from(file.stamps, 'base64');
    const stamps = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    return stamps.length === file.ids.length * stampLength ? { file, stamps } : undefined;
  } catch {
    return undefined;
  }
}

function fileOf(entries: readonly { readonly run: IndexedRun; readonly stamp: Float64Array }[]): IndexFile {
  const texts = new Map<string, number>();
  const numberOf = (text = '') => {
    const number = texts.get(text) ?? texts.size;
    texts.set(text, number);
    return number;
  };
  const stamps = new Float64Array(entries.length * stampLength);
  entries.forEach(({ stamp }, i) => {
    stamps.set(stamp, i * stampLength);
  });
  const runs = entries.map(({ run }) => run);
  return {
    format,
    ids: runs.map(({ id }) => id),
    attempts: runs.map(({ attempt }) => attempt),
    statuses: runs.map(({ status }) => numberOf(status)),
    reasons: runs.map(({ reason }) => numberOf(reason)),
    errors: runs.map(({ error }) => numberOf(error?.text)),
    errorPlaces: runs.map(({ error }) => numberOf(error?.place)),
    errorKinds: runs.map(({ error }) => numberOf(error?.kind)),
    launches: runs.map(({ launch }) => numberOf(launch)),
    texts: [...texts.keys()],
    stamps: Buffer.from(stamps.buffer).toString('base64'),
  };
}

/**
 * The time in milliseconds by the clock that stamps the store's files, which on NFS is another host's.
 * Undefined if the store can't be written to.
 */
export function fileSystemTime(store: string): number | undefined {
  const probe = `${indexPath(store)}.${hostname()}.${process.pid}.probe`;
  try {
    // Stores made by MLXP, and copies of runs, do not have this directory.
    mkdirSync(storePaths.internal(store), { recursive: true });
    const file = openSync(probe, 'w');
    const { mtimeMs } = fstatSync(file);
    closeSync(file);
    unlinkSync(probe);
    return mtimeMs;
  } catch {
    return undefined;
  }
}

/** Starts taking stamps in threads. Returns a function that helps them and resolves to all stamps. */
function beginStamps(store: string, ids: readonly number[], attempts: readonly number[]): () => Promise<Float64Array> {
  const work: StampWork = {
    store,
    ids: shared(ids.length),
    attempts: shared(ids.length),
    stamps: shared(ids.length * stampLength),
    next: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  };
  work.ids.set(ids);
  work.attempts.set(attempts);
  const threads = Math.min(availableParallelism(), Math.ceil(ids.length / runsPerThread), 8);
  const others = Array.from({ length: Math.max(0, threads - 1) }, () => stampInThread(work));
  return async () => {
    takeStamps(work);
    await Promise.all(others);
    return work.stamps;
  };
}

const shared = (length: number) => new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));

/**
 * Resolves when the thread is done or has died. Stamps that it did not take are 0, which no index entry has.
 */
function stampInThread(work: StampWork): Promise<void> {
  return new Promise((resolve) => {
    const worker = new Worker(join(packageDirectory(), 'dist', 'results', 'stat-worker.cjs'), { workerData: work });
    worker.once('message', () => resolve());
    worker.once('error', () => resolve());
    worker.once('exit', () => resolve());
  });
}

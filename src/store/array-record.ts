import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { formatFlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { storePaths } from './paths.js';
import { readSubmitted, type SubmittedAs, submittedFields } from './submitted-as.js';

/**
 * The record of an array job of a launch: `arrays/N.yaml`. `arrays/N.map` has one line for each task: the id
 * of its run, or of several runs that the task runs one after another.
 */
export interface ArrayRecord {
  readonly token: string;
  /** Undefined until the engine has accepted the array. */
  readonly jobId: string | undefined;
  /** The id of each task, in order, if the engine gives tasks ids of their own; else see `taskPattern`. */
  readonly taskIds: readonly string[] | undefined;
  /** The id of a task with `{task}` for its index: `87_{task}`. */
  readonly taskPattern: string | undefined;
  /** Known together with `jobId`, but not in old records. */
  readonly submitted?: SubmittedAs | undefined;
  /**
   * How many tasks were submitted. Runs with a higher index were to be its tasks as well, but the engine had
   * no room for them. Undefined in old records: all.
   */
  readonly tasks?: number | undefined;
}

const arrayPath = (store: string, launch: string, array: number, kind: 'yaml' | 'map' | 'sh' | 'log') =>
  join(storePaths.launch(store, launch), 'arrays', `${array}.${kind}`);

/**
 * Returns the paths of an array's files: its record, the map to runs, the script, and the engine's own log.
 */
export function arrayPaths(
  store: string,
  launch: string,
  array: number,
): Record<'record' | 'map' | 'script' | 'log', string> {
  return {
    record: arrayPath(store, launch, array, 'yaml'),
    map: arrayPath(store, launch, array, 'map'),
    script: arrayPath(store, launch, array, 'sh'),
    log: arrayPath(store, launch, array, 'log'),
  };
}

/** Writes an array's record. The record is on the disk when this returns. Throws the system's error. */
export function writeArray(store: string, launch: string, array: number, record: ArrayRecord): void {
  const text = formatFlatRecord({
    token: record.token,
    job_id: record.jobId ?? null,
    task_pattern: record.taskPattern ?? null,
    task_ids: record.taskIds?.join(' ') ?? null,
    ...submittedFields(record.submitted),
    ...(record.tasks !== undefined && { tasks: record.tasks }),
  });
  const path = arrayPath(store, launch, array, 'yaml');
  writeFileAtomic(path, text, { flush: true });
  recent.delete(path);
}

/** Reads an array's record. Returns undefined if it is missing or incomplete. */
export function readArray(store: string, launch: string, array: number): ArrayRecord | undefined {
  const text = ifPresent(() => readFileSync(arrayPath(store, launch, array, 'yaml'), 'utf8'));
  const fields = text === undefined ? undefined : parseFlatRecord(text);
  const token = fields?.get('token');
  if (!fields || token === undefined) return undefined;
  return {
    token,
    jobId: fields.get('job_id'),
    taskPattern: fields.get('task_pattern'),
    taskIds: fields.get('task_ids')?.split(' '),
    submitted: readSubmitted(fields),
    tasks: fields.has('tasks') ? Number(fields.get('tasks')) : undefined,
  };
}

/** Returns how many arrays a launch has. They are numbered from 0. */
export function countArrays(store: string, launch: string): number {
  const names = ifPresent(() => readdirSync(join(storePaths.launch(store, launch), 'arrays'))) ?? [];
  return Math.max(0, ...names.map((name) => Number.parseInt(name, 10) + 1).filter(Number.isFinite));
}

/** Returns the run ids of each task of an array, in order; [] if the map is missing. */
export function readArrayMap(store: string, launch: string, array: number): number[][] {
  const text = ifPresent(() => readFileSync(arrayPath(store, launch, array, 'map'), 'utf8')) ?? '';
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').map(Number));
}

/** The last records that were read, and when (milliseconds since 1970): a thousand runs share one record. */
const recent = new Map<string, { readonly at: number; readonly record: ArrayRecord | undefined }>();
const freshMilliseconds = 200;

/** Reads an array's record as `readArray` does, but not again if it was read a moment ago. */
export function readArrayAgain(store: string, launch: string, array: number): ArrayRecord | undefined {
  const path = arrayPath(store, launch, array, 'yaml');
  const now = Date.now();
  let entry = recent.get(path);
  if (!entry || now - entry.at > freshMilliseconds) {
    entry = { at: now, record: readArray(store, launch, array) };
    recent.set(path, entry);
  }
  return entry.record;
}

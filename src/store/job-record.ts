import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { type FlatRecord, formatFlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { type ProcessIdentity, readProcessIdentity } from '../core/process.js';
import { fail } from '../failures/index.js';
import { type Dependencies, dependencyFields, readDependencies } from './dependencies.js';
import { runPaths } from './paths.js';
import { type FinalStatus, isFinalStatus } from './status.js';

/** What the launcher's side concluded about an attempt: it stopped it, or saw it over its limit. */
export interface Verdict {
  readonly status: FinalStatus;
  /** The attempt it is about. */
  readonly attempt: number;
  readonly reason: string;
}

/** `metadata/job.yaml`: what the launcher's side knows of a run. Only that side writes it. */
export interface JobRecord {
  /** New for each submission; tells a restart of the same submission from a new one. */
  readonly token: string;
  /** The attempt that this submission starts with; earlier ones belong to submissions before it. */
  readonly firstAttempt: number;
  /** How often mlx had started the run again by itself before this submission: after its time limit, and for other reasons. */
  readonly continued?: number | undefined;
  readonly requeued?: number | undefined;
  readonly launch: string;
  /** The point's number in the launch, from 0. */
  readonly point: number;
  /** The engine's name, or the path of a user's own. */
  readonly engine: string;
  /** Undefined before the engine has accepted the job, and for a task of an array, whose record tells it. */
  readonly jobId: string | undefined;
  /** The engine's variable that holds the job's id inside the job. */
  readonly idVariable: string | undefined;
  /** Which task of which array of the launch the run is, tasks counted from 1; undefined for a job of its own. */
  readonly task: ArrayTask | undefined;
  /** Whether the engine restarts the job under a new id, so that another id is no second submission. */
  readonly restartsGetNewIds: boolean;
  /** Host, process and its start, of the launcher that started the run, where the engine is this machine itself. */
  readonly launcher: ProcessIdentity | undefined;
  readonly verdict: Verdict | undefined;
  /** The runs that this submission waits for; those that had ended as they were to are not among them. */
  readonly after?: Dependencies | undefined;
  /** The name that was given to the jobs. */
  readonly name?: string | undefined;
  /** The command line as the script has it; undefined in records that were made before it was kept here. */
  readonly command?: string | undefined;
  /** How many values its config was given, by which a part of it is told; undefined as above. */
  readonly configKeys?: number | undefined;
  /** The engine's queue that it was submitted to, as far as that is known. */
  readonly queue?: string | undefined;
  /** What it asks for otherwise than its launch, as JSON. */
  readonly changed?: string | undefined;
  /** What the local queue has to know of it. */
  readonly queued?: QueuedJob | undefined;
}

/** A run in the local queue, which `mlx execute` runs. */
export interface QueuedJob {
  /** The higher, the earlier. */
  readonly priority: number;
  /** How many of the queue's slots it takes. */
  readonly slots: number;
  readonly gpus: number;
  /** Its time limit, in seconds. */
  readonly limit: number | undefined;
  /** The most memory that it may use; bytes. */
  readonly mem?: number | undefined;
  /** What it is sent before its limit, `USR1@120`. */
  readonly signal?: string | undefined;
  readonly signalTo?: 'program' | undefined;
  /** Whether it goes on after its limit as its next attempt; a number says how often at most. */
  readonly continues?: boolean | number | undefined;
  /** Whether its output is shown by what runs it. */
  readonly shown: boolean;
  readonly held: boolean;
}

/** A task of an array job. */
export interface ArrayTask {
  /** The number of the array's record in the launch. */
  readonly array: number;
  /** The engine's index of the task, from 1. */
  readonly index: number;
}

/** Writes `job.yaml`; with `flush` it is on disk on return, as is needed before a submission. */
export function writeJob(run: string, job: JobRecord, options?: { readonly flush?: boolean }): void {
  writeFileAtomic(runPaths.job(run), formatJob(job), options);
}

/** The text of `job.yaml`. */
export function formatJob(job: JobRecord): string {
  return formatFlatRecord({
    token: job.token,
    first_attempt: job.firstAttempt,
    ...(job.continued ? { continued: job.continued } : {}),
    ...(job.requeued ? { requeued: job.requeued } : {}),
    launch: job.launch,
    point: job.point,
    engine: job.engine,
    job_id: job.jobId ?? null,
    id_variable: job.idVariable ?? null,
    array: job.task?.array ?? null,
    task: job.task?.index ?? null,
    restarts_get_new_ids: job.restartsGetNewIds ? 1 : null,
    host: job.launcher?.host ?? null,
    pid: job.launcher?.pid ?? null,
    process_start: job.launcher?.start ?? null,
    verdict: job.verdict?.status ?? null,
    verdict_attempt: job.verdict?.attempt ?? null,
    verdict_reason: job.verdict?.reason ?? null,
    ...dependencyFields(job.after),
    ...(job.name !== undefined && { name: job.name }),
    ...(job.command !== undefined && { command: job.command }),
    ...(job.configKeys !== undefined && { config_keys: job.configKeys }),
    ...(job.queue !== undefined && { queue: job.queue }),
    ...(job.changed !== undefined && { changed: job.changed }),
    ...(job.queued && queuedFields(job.queued)),
  });
}

/** Reads `job.yaml`; undefined where there is none (a run of MLXP). Throws `broken-record` where it is not whole. */
export function readJob(run: string): JobRecord | undefined {
  const path = runPaths.job(run);
  const text = ifPresent(() => readFileSync(path, 'utf8'));
  if (text === undefined) return undefined;
  const fields = parseFlatRecord(text);
  const token = fields?.get('token');
  const launch = fields?.get('launch');
  if (!fields || token === undefined || launch === undefined) {
    return fail({ reason: 'broken-record', path, problem: { kind: 'cut-short-or-edited' } });
  }
  return {
    token,
    firstAttempt: Number(fields.get('first_attempt') ?? 1),
    continued: Number(fields.get('continued') ?? 0),
    requeued: Number(fields.get('requeued') ?? 0),
    launch,
    point: Number(fields.get('point')),
    engine: fields.get('engine') ?? 'unknown',
    jobId: fields.get('job_id'),
    idVariable: fields.get('id_variable'),
    task: fields.has('array') ? { array: Number(fields.get('array')), index: Number(fields.get('task')) } : undefined,
    restartsGetNewIds: fields.has('restarts_get_new_ids'),
    launcher: readProcessIdentity(fields),
    verdict: readVerdict(fields),
    after: readDependencies(fields),
    name: fields.get('name'),
    command: fields.get('command'),
    configKeys: fields.has('config_keys') ? Number(fields.get('config_keys')) : undefined,
    queue: fields.get('queue'),
    changed: fields.get('changed'),
    queued: readQueued(fields),
  };
}

const queuedFields = (queued: QueuedJob) => {
  const { priority, slots, gpus, limit, shown, held, mem, signal, signalTo, continues } = queued;
  const more = {
    mem,
    signal,
    signal_to: signalTo,
    continue_on_timeout: continues === undefined ? undefined : String(continues),
  };
  return {
    priority,
    slots,
    gpus,
    limit: limit ?? null,
    ...Object.fromEntries(
      Object.entries(more).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
    ),
    shown: shown ? 1 : null,
    held: held ? 1 : null,
  };
};

function readQueued(fields: FlatRecord): QueuedJob | undefined {
  const priority = fields.get('priority');
  if (priority === undefined) return undefined;
  const limit = fields.get('limit');
  return {
    priority: Number(priority),
    slots: Number(fields.get('slots') ?? 1),
    gpus: Number(fields.get('gpus') ?? 0),
    limit: limit === undefined ? undefined : Number(limit),
    mem: fields.has('mem') ? Number(fields.get('mem')) : undefined,
    signal: fields.get('signal'),
    signalTo: fields.get('signal_to') === 'program' ? 'program' : undefined,
    continues: readTimes(fields.get('continue_on_timeout')),
    shown: fields.has('shown'),
    held: fields.has('held'),
  };
}

function readTimes(text: string | undefined): boolean | number | undefined {
  if (text === undefined) return undefined;
  return text === 'true' ? true : text === 'false' ? false : Number(text);
}

function readVerdict(fields: FlatRecord): Verdict | undefined {
  const status = fields.get('verdict');
  if (status === undefined || !isFinalStatus(status)) return undefined;
  return { status, attempt: Number(fields.get('verdict_attempt')), reason: fields.get('verdict_reason') ?? '' };
}

import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { type FlatRecord, formatFlatRecord, parseFlatRecord } from '../core/flat-record.js';
import { type ProcessIdentity, readProcessIdentity } from '../core/process.js';
import { fail } from '../failures/index.js';
import { type Dependencies, dependencyFields, readDependencies } from './dependencies.js';
import { runPaths } from './paths.js';
import { type FinalStatus, isFinalStatus } from './statuses.js';
import { readSubmitted, type SubmittedAs, submittedFields } from './submitted-as.js';

/**
 * The status that a launcher gave to an attempt, because it stopped it or saw it exceed its limit; LOST if it
 * saw that the attempt could not start.
 */
export interface Verdict {
  readonly status: FinalStatus | 'LOST';
  /** The number of the attempt. */
  readonly attempt: number;
  readonly reason: string;
  /** True if it is the run's own: it did not start because others of its launch had failed. */
  readonly turnedAway?: true;
}

/** A run's job record, `metadata/job.yaml`. Only launchers write it, never the run itself. */
export interface JobRecord {
  /** New for each submission, so that a restart of the same submission can be recognised. */
  readonly token: string;
  /** The first attempt of this submission; lower numbers belong to earlier submissions. */
  readonly firstAttempt: number;
  /**
   * How often mlx had restarted the run by itself before this submission: after its time limit, after it had
   * failed, and for other reasons.
   */
  readonly continued?: number | undefined;
  readonly retried?: number | undefined;
  readonly requeued?: number | undefined;
  /** How often the run is tried again after it failed by itself; undefined for never. */
  readonly retries?: number | undefined;
  /** After which failures, as `--retry-on` has it: `1,137,oom`; undefined for all but a wrong input. */
  readonly retryOn?: string | undefined;
  /** True if the run may start again by itself after its time limit or a preemption. */
  readonly mayGoOn?: boolean | undefined;
  /** True if it starts however many runs of its launch have failed, because somebody submitted it again. */
  readonly despiteFailures?: boolean | undefined;
  readonly launch: string;
  /** The point's number in the launch, from 0. */
  readonly point: number;
  /** The engine's name, or the path of a user's own engine. */
  readonly engine: string;
  /**
   * Undefined until the engine has accepted the job, and for a task of an array, whose record has it. A job
   * that is not in the engine's default cluster has it behind its id: `502;other`.
   */
  readonly jobId: string | undefined;
  /** Known together with `jobId`, but not in old records. */
  readonly submitted?: SubmittedAs | undefined;
  /** The variable that holds the job's id inside the job. */
  readonly idVariable: string | undefined;
  /** The run's task in an array of the launch; undefined if the run is a job of its own. */
  readonly task: ArrayTask | undefined;
  /** True if a restart gets a new job id, so that another id does not mean a second submission. */
  readonly restartsGetNewIds: boolean;
  /** The launcher that started the run, if it runs on this machine without an engine. */
  readonly launcher: ProcessIdentity | undefined;
  readonly verdict: Verdict | undefined;
  /** The runs that this submission waits for, without those whose condition was already met. */
  readonly after?: Dependencies | undefined;
  /** Its turn among the jobs of its launch, with `--max-running`. */
  readonly turn?: Turn | undefined;
  /** The name that the user gave to the jobs. */
  readonly name?: string | undefined;
  /** The command line in the script; undefined in old records. */
  readonly command?: string | undefined;
  /**
   * The number of values in its config, by which an incomplete config is recognised; undefined in old
   * records.
   */
  readonly configKeys?: number | undefined;
  /** The engine's queue that it was submitted to, if known. */
  readonly queue?: string | undefined;
  /** The umask of its launch, as four octal digits, with which it writes. */
  readonly umask?: string | undefined;
  /** The resources in which it differs from its launch, as JSON. */
  readonly changed?: string | undefined;
  /** Set if it is in the local queue. */
  readonly queued?: QueueEntry | undefined;
}

/** A run's entry in the local queue, which `mlx execute` works through. */
export interface QueueEntry {
  /** A higher priority runs earlier. */
  readonly priority: number;
  /** The number of slots that it takes. */
  readonly slots: number;
  readonly gpus: number;
  /** The time limit, in seconds. */
  readonly limit: number | undefined;
  /** The memory limit, in bytes. */
  readonly mem?: number | undefined;
  /** The signal before its limit: `USR1@120`. */
  readonly signal?: string | undefined;
  readonly signalTo?: 'program' | undefined;
  /** Whether it continues after its limit as its next attempt; a number is the most times. */
  readonly continues?: boolean | number | undefined;
  /** True if `mlx execute` shows its output. */
  readonly shown: boolean;
  readonly held: boolean;
}

/** When the job of a run has its turn in a launch of which only so many jobs may run at once. */
export interface Turn {
  /** Jobs of the same lane run one after the other; undefined for an array, which keeps to none. */
  readonly lane: number | undefined;
  /** Later jobs of the launch have higher numbers. */
  readonly order: number;
  /** The runs of the launch whose jobs it waits for, as ranges: `1-400,405`. Its engine knows their jobs. */
  readonly behind: string;
}

/** A task of an array job. */
export interface ArrayTask {
  /** The number of the array's record in the launch. */
  readonly array: number;
  /** The task's index in the engine, from 1. */
  readonly index: number;
}

/**
 * Writes `job.yaml`. With `flush` it is on the disk when this returns, which a submission needs. Throws the
 * system's error.
 */
export function writeJob(run: string, job: JobRecord, options?: { readonly flush?: boolean }): void {
  writeFileAtomic(runPaths.job(run), formatJob(job), options);
}

/** Returns the text of `job.yaml`. */
export function formatJob(job: JobRecord): string {
  return formatFlatRecord({
    token: job.token,
    first_attempt: job.firstAttempt,
    ...(job.continued ? { continued: job.continued } : {}),
    ...(job.retried ? { retried: job.retried } : {}),
    ...(job.requeued ? { requeued: job.requeued } : {}),
    ...(job.retries ? { retries: job.retries } : {}),
    ...(job.retries && job.retryOn !== undefined ? { retry_on: job.retryOn } : {}),
    ...(job.mayGoOn ? { may_go_on: 1 } : {}),
    ...(job.despiteFailures ? { despite_failures: 1 } : {}),
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
    ...(job.turn && { lane: job.turn.lane ?? null, order: job.turn.order, behind: job.turn.behind }),
    ...(job.name !== undefined && { name: job.name }),
    ...(job.command !== undefined && { command: job.command }),
    ...(job.configKeys !== undefined && { config_keys: job.configKeys }),
    ...(job.queue !== undefined && { queue: job.queue }),
    ...submittedFields(job.submitted),
    ...(job.umask !== undefined && { umask: job.umask }),
    ...(job.changed !== undefined && { changed: job.changed }),
    ...(job.queued && queuedFields(job.queued)),
  });
}

/**
 * Reads `job.yaml`. Returns undefined if it is missing (a run of MLXP). Throws `broken-record` if it is
 * incomplete.
 */
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
    retried: Number(fields.get('retried') ?? 0),
    requeued: Number(fields.get('requeued') ?? 0),
    retries: fields.has('retries') ? Number(fields.get('retries')) : undefined,
    retryOn: fields.get('retry_on'),
    mayGoOn: fields.has('may_go_on') || undefined,
    despiteFailures: fields.has('despite_failures') || undefined,
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
    turn: readTurn(fields),
    name: fields.get('name'),
    command: fields.get('command'),
    configKeys: fields.has('config_keys') ? Number(fields.get('config_keys')) : undefined,
    queue: fields.get('queue'),
    submitted: readSubmitted(fields),
    umask: fields.get('umask'),
    changed: fields.get('changed'),
    queued: readQueued(fields),
  };
}

const queuedFields = (queued: QueueEntry) => {
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

function readQueued(fields: FlatRecord): QueueEntry | undefined {
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

function readTurn(fields: FlatRecord): Turn | undefined {
  const [lane, order] = [fields.get('lane'), fields.get('order')];
  if (order === undefined) return undefined;
  return {
    lane: lane === undefined ? undefined : Number(lane),
    order: Number(order),
    behind: fields.get('behind') ?? '',
  };
}

function readVerdict(fields: FlatRecord): Verdict | undefined {
  const status = fields.get('verdict');
  if (status === undefined || !(isFinalStatus(status) || status === 'LOST')) return undefined;
  return { status, attempt: Number(fields.get('verdict_attempt')), reason: fields.get('verdict_reason') ?? '' };
}

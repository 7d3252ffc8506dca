import type { EngineAnswer } from '../store/index.js';
import type { HeaderDialect } from './header.js';
import type { SubmitWords } from './own-submission.js';
import type { QueueQuery } from './queues.js';
import type { ResourceName, Resources } from './resources.js';
import type { JobUsage } from './usage.js';

/**
 * A batch engine as data in, data out: what to write into a script, which command to start, what its output means. It starts
 * no process and reads no file; `submit.ts` and `poll.ts` do. A user's own engine is a module that exports this.
 */
export interface BatchEngine {
  /** Short names first: what `--scheduler` and the setting `scheduler.name` accept. */
  readonly names: readonly [name: string, ...others: string[]];
  /** What people call it. */
  readonly title: string;
  /** What the lines begin with that it reads from a script. */
  readonly marker: string;
  /** How it is told to be on a machine. */
  readonly detect: Detection;
  /** The variable in which it tells a job its id. */
  readonly idVariable: string;
  /** The task's index, and the id of the task's job, as a script's shell finds them in the engine's variables. */
  readonly task: { readonly index: string; readonly jobId: string };
  /** Exit codes of a job that make the engine do something. */
  readonly reservedExitCodes: readonly number[];
  /** Whether its signals, KILL and STOP too, reach the processes of a job's group and no others; a user's own engine may leave it out. */
  readonly signalsGroup?: boolean;
  /** How a job has itself started again from inside, as the same job: it ends with this code, or starts this command with its id behind. */
  readonly restart?: { readonly exitCode: number } | { readonly command: readonly string[] };
  /** Whether it sends the signal of `--signal` itself, as its directives say; otherwise the supervisor does. */
  readonly warns?: boolean;
  /** What decides, in its place, how long a job may take to end when it is told to. */
  readonly grace?: string;
  /** How it reads a script that people already have; a user's own engine may do without. */
  readonly header?: HeaderDialect;
  /** Which native options mean what a resource means, what `--after` means, or what mlx sets itself (`reserved`), by how they begin. */
  readonly nativeOptions: Readonly<Partial<Record<ResourceName | 'after' | 'reserved', RegExp>>>;

  /** Whether it writes a job's output to this path; where not, the supervisor does. */
  canWriteTo(path: string): boolean;
  /** A name that it accepts for one that it may not. */
  nameOf(name: string): string;
  /** The lines at the head of the script, natives last. Throws `resource-unsupported`. */
  directives(job: JobRequest): string[];
  /** Whether the job is restarted under a new id. */
  restartsGetNewIds(job: JobRequest): boolean;

  /** The command that submits it, and what that has said. */
  submission(job: JobRequest): EngineCommand;
  readSubmission(result: CommandResult, job: JobRequest): SubmitOutcome;
  /** The ids of an array's tasks, `{task}` for the index, by the array's id; undefined where they are numbered on from it. */
  taskPattern(jobId: string): string | undefined;
  /**
   * The words of the submission by which the job waits for others. What the engine can't say exactly it says as "has ended": the
   * script looks how. Undefined for an engine that can't make jobs wait.
   */
  readonly dependency?: (after: JobDependencies) => readonly string[];
  /** Whether an array would wait for these jobs as well; undefined for always. */
  readonly arrayWaits?: (after: JobDependencies) => boolean;
  /** Finds jobs of submissions whose answer was lost, among those that have not ended: by token. */
  readonly find: readonly Query<readonly string[], ReadonlyMap<string, string>>[];

  /** What has become of jobs: asked one after the other, each about what is still unknown. */
  readonly polls: readonly Query<readonly string[], ReadonlyMap<string, EngineAnswer>>[];
  /** What it tells a person about one job beyond its state: name and text of each fact. */
  readonly details: readonly Query<string, readonly (readonly [name: string, text: string])[]>[];
  /** Undefined where the engine has no such thing. */
  cancel(jobIds: readonly string[]): EngineCommand | undefined;
  hold(jobIds: readonly string[]): EngineCommand | undefined;
  release(jobIds: readonly string[]): EngineCommand | undefined;
  requeue(jobIds: readonly string[]): EngineCommand | undefined;
  /** Whether a failed `cancel`, `hold`, … only says that a job has ended already. */
  isHarmless(result: CommandResult): boolean;
  /** What tells of its queues as they are now; a user's own engine may do without. */
  readonly queues?: QueueQuery;
  /** What jobs that have ended used; a user's own engine may do without. */
  readonly usage?: Query<readonly string[], ReadonlyMap<string, JobUsage>>;
  /** The places of waiting jobs in the queue, from 1, and how many wait; where the engine has an order that it tells. */
  readonly places?: Query<readonly string[], ReadonlyMap<string, QueuePlace>>;
  /** What it allows. */
  readonly limits: readonly Query<undefined, EngineLimits>[];
}

/** Where a job stands among all that wait. */
export interface QueuePlace {
  readonly place: number;
  readonly of: number;
}

/** How an engine is told to be there: a command, and what one that others have too says of itself. */
export interface Detection {
  readonly command: string;
  readonly probe?: { readonly argv: readonly [string, ...string[]]; readonly says: RegExp };
}

/** A job to be submitted. Paths are absolute. */
export interface JobRequest {
  readonly name: string;
  /** Undefined where the supervisor writes the log files. */
  readonly stdout: string | undefined;
  readonly stderr: string | undefined;
  readonly script: string;
  readonly shell: string;
  readonly token: string;
  readonly resources: Resources;
  /** Options in the engine's own words, one each. */
  readonly options: readonly string[];
  /** An array of so many tasks, counted from 1. */
  readonly array: { readonly count: number; readonly maxRunning: number | undefined } | undefined;
  /** Jobs of the same engine that it waits for. */
  readonly after?: JobDependencies | undefined;
  /** What its user submits it with: these words then stand before mlx's own, and ask for the array. */
  readonly submit?: SubmitWords | undefined;
}

/** Ids of jobs that must have ended well, have ended, or have ended badly. */
export interface JobDependencies {
  readonly ok: readonly string[];
  readonly any: readonly string[];
  readonly fail: readonly string[];
}

/** A process to start: argv, never shell text. */
export interface EngineCommand {
  readonly argv: readonly [command: string, ...words: string[]];
  /** Over the environment of mlx; undefined takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** A file that it reads. */
  readonly stdin?: string;
  /** Where it runs, where that matters. */
  readonly cwd?: string;
}

export interface CommandResult {
  /** Undefined where it was ended by a signal, or could not be started. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** It did not answer within its time and was given up. */
  readonly timedOut: boolean;
  /** There is no such command. */
  readonly missing: boolean;
}

/** What a submission came to. Words are the engine's own. */
export type SubmitOutcome =
  | {
      readonly kind: 'accepted';
      readonly jobId: string;
      /** Of an array whose tasks have ids that `taskPattern` does not tell. */
      readonly taskIds?: readonly string[];
    }
  /** For good: another try would be refused as well. */
  | { readonly kind: 'refused'; readonly words: string }
  /** Not submitted for a reason that passes; `limit` where it is a limit of jobs. */
  | { readonly kind: 'not-now'; readonly words: string; readonly limit: boolean }
  /** It may have been submitted. */
  | { readonly kind: 'unknown'; readonly words: string };

/** A question to the engine; undefined where there is nothing to ask. */
export interface Query<About, Answer> {
  command(about: About): EngineCommand | undefined;
  /** Undefined where the output is no answer: the engine is down, or has no such command. */
  read(result: CommandResult, about: About): Answer | undefined;
  /** The engine does without it where it is missing, such as accounting. */
  readonly optional?: boolean;
}

/** What an engine allows, as far as it tells. */
export interface EngineLimits {
  /** The most tasks of one array. */
  readonly arrayTasks?: number;
  readonly queues?: readonly QueueLimits[];
}

export interface QueueLimits {
  readonly name: string;
  readonly isDefault: boolean;
  /** Seconds; undefined without limit. */
  readonly time: number | undefined;
  /** Of the largest node. */
  readonly cpus: number | undefined;
  /** Bytes of the largest node. */
  readonly mem: number | undefined;
  readonly nodes: number | undefined;
}

/** The words by which a job waits, where it does. */
export function dependencyWords({ dependency }: BatchEngine, { after }: JobRequest): readonly string[] {
  return after && dependency ? dependency(after) : [];
}

/** All jobs that are waited for, whatever is to have become of them; each once. */
export function allJobs({ ok, any, fail }: JobDependencies): string[] {
  return [...new Set([...ok, ...any, ...fail])];
}

/** `afterok:1:2,afterany:3`, as Slurm, PBS and Moab have it. */
export function afterText({ ok, any, fail: failed }: JobDependencies): string {
  return Object.entries({ afterok: ok, afterany: any, afternotok: failed })
    .flatMap(([kind, ids]) => (ids.length === 0 ? [] : [[kind, ...ids].join(':')]))
    .join(',');
}

/** The queue that jobs come into: what was asked for, else the engine's default, as far as it tells. */
export function queueOf(
  { resources }: { readonly resources: Resources },
  { queues }: EngineLimits,
): string | undefined {
  return resources.partition ?? queues?.find(({ isDefault }) => isDefault)?.name;
}

/** The array that mlx itself asks for: in a submission of the user's own, that asks for it. */
export const askedArray = ({ array, submit }: Pick<JobRequest, 'array' | 'submit'>) => (submit ? undefined : array);

/** A command with nothing special about it. */
export const commandOf = (...argv: [command: string, ...words: string[]]): EngineCommand => ({ argv });

/** Indexes of an array's tasks as engines write them: `7`, `5,6`, `3-9:2`, with a limit of running ones behind (`1-8%2`). */
export function* taskIndexes(text: string): Generator<number> {
  for (const part of text.replace(/%\d+$/, '').split(',')) {
    const [, first, last, step] = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part) ?? [];
    for (let i = Number(first); i <= Number(last ?? first); i += Number(step ?? 1)) yield i;
  }
}

/** The first line that says something, without the command's own name before it. */
export function firstWords({ stderr, stdout }: CommandResult, unwanted = /^\s*$/): string {
  const lines = `${stderr}\n${stdout}`.split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '' && !unwanted.test(line)) ?? '';
}

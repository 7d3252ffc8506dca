import type { Environment } from '../core/environment.js';
import type { ResourceName, Resources } from '../resources/index.js';
import type { EngineAnswer, QueuePosition } from '../store/index.js';
import type { AskedJobs } from './asked-jobs.js';
import type { HeaderDialect } from './header.js';
import type { SupportedResources } from './refusals.js';

/**
 * A batch engine as pure functions: what to write into a script, which command to start, what its output
 * means. It starts no process and reads no file; `submit.ts` and `poll.ts` do. A user's own engine is a
 * module that exports an object of this type.
 */
export interface BatchEngine {
  /** What `--scheduler` and the setting `scheduler.name` accept, the short name first. */
  readonly names: readonly [name: string, ...others: string[]];
  /** The name in messages. */
  readonly title: string;
  /** The beginning of the lines that it reads from a script: `#SBATCH`. */
  readonly marker: string;
  /** How mlx finds out that it is installed. */
  readonly detect: Detection;
  /** The variable that holds the job's id inside a job. */
  readonly idVariable: string;
  /** Shell words for the index of an array's task, and for the id of the task's job. */
  readonly task: { readonly index: string; readonly jobId: string };
  /** Exit codes with which a job makes the engine do something. */
  readonly reservedExitCodes: readonly number[];
  /**
   * True if its signals, KILL and STOP included, reach all processes of the job and no others. Optional in a
   * user's engine.
   */
  readonly signalsGroup?: boolean;
  /**
   * How a job starts itself again as the same job: it ends with this code, or runs this command with its id
   * appended.
   */
  readonly restart?: { readonly exitCode: number } | { readonly command: readonly string[] };
  /** True if its directives make it send the signal of `--signal`; otherwise the supervisor sends it. */
  readonly warns?: boolean;
  /** What decides how long a job may take to end, instead of `--grace`: words for a message. */
  readonly grace?: string;
  /** How it reads options from a script that exists already. Optional in a user's engine. */
  readonly header?: HeaderDialect;
  /** The resources that `directives` express; it refuses others. Optional in a user's engine. */
  readonly resources?: SupportedResources;
  /**
   * Patterns for native options: those that ask for a resource, those that mean `--after`, and those that mlx
   * sets itself (`reserved`).
   */
  readonly nativeOptions: Readonly<Partial<Record<ResourceName | 'after' | 'reserved', RegExp>>>;

  /** Returns whether it can write a job's output to this path. If not, the supervisor does. */
  canWriteTo(path: string): boolean;
  /** Returns a job name that it accepts, as close to `name` as possible. */
  nameOf(name: string): string;
  /** Returns the lines for the head of the script, native options last. Throws `resource-unsupported`. */
  directives(job: JobRequest): string[];
  /** Returns whether a restart of this job gets a new id. */
  restartsGetNewIds(job: JobRequest): boolean;

  /** Returns the command that submits the job. */
  submission(job: JobRequest): EngineCommand;
  /** Reads what that command printed. */
  readSubmission(result: CommandResult, job: JobRequest): SubmitOutcome;
  /**
   * Returns the ids of an array's tasks as a pattern, `{task}` for the index. Undefined if the tasks are jobs
   * that are numbered from the array's id on.
   */
  taskPattern(jobId: string): string | undefined;
  /**
   * Returns the submission's words that make the job wait for others. A condition that the engine can't
   * express becomes "has ended", and the script checks it. Undefined if the engine can't make jobs wait.
   */
  readonly dependency?: (after: JobDependencies) => readonly string[];
  /**
   * Returns whether it can limit how many tasks of an array of these jobs run at once, by what `directives`
   * writes for `array.maxRunning`. Without it such jobs are submitted one by one, behind one another.
   */
  readonly limitsArrays?: (resources: Resources) => boolean;
  /** Returns whether an array can wait for these jobs. Undefined if arrays always can. */
  readonly arrayWaits?: (after: JobDependencies) => boolean;
  /** How it is told which of several clusters is meant. Undefined if there is only one. */
  readonly clusters?: ClusterWords;
  /**
   * True if an array counts as one job where the number of jobs is limited, so that a smaller array has no
   * better chance. Optional in a user's engine.
   */
  readonly arrayIsOneJob?: boolean;
  /** How to ask whether a job could ever run, before anything is written. Optional in a user's engine. */
  readonly verify?: Verification;
  /** Find jobs that have not ended, by token, whose submission got no answer. Returns job ids by token. */
  readonly find: readonly Query<readonly string[], ReadonlyMap<string, string>>[];

  /** Ask for the states of jobs. Each query is about the jobs that the earlier ones did not answer. */
  readonly polls: readonly Query<readonly string[], ReadonlyMap<string, EngineAnswer>>[];
  /**
   * Ask for the tokens of jobs, by their ids or those of their arrays, if the polls do not show them; empty
   * for a job without one. It is asked once for all jobs that the polls found.
   */
  readonly tokens?: Query<readonly string[], ReadonlyMap<string, string>>;
  /** Ask for facts about one job beyond its state, as name and text, for people. */
  readonly details: readonly Query<string, readonly (readonly [name: string, text: string])[]>[];
  /** Each returns the command, or undefined if the engine has none. */
  cancel(jobIds: readonly string[]): EngineCommand | undefined;
  hold(jobIds: readonly string[]): EngineCommand | undefined;
  release(jobIds: readonly string[]): EngineCommand | undefined;
  requeue(jobIds: readonly string[]): EngineCommand | undefined;
  /** Lets jobs start again that it has put aside because their start failed, where `release` does not. */
  readonly clear?: (jobIds: readonly string[]) => EngineCommand | undefined;
  /** Returns whether a failed `cancel`, `hold`, … means only that a job has already ended. */
  isHarmless(result: CommandResult): boolean;
  /** How to ask for its queues. Optional in a user's engine. */
  readonly queues?: QueueQuery;
  /** Ask what ended jobs used. Optional in a user's engine. */
  readonly usage?: Query<readonly string[], ReadonlyMap<string, JobUsage>>;
  /** Ask for the positions of waiting jobs. Missing if the engine does not show an order. */
  readonly places?: Query<readonly string[], ReadonlyMap<string, QueuePosition>>;
  /** Ask what it allows. */
  readonly limits: readonly Query<undefined, EngineLimits>[];
}

/** How an engine is told which of several clusters (Grid Engine's cells, PBS's servers) is meant. */
export interface ClusterWords {
  /**
   * Returns the clusters that a submission with these options in this environment names, and the words or the
   * variable that name them; undefined for the default cluster.
   */
  named(
    options: readonly string[],
    environment: Environment,
  ): { readonly names: readonly string[]; readonly by: string } | undefined;
  /**
   * Returns a command as it is for a cluster; undefined is the default one, whatever the environment says.
   */
  at(command: EngineCommand, cluster: string | undefined): EngineCommand;
}

/** How mlx finds out that an engine is installed. */
interface Detection {
  readonly command: string;
  /**
   * Asks which engine a command of this name belongs to. Its words must have no effect in any engine that has
   * the command: not a submitting one, whose options differ (`qsub -h` is help here and a hold there).
   */
  readonly probe?: { readonly argv: readonly [string, ...string[]]; readonly says: RegExp };
}

/** A job to submit. Paths are absolute. */
export interface JobRequest {
  readonly name: string;
  /** Undefined if the supervisor writes the log files. */
  readonly stdout: string | undefined;
  readonly stderr: string | undefined;
  readonly script: string;
  /** Where the script will work; it goes there itself. */
  readonly directory?: string | undefined;
  /** The umask of the launch, as four octal digits, for an engine that starts jobs with another. */
  readonly umask?: string | undefined;
  readonly shell: string;
  readonly token: string;
  readonly resources: Resources;
  /** Native options, one per item. */
  readonly options: readonly string[];
  /** `count` tasks, numbered from 1. */
  readonly array: { readonly count: number; readonly maxRunning: number | undefined } | undefined;
  /** Jobs of the same engine that it waits for. */
  readonly after?: JobDependencies | undefined;
  /** The user's own submission command: its words stand before mlx's, and it asks for the array itself. */
  readonly submit?: SubmitWords | undefined;
  /** The cluster that it goes to; undefined is the engine's default one. */
  readonly cluster?: string | undefined;
}

/** A user's own command for submitting jobs, with its options, without the script. */
export type SubmitWords = readonly [command: string, ...options: string[]];

/** Ids of jobs that must end well, end in any way, or end badly. */
export interface JobDependencies {
  readonly ok: readonly string[];
  readonly any: readonly string[];
  readonly fail: readonly string[];
}

/** A process to start: argv, never shell text. */
export interface EngineCommand {
  readonly argv: readonly [command: string, ...words: string[]];
  /** Overrides variables of mlx's environment; undefined removes one. */
  readonly environment?: Environment;
  /** A file for its standard input. */
  readonly stdin?: string;
  /** Text for its standard input. */
  readonly input?: string;
  /**
   * A line of its stderr after which a submitting command only sleeps before it tries again by itself. It is
   * ended there: nothing was submitted, and mlx does the waiting.
   */
  readonly endAt?: RegExp;
  /** Seconds after which it is given up; by default longer than clients wait by themselves. */
  readonly seconds?: number;
  /** Its working directory, if that matters. */
  readonly cwd?: string;
}

export interface CommandResult {
  /** Undefined if a signal ended it, or if it could not be started. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** True if it did not end in time and was killed. */
  readonly timedOut: boolean;
  /** True if the command is not installed. */
  readonly missing: boolean;
}

/** The result of a submission. `words` are the engine's own. */
export type SubmitOutcome =
  | {
      readonly kind: 'accepted';
      readonly jobId: string;
      /** The cluster that it went to, if the engine says so. */
      readonly cluster?: string | undefined;
      /** Ids of an array's tasks, if `taskPattern` returns undefined. */
      readonly taskIds?: readonly string[];
    }
  /** Final: another try would be refused too. */
  | { readonly kind: 'refused'; readonly words: string }
  /** Not submitted, for a temporary reason; `limit` is true if that is a limit on the number of jobs. */
  | { readonly kind: 'not-now'; readonly words: string; readonly limit: boolean }
  /** It may or may not have been submitted. */
  | { readonly kind: 'unknown'; readonly words: string };

/** A question to an engine. */
export interface Query<About, Answer> {
  /** A further question that only some answers need, such as why a job is held; it improves them. */
  readonly further?: {
    isNeeded(answer: Answer, about: About): boolean;
    command(jobs?: AskedJobs): EngineCommand;
    /** Returns undefined if the output is no answer; the first answer then stands. */
    read(result: CommandResult, answer: Answer): Answer | undefined;
  };
  /** Returns undefined if there is nothing to ask. `jobs` are those that the question is about. */
  command(about: About, jobs?: AskedJobs): EngineCommand | undefined;
  /**
   * Returns undefined if the output is no answer: the engine is down, or has no such command. What is about
   * another job that has an id of `jobs` is left out.
   */
  read(result: CommandResult, about: About, jobs?: AskedJobs): Answer | undefined;
  /** Returns the question to ask instead if this one can't be understood by an older version. */
  otherwise?(result: CommandResult): Query<About, Answer> | undefined;
  /** True if the engine works without it, such as accounting. */
  readonly optional?: boolean;
}

/**
 * How to ask an engine whether a job could ever run, without submitting it. Nothing is asked unless the
 * engine's `detect.probe`, if it has one, has named it.
 */
export interface Verification {
  /** Returns the commands to ask, all at once; [] if there is nothing to ask. */
  readonly commands: (job: JobRequest) => readonly EngineCommand[];
  /**
   * Reads all answers together. Returns the engine's words if it could never run the job; undefined if it
   * could, or if it does not say.
   */
  readonly read: (answers: readonly CommandResult[], job: JobRequest) => string | undefined;
}

/** What an engine allows. A missing value is unknown. */
export interface EngineLimits {
  /** The largest number of tasks in one array. */
  readonly arrayTasks?: number;
  readonly queues?: readonly EngineQueueLimits[];
}

export interface EngineQueueLimits {
  readonly name: string;
  readonly isDefault: boolean;
  /** Seconds; undefined if unlimited. */
  readonly time: number | undefined;
  /** CPUs of the largest node. */
  readonly cpus: number | undefined;
  /** Bytes of the largest node. */
  readonly mem: number | undefined;
  readonly nodes: number | undefined;
}

/** An engine's queue as it is now. Undefined values are unknown. */
export interface EngineQueue {
  readonly name: string;
  readonly isDefault: boolean;
  /** The engine's word if jobs do not start in this queue; undefined if they do. */
  readonly closed: string | undefined;
  /** The longest time of a job, in seconds. */
  readonly time: number | undefined;
  readonly cpus: Share | undefined;
  readonly gpus: Share | undefined;
  /** The user's running and waiting jobs; each task of an array counts. */
  readonly running: number;
  readonly waiting: number;
}

/** A number of CPUs or GPUs, and how many of them are free. */
export interface Share {
  readonly free: number;
  readonly total: number;
}

/** How to ask for an engine's queues. `user` is the user's login name. */
export interface QueueQuery {
  readonly commands: (user: string) => readonly EngineCommand[];
  /** Reads all answers together. Returns undefined if they are none. */
  readonly read: (answers: readonly CommandResult[], user: string) => readonly EngineQueue[] | undefined;
}

/** What a job used and what it was given, as far as its engine or the kernel shows it. */
export interface JobUsage {
  /** How long it ran, in seconds, and its time limit. */
  readonly seconds?: number | undefined;
  readonly timeLimit?: number | undefined;
  /** CPU seconds of all its processes, and its number of CPUs. */
  readonly cpuSeconds?: number | undefined;
  readonly cpus?: number | undefined;
  /** Bytes: the most that it used, and what it asked for. */
  readonly peakMemory?: number | undefined;
  readonly memory?: number | undefined;
  readonly gpus?: number | undefined;
  /** The mean use of its GPUs, from 0 to 1 for each. */
  readonly gpuUse?: number | undefined;
}

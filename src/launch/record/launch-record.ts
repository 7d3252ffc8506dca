import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import mapValues from 'lodash/mapValues.js';
import pick from 'lodash/pick.js';
import * as v from 'valibot';
import { type ConfigBase, recordedConfig, recordOfConfig, singleConfig } from '../../config/index.js';
import { localIso } from '../../core/clock.js';
import { ifPresent } from '../../core/errno.js';
import { thisProcess } from '../../core/process.js';
import { loadEngine, noResources, type SubmitWords, signalOf } from '../../engines/index.js';
import { fail, MlxError } from '../../failures/index.js';
import { type JobScript, parseShell } from '../../script/index.js';
import { loadSettings, type Settings } from '../../settings/index.js';
import { dependencyIds, noDependencies, patchFile, storePaths } from '../../store/index.js';
import { configValue, formatYamlRecord, plainData, readYamlRecord } from '../../values/index.js';
import { codeOfRecord, codeRecord, recordOfCode } from '../code/launch-code.js';
import type { JobPlan } from '../engine/job-plan.js';
import type { RunLimits } from '../here/work.js';
import { writtenOverrides } from '../plan/batch-commands.js';
import type { BatchScript } from '../plan/batch-script.js';
import { type Plan, type PlannedCommand, planLaunch, programsOf } from '../plan/plan.js';
import type { QueuePlan } from '../queue/queue-plan.js';
import { pointsEntries, recordedPoints, recordOfPoints } from './points-record.js';

/** A file that a command names, as it was at launch. */
export interface NamedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly modified: string;
  /** Null for a file of more than 1 MiB. */
  readonly sha256: string | null;
}

const hashedBytes = 2 ** 20;

const file = v.object({ path: v.string(), size: v.number(), modified: v.string(), sha256: v.nullable(v.string()) });

/** What a launch's record tells of one command. */
const commandEntries = {
  command: v.array(v.string()),
  file: v.string(),
  executable: v.string(),
  args: v.picklist(['overrides', 'flags', 'canonical', 'none', 'verbatim']),
  preset: v.nullable(v.picklist(['hydra', 'mlxp'])),
  config: v.nullable(v.string()),
  /** Where it begins in the batch script; null without one. */
  at: v.nullish(v.number(), null),
  /** What it reads as its standard input; null for nothing. */
  stdin: v.nullish(v.string(), null),
  /** The commands that a run is, one after the other; none where it is one. */
  steps: v.optional(
    v.array(v.object({ name: v.string(), command: v.array(v.string()), file: v.string(), executable: v.string() })),
    [],
  ),
  ...pointsEntries,
};

type RecordedCommand = v.InferOutput<v.ObjectSchema<typeof commandEntries, undefined>>;

const schema = v.object({
  launch: v.string(),
  cwd: v.string(),
  parallel: v.number(),
  walltime: v.nullable(v.number()),
  walltime_reason: v.nullable(v.string()),
  fail_fast: v.boolean(),
  gpus_per_run: v.optional(v.number(), 0),
  /** What each run on this machine has: CPUs, memory in bytes, what it is sent before its limit, and how it goes on after it. */
  per_run: v.nullish(
    v.object({
      cpus: v.nullable(v.number()),
      mem: v.nullable(v.number()),
      signal: v.nullable(v.string()),
      signal_to: v.nullable(v.literal('program')),
      continue_on_timeout: v.nullable(v.union([v.boolean(), v.number()])),
    }),
    null,
  ),
  ...commandEntries,
  /** The commands of a batch script behind the first one. */
  more_commands: v.optional(v.array(v.object(commandEntries)), []),
  /** The batch script, whose text is in `script.sh` beside the record; null without one. */
  script: v.nullish(
    v.object({
      name: v.string(),
      shebang: v.string(),
      /** Where its commands begin, and where directives stand: offsets and lengths in UTF-16 units. */
      commands: v.array(v.number()),
      directives: v.array(v.tuple([v.number(), v.number()])),
    }),
    null,
  ),
  /** What a job of `mlx job` does; null where the launch is none. */
  job: v.nullish(
    v.object({
      prologue: v.string(),
      job: v.string(),
      log: v.string(),
      stem: v.string(),
      status: v.boolean(),
      array: v.nullable(
        v.object({
          tasks: v.number(),
          tasksPerProc: v.number(),
          procs: v.number(),
          element: v.nullable(v.object({ variable: v.string(), counts: v.boolean() })),
        }),
      ),
    }),
    null,
  ),
  count: v.number(),
  first_id: v.number(),
  engine: v.optional(v.string(), 'here'),
  /** The runs that its runs wait for, and whether they wait for one another. */
  after: v.nullish(v.object({ ok: v.array(v.number()), any: v.array(v.number()), fail: v.array(v.number()) }), null),
  chain: v.optional(v.boolean(), false),
  /** How its runs wait in the local queue; null where they do not. */
  queue: v.nullish(
    v.object({
      name: v.nullable(v.string()),
      priority: v.number(),
      slots: v.number(),
      gpus: v.number(),
      limit: v.nullable(v.number()),
      shown: v.boolean(),
      mem: v.nullish(v.number(), null),
      signal: v.nullish(v.string(), null),
      signal_to: v.nullish(v.literal('program'), null),
      continue_on_timeout: v.nullish(v.union([v.boolean(), v.number()]), null),
    }),
    null,
  ),
  /** How the runs become jobs; null where they are processes. */
  jobs: v.nullish(
    v.object({
      resources: v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
      options: v.array(v.string()),
      array: v.picklist(['auto', 'always', 'never']),
      max_running: v.nullable(v.number()),
      pack: v.number(),
      max_queued: v.nullable(v.number()),
      on_submit_error: v.picklist(['stop', 'continue']),
      /** The words of a submission of the user's own: with its array, for one job alone, and how far apart its tasks are. */
      submit: v.nullish(v.object({ words: v.array(v.string()), single: v.array(v.string()), step: v.number() }), null),
    }),
    null,
  ),
  version_manager: v.nullish(codeRecord, null),
  environment: v.record(v.string(), v.string()),
  files: v.array(file),
});

/** A launch as its record tells it: all that is needed to finish it, or to run one of its points again. */
export interface RecordedLaunch {
  readonly plan: Plan;
  readonly limits: RunLimits;
  /** Undefined where the runs are processes on the launch's machine. */
  readonly jobs: JobPlan | undefined;
  /** Undefined where the runs do not wait in the local queue. */
  readonly queue?: QueuePlan | undefined;
  /** The launch's runs have this id or a higher one. */
  readonly firstId: number;
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly files: readonly NamedFile[];
}

/** The text of a launch's `launch.yaml`: what was asked for, and all that a later process needs to finish it. */
export function launchRecordText(
  plan: Plan,
  facts: {
    readonly launch: string;
    readonly argv: readonly string[];
    readonly version: string;
    readonly limits: RunLimits;
    readonly jobs: JobPlan | undefined;
    readonly queue?: QueuePlan | undefined;
    readonly firstId: number;
    readonly environment: readonly (readonly [string, string])[];
  },
): string {
  const [first, ...more] = plan.commands;
  if (!first) throw new Error('a launch without a command');
  const { host, pid, start } = thisProcess();
  const { walltime } = facts.limits;
  const waiting = facts.jobs ?? facts.queue;
  const record: v.InferOutput<typeof schema> & Record<string, unknown> = {
    launch: facts.launch,
    mlx: facts.version,
    date: localIso(new Date()),
    argv: [...facts.argv],
    cwd: plan.cwd,
    host,
    pid,
    process_start: start,
    engine: facts.jobs?.engineName ?? (facts.queue ? 'local' : 'here'),
    after: waiting && dependencyIds(waiting.after).length > 0 ? mapValues(waiting.after, (ids) => [...ids]) : null,
    chain: waiting?.chain ?? false,
    queue: facts.queue
      ? {
          ...pick(facts.queue, ['priority', 'slots', 'gpus', 'shown']),
          name: facts.queue.name ?? null,
          limit: facts.queue.limit ?? null,
          mem: facts.queue.mem ?? null,
          signal: facts.queue.signal ?? null,
          signal_to: facts.queue.signalTo ?? null,
          continue_on_timeout: facts.queue.continues ?? null,
        }
      : null,
    jobs: facts.jobs ? recordOfJobs(facts.jobs) : null,
    parallel: facts.limits.parallel,
    walltime: walltime?.seconds ?? null,
    walltime_reason: walltime?.reason ?? null,
    fail_fast: facts.limits.failFast,
    gpus_per_run: facts.limits.gpusPerRun ?? 0,
    per_run: recordOfPerRun(facts.limits),
    ...recordOfCommand(first),
    more_commands: more.map(recordOfCommand),
    script: plan.script ? recordOfScript(plan.script) : null,
    job: plan.job
      ? { ...plan.job, array: plan.job.array ? { ...plan.job.array, element: plan.job.array.element ?? null } : null }
      : null,
    count: plan.count,
    first_id: facts.firstId,
    version_manager: plan.code ? recordOfCode(plan.code) : null,
    environment: Object.fromEntries(facts.environment),
    files: namedFiles(plan),
  };
  return formatYamlRecord(configValue(record));
}

function recordOfCommand(command: PlannedCommand): RecordedCommand {
  const { program, args, config, written, points, stdin, steps = [] } = command;
  return {
    command: [...program.argv],
    file: program.file,
    executable: program.executable,
    args: args.style,
    preset: args.preset ?? null,
    config: config.kind === 'composed' ? config.composer.name : null,
    at: written?.command.span.offset ?? null,
    stdin: stdin ?? null,
    steps: steps.map(({ name, program: { argv, file, executable } }) => ({
      name,
      command: [...argv],
      file,
      executable,
    })),
    ...recordOfPoints(points.request),
  };
}

function recordOfScript({ name, shebang, commands, directives }: BatchScript): v.InferOutput<typeof schema>['script'] {
  return {
    name,
    shebang,
    commands: commands.map(({ command }) => command.span.offset),
    directives: directives.map(({ offset, length }): [number, number] => [offset, length]),
  };
}

/** The files beside a launch's record: the config of each command, and the batch script. */
export function launchFiles({ commands, script, code }: Plan): Record<string, string | Uint8Array> {
  const configs = commands.flatMap(({ config }, i) => {
    return config.kind === 'composed' ? [[configFile(i), formatYamlRecord(configValue(recordOfConfig(config)))]] : [];
  });
  return {
    ...Object.fromEntries(configs),
    ...(script && { 'script.sh': script.shell.source.text }),
    ...(code?.patch && { [patchFile]: code.patch }),
  };
}

const configFile = (index: number) => (index === 0 ? 'configs.yaml' : `configs-${index + 1}.yaml`);

function recordOfJobs(jobs: JobPlan): NonNullable<v.InferOutput<typeof schema>['jobs']> {
  return {
    resources: mapValues(jobs.resources, (value) => value ?? null),
    options: [...jobs.options],
    array: jobs.array,
    max_running: jobs.maxRunning ?? null,
    pack: jobs.pack,
    max_queued: jobs.maxQueued ?? null,
    on_submit_error: jobs.onSubmitError,
    submit: jobs.submit ? { ...jobs.submit, words: [...jobs.submit.words], single: [...jobs.submit.single] } : null,
  };
}

/** Null where runs have nothing of their own. */
function recordOfPerRun({ cpusPerRun, memPerRun, walltime, signalTo, continues }: RunLimits) {
  const { warning } = walltime ?? {};
  const entries = {
    cpus: cpusPerRun ?? null,
    mem: memPerRun ?? null,
    signal: warning ? `${warning.signal}@${warning.seconds}` : null,
    signal_to: signalTo ?? null,
    continue_on_timeout: continues ?? null,
  };
  return Object.values(entries).every((value) => value === null) ? null : entries;
}

function recordedPerRun({ per_run: perRun }: v.InferOutput<typeof schema>) {
  return {
    cpusPerRun: perRun?.cpus ?? undefined,
    memPerRun: perRun?.mem ?? undefined,
    signalTo: perRun?.signal_to ?? undefined,
    continues: perRun?.continue_on_timeout ?? undefined,
  };
}

function recordedQueue(record: v.InferOutput<typeof schema>): QueuePlan | undefined {
  const { queue } = record;
  return queue
    ? {
        ...pick(queue, ['priority', 'slots', 'gpus', 'shown']),
        name: queue.name ?? undefined,
        limit: queue.limit ?? undefined,
        mem: queue.mem ?? undefined,
        signal: queue.signal ?? undefined,
        signalTo: queue.signal_to ?? undefined,
        continues: queue.continue_on_timeout ?? undefined,
        ...recordedWaiting(record),
      }
    : undefined;
}

const recordedWaiting = ({ after, chain }: v.InferOutput<typeof schema>) => ({ after: after ?? noDependencies, chain });

async function recordedJobs(record: v.InferOutput<typeof schema>): Promise<JobPlan | undefined> {
  const { engine: engineName, jobs } = record;
  if (!jobs) return undefined;
  return {
    engineName,
    engine: await loadEngine(engineName),
    resources: { ...noResources, ...mapValues(jobs.resources, (value) => value ?? undefined) },
    options: jobs.options,
    // The array of a submission of the user's own is all of the launch: what is left of it goes one by one.
    array: jobs.submit ? 'never' : jobs.array,
    maxRunning: jobs.max_running ?? undefined,
    pack: jobs.pack,
    maxQueued: jobs.max_queued ?? undefined,
    onSubmitError: jobs.on_submit_error,
    submit: jobs.submit
      ? { ...jobs.submit, words: wordsOf(jobs.submit.words), single: wordsOf(jobs.submit.single) }
      : undefined,
    ...recordedWaiting(record),
  };
}

const wordsOf = ([command = '', ...options]: readonly string[]): SubmitWords => [command, ...options];

function recordedJob({ job }: v.InferOutput<typeof schema>): JobScript | undefined {
  if (!job) return undefined;
  return { ...job, array: job.array ? { ...job.array, element: job.array.element ?? undefined } : undefined };
}

/** The files that a command names: its program, its interpreter, and every word that is one. */
export function namedFiles({ cwd, commands }: Pick<Plan, 'cwd' | 'commands'>): NamedFile[] {
  const named = commands.flatMap(programsOf).flatMap((program) => [program.executable, program.file, ...program.argv]);
  const words = named.map((word) => resolve(cwd, word));
  return [...new Set(words)].flatMap((path) => {
    try {
      return describeFile(path) ?? [];
    } catch {
      // A file that can't be read now is the program's to complain about.
      return [];
    }
  });
}

/** A file as it is now; undefined where there is no regular file. */
export function describeFile(path: string): NamedFile | undefined {
  const stat = ifPresent(() => statSync(path));
  if (!stat?.isFile()) return undefined;
  const sha256 = stat.size > hashedBytes ? null : createHash('sha256').update(readFileSync(path)).digest('hex');
  return { path, size: stat.size, modified: localIso(stat.mtime), sha256 };
}

/**
 * Reads a launch back from its record in the store. Throws `no-such-launch`, `broken-record`, or what planning it throws.
 */
export async function readLaunch(store: string, launch: string): Promise<RecordedLaunch> {
  const directory = storePaths.launch(store, launch);
  const path = join(directory, 'launch.yaml');
  if (ifPresent(() => statSync(path)) === undefined) return fail({ reason: 'no-such-launch', launch, store });
  const parsed = v.safeParse(schema, plainData(readYamlRecord(path)));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return fail({
      reason: 'broken-record',
      path,
      problem: { kind: 'invalid', path: v.getDotPath(issue) ?? undefined, message: issue.message },
    });
  }
  const record = parsed.output;
  const settings = await recordedSettings(directory, store);
  const script = record.script ? recordedScript(directory, record.script) : undefined;
  const commands = [record, ...record.more_commands].map((command, i) => ({
    program: { argv: command.command, file: command.file, executable: command.executable, directory: undefined },
    points: recordedPoints(command),
    config:
      command.config === null ? ({ kind: 'overrides-only' } as const) : configOfRecord(directory, i, command.config),
    args: { style: command.args, preset: command.preset ?? undefined },
    stdin: command.stdin ?? undefined,
    steps:
      command.steps.length === 0
        ? undefined
        : command.steps.map(({ name, command: argv, file, executable }) => ({
            name,
            program: { argv, file, executable, directory: undefined },
          })),
    written: script?.commands.find((one) => one.command.span.offset === command.at),
  }));
  const code = record.version_manager
    ? codeOfRecord(
        record.version_manager,
        ifPresent(() => readFileSync(join(directory, patchFile))),
      )
    : undefined;
  const plan = planLaunch({ cwd: record.cwd, commands, settings, script, code, job: recordedJob(record) });
  return {
    plan,
    limits: {
      parallel: record.parallel,
      walltime:
        record.walltime === null
          ? undefined
          : {
              seconds: record.walltime,
              reason: record.walltime_reason ?? 'over its limit',
              warning: signalOf({ signal: record.per_run?.signal ?? undefined }),
            },
      failFast: record.fail_fast,
      gpusPerRun: record.gpus_per_run,
      ...recordedPerRun(record),
      grace: settings.grace,
    },
    jobs: await recordedJobs(record),
    queue: recordedQueue(record),
    firstId: record.first_id,
    environment: Object.entries(record.environment),
    files: record.files,
  };
}

/** `readLaunch`; undefined for a launch whose record can't be read, of which less is known then. */
export async function readableLaunch(store: string, launch: string): Promise<RecordedLaunch | undefined> {
  try {
    return await readLaunch(store, launch);
  } catch (error) {
    if (error instanceof MlxError) return undefined;
    throw error;
  }
}

/** The settings of the launch; its store is where it was found, wherever it was when it began. */
function recordedSettings(directory: string, store: string): Promise<Settings> {
  const path = join(directory, 'mlx.yaml');
  readYamlRecord(path);
  return loadSettings({
    cwd: directory,
    file: { path, ignored: [] },
    overrides: [],
    flags: { logger: { parent_log_dir: store } },
  });
}

function recordedScript(
  directory: string,
  { name, shebang, commands, directives }: NonNullable<v.InferOutput<typeof schema>['script']>,
): BatchScript {
  const source = { name, text: readFileSync(join(directory, 'script.sh'), 'utf8') };
  const shell = parseShell(source);
  return {
    name,
    shell,
    shebang,
    commands: shell.commands
      .filter(({ span: place }) => commands.includes(place.offset))
      .map((command) => ({ command, overrides: writtenOverrides(command) })),
    directives: directives.map(([offset, length]) => ({ source, offset, length })),
  };
}

function configOfRecord(directory: string, index: number, name: string): ConfigBase {
  const path = join(directory, configFile(index));
  const single = ifPresent(() => readFileSync(path.replace(/configs(-\d+)?\.yaml$/, 'config$1.yaml'), 'utf8'));
  if (single !== undefined) return singleConfig(single, name, process.env);
  const config = recordedConfig(readYamlRecord(path), name, process.env);
  return config ?? fail({ reason: 'broken-record', path, problem: { kind: 'no-config' } });
}

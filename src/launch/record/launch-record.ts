import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import mapValues from 'lodash/mapValues.js';
import * as v from 'valibot';
import { localIso } from '../../core/clock.js';
import { ifPresent, isDenied } from '../../core/errno.js';
import { thisProcess } from '../../core/process.js';
import { fail, MlxError } from '../../failures/index.js';
import { type JobScript, parseShell } from '../../script/index.js';
import { loadSettings, type Settings } from '../../settings/index.js';
import { dependencyIds, noDependencies, patchFile, readMaxFailures, storePaths } from '../../store/index.js';
import { configValue, formatYamlRecord, plainData, readYamlRecord } from '../../values/index.js';
import { codeOfRecord, codeRecord, recordOfCode } from '../code/launch-code.js';
import { engineOfRecord, engineRecord, recordOfEngine } from '../engine/record.js';
import { elsewhere, hereEntries, hereOfRecord, recordOfHere } from '../here/record.js';
import { writtenOverrides } from '../plan/batch-commands.js';
import type { BatchScript } from '../plan/batch-script.js';
import { type Plan, planLaunch } from '../plan/plan.js';
import { queueOfRecord, queueRecord, recordOfQueue } from '../queue/record.js';
import { engineNameOf, type Target, waitingIn } from '../target.js';
import { commandEntries, commandOfRecord, configFiles, recordOfCommand } from './command-record.js';
import { type NamedFile, namedFile, namedFiles } from './named-files.js';

const schema = v.object({
  launch: v.string(),
  cwd: v.string(),
  ...hereEntries,
  ...commandEntries,
  /** The commands of a batch script after the first one. */
  more_commands: v.optional(v.array(v.object(commandEntries)), []),
  /** The batch script, whose text is in `script.sh` beside the record; null without one. */
  script: v.nullish(
    v.object({
      name: v.string(),
      shebang: v.string(),
      /** The offsets of its commands, and the offsets and lengths of its directives; in UTF-16 units. */
      commands: v.array(v.number()),
      directives: v.array(v.tuple([v.number(), v.number()])),
    }),
    null,
  ),
  /** What a job of `mlx job` does; null for other launches. */
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
  /** The runs that its runs wait for, and whether its runs wait for one another. */
  after: v.nullish(v.object({ ok: v.array(v.number()), any: v.array(v.number()), fail: v.array(v.number()) }), null),
  chain: v.optional(v.boolean(), false),
  /** How its runs wait in the local queue; null if they do not. */
  queue: v.nullish(queueRecord, null),
  /** How its runs become jobs; null if they do not. */
  jobs: v.nullish(engineRecord, null),
  version_manager: v.nullish(codeRecord, null),
  environment: v.record(v.string(), v.string()),
  files: v.array(namedFile),
});

type LaunchYaml = v.InferOutput<typeof schema>;

/** A launch as its record has it: all that is needed to finish it, or to run one of its points again. */
export interface RecordedLaunch<T extends Target = Target> {
  readonly plan: Plan;
  readonly target: T;
  /** The launch's runs have this id or a higher one. */
  readonly firstId: number;
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly files: readonly NamedFile[];
}

/** The facts of a launch that its plan does not have. */
export interface LaunchFacts {
  readonly launch: string;
  readonly argv: readonly string[];
  readonly version: string;
  readonly target: Target;
  readonly firstId: number;
  readonly environment: readonly (readonly [string, string])[];
}

/**
 * Returns the text of `launch.yaml`: what was asked for, and all that a later process needs to finish the
 * launch.
 */
export function launchRecordText(plan: Plan, facts: LaunchFacts): string {
  const [first, ...more] = plan.commands;
  if (!first) throw new Error('a launch without a command');
  const { host, pid, start } = thisProcess();
  const { target } = facts;
  const waiting = waitingIn(target);
  const record: LaunchYaml & Record<string, unknown> = {
    launch: facts.launch,
    mlx: facts.version,
    date: localIso(new Date()),
    argv: [...facts.argv],
    cwd: plan.cwd,
    host,
    pid,
    process_start: start,
    engine: engineNameOf(target),
    after: waiting && dependencyIds(waiting.after).length > 0 ? mapValues(waiting.after, (ids) => [...ids]) : null,
    chain: waiting?.chain ?? false,
    queue: target.kind === 'queue' ? recordOfQueue(target) : null,
    jobs: target.kind === 'engine' ? recordOfEngine(target) : null,
    ...(target.kind === 'here' ? recordOfHere(target) : elsewhere),
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

/**
 * Returns the files beside a launch's record: the config of each command, the batch script, and the patch.
 */
export function launchFiles(plan: Plan): Record<string, string | Uint8Array> {
  const { script, code } = plan;
  return {
    ...configFiles(plan),
    ...(script && { 'script.sh': script.shell.source.text }),
    ...(code?.patch && { [patchFile]: code.patch }),
  };
}

function recordOfScript({ name, shebang, commands, directives }: BatchScript): LaunchYaml['script'] {
  return {
    name,
    shebang,
    commands: commands.map(({ command }) => command.span.offset),
    directives: directives.map(({ offset, length }): [number, number] => [offset, length]),
  };
}

/**
 * Reads a launch back from its record in the store. Throws `no-such-launch`, `broken-record`, or what
 * planning it throws.
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
  const commands = [record, ...record.more_commands].map((command, index) =>
    commandOfRecord(command, { directory, index, script }),
  );
  const code = record.version_manager
    ? codeOfRecord(
        record.version_manager,
        ifPresent(() => readFileSync(join(directory, patchFile))),
      )
    : undefined;
  const plan = planLaunch({ cwd: record.cwd, commands, settings, script, code, job: recordedJob(record) });
  return {
    plan,
    target: { ...(await recordedTarget(record, settings)), maxFailures: readMaxFailures(store, launch) },
    firstId: record.first_id,
    environment: Object.entries(record.environment),
    files: record.files,
  };
}

async function recordedTarget(record: LaunchYaml, { grace }: Settings): Promise<Target> {
  const { engine, jobs, queue, after, chain } = record;
  const waiting = { after: after ?? noDependencies, chain };
  if (jobs) return engineOfRecord(engine, jobs, waiting);
  return queue ? queueOfRecord(queue, waiting) : hereOfRecord(record, grace);
}

function recordedJob({ job }: LaunchYaml): JobScript | undefined {
  if (!job) return undefined;
  return { ...job, array: job.array ? { ...job.array, element: job.array.element ?? undefined } : undefined };
}

/** `readLaunch`; undefined if the record can't be read, so that less is known of the launch. */
export async function readableLaunch(store: string, launch: string): Promise<RecordedLaunch | undefined> {
  try {
    return await readLaunch(store, launch);
  } catch (error) {
    if (error instanceof MlxError || isDenied(error)) return undefined;
    throw error;
  }
}

/** Returns the launch's settings. The store is where the launch was found, wherever it began. */
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
  { name, shebang, commands, directives }: NonNullable<LaunchYaml['script']>,
): BatchScript {
  const source = { name, text: readFileSync(join(directory, 'script.sh'), 'utf8') };
  const shell = parseShell(source);
  return {
    name,
    shell,
    shebang,
    commands: shell.commands
      .filter(({ span }) => commands.includes(span.offset))
      .map((command) => ({ command, overrides: writtenOverrides(command) })),
    directives: directives.map(([offset, length]) => ({ source, offset, length })),
  };
}

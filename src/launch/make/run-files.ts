import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import sortBy from 'lodash/sortBy.js';
import { type ProcessIdentity, thisProcess } from '../../core/process.js';
import { quoteCommand } from '../../core/quote.js';
import { type BatchEngine, endMargin, type JobRequest, type Resources, signalOf } from '../../engines/index.js';
import { commandLines, renderJobBody, renderScript, type ScriptSpec, stepLines } from '../../script/index.js';
import { type ArrayTask, type Dependencies, patchFile, type RunContents, storePaths } from '../../store/index.js';
import { sourceToken, unquotedText } from '../../sweep/index.js';
import { configValue, formatYamlRecord, leafNames } from '../../values/index.js';
import { codeText, environmentInCopy } from '../code/launch-code.js';
import { type JobPlan, runRequest } from '../engine/job-plan.js';
import { batchBody } from '../plan/batch-script.js';
import { type Plan, programsOf, type RunSpec } from '../plan/plan.js';
import type { Program } from '../plan/program.js';
import { argvOf, type RunPlace as PlaceOfRun } from '../plan/program-arguments.js';
import { type QueuePlan, queuedJob } from '../queue/queue-plan.js';
import { supervisorIn } from './runtime.js';

/** What all runs of a launch have in common. */
export interface LaunchContext {
  readonly plan: Plan;
  readonly launch: string;
  readonly store: string;
  /** The directory in the store with `run.sh` and the clients. */
  readonly runtime: string;
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** `mlx.yaml`, the same text for every run. */
  readonly settingsText: string;
  /** The entry `version_manager` of `info.yaml`. */
  readonly codeText: string;
  /** What the commit does not hold, to be linked into each run. */
  readonly patch: string | undefined;
  readonly launcher: ProcessIdentity;
  /** Undefined where the runs are processes on this machine. */
  readonly jobs: JobPlan | undefined;
  /** How they wait in the local queue; undefined where they do not. */
  readonly queue?: QueuePlan | undefined;
}

/** What a run is to its launch. */
export interface RunPlace {
  readonly id: number;
  readonly token: string;
  readonly firstAttempt: number;
  /** Undefined where the run has a job, or a process, of its own. */
  readonly task: ArrayTask | undefined;
  /** What its submission waits for. */
  readonly after?: Dependencies | undefined;
}

/** What all runs of a launch have in common, made once. */
export function launchContext(
  plan: Plan,
  facts: Omit<LaunchContext, 'plan' | 'settingsText' | 'codeText' | 'patch' | 'launcher'>,
): LaunchContext {
  const { code } = plan;
  return {
    ...facts,
    plan,
    settingsText: settingsText(plan),
    codeText: codeText(code),
    patch: code?.patch ? join(storePaths.launch(facts.store, facts.launch), patchFile) : undefined,
    launcher: thisProcess(),
  };
}

/** The contents of one run's directory; pure. */
export function runContents(context: LaunchContext, spec: RunSpec, place: RunPlace): RunContents {
  const { plan, launch, store, jobs, queue } = context;
  const { id, token, firstAttempt, task, after } = place;
  const { scheduler } = plan.settings;
  const directory = storePaths.run(store, id);
  const { program } = spec.command;
  const command = commandAt(plan, spec, { id, directory, store, runtime: context.runtime });
  const engineName = jobs?.engineName ?? (queue ? 'local' : 'here');
  const common = commonPart(context);
  const request = jobs && runRequest(jobs, { directory, id, token }, scheduler.shell_path, store);
  return {
    job: {
      token,
      firstAttempt,
      launch,
      point: spec.point.index,
      engine: engineName,
      jobId: undefined,
      idVariable: jobs?.engine.idVariable,
      task,
      restartsGetNewIds: (request && jobs?.engine.restartsGetNewIds(request)) ?? false,
      launcher: context.launcher,
      verdict: undefined,
      after,
      name: (jobs?.resources ?? queue)?.name,
      command: command.text,
      configKeys: leafNames(spec.config).length,
      queue: jobs?.queueName,
      queued: queue && queuedJob(queue),
    },
    info: {
      runDirectory: directory,
      id,
      launch,
      currentFilePath: program.file,
      executable: program.executable,
      host: hostname(),
      workDirectory: plan.cwd,
      command: command.text,
      engine: engineName,
      versionManager: context.codeText,
    },
    patch: context.patch,
    overrides: spec.point.overrides.map(sourceToken),
    config: formatYamlRecord(spec.config),
    settings: context.settingsText,
    script: renderScript({
      shell: plan.script?.shebang ?? scheduler.shell_path,
      directives: request && jobs ? jobs.engine.directives(request) : [],
      runDirectory: directory,
      supervisor: supervisorIn(context.runtime),
      supervisorWords: request && jobs ? supervisorWords(jobs.engine, request) : [],
      ...common,
      environment: [...common.environment, ...repetition(spec), ...taskVariables(plan, spec)],
      body: command.body ?? commandLines(command.argv, jobs ? lines(scheduler.cleanup_cmd) : [], spec.command.stdin),
    }),
  };
}

/** What the scripts of all runs do before anything else. */
export function commonPart({
  plan,
  jobs,
  environment,
}: LaunchContext): Pick<ScriptSpec, 'environment' | 'setup' | 'workDirectory'> {
  const { scheduler } = plan.settings;
  return {
    environment,
    setup: jobs && !plan.script ? [...lines(scheduler.shell_config_cmd), ...lines(scheduler.env_cmd)] : [],
    workDirectory: plan.cwd,
  };
}

/** What a run does, in one line; the body of its script, or its argv where the script does nothing else. */
export type RunCommand =
  | { readonly text: string; readonly body: string; readonly argv: undefined }
  | { readonly text: string; readonly body: undefined; readonly argv: readonly string[] };

/** The command of a run, in a batch script or alone. */
export function commandAt(
  { script, job, settings }: Pick<Plan, 'script' | 'job' | 'settings'>,
  { command, point, config }: RunSpec,
  run: PlaceOfRun & { readonly runtime: string },
): RunCommand {
  if (script && command.written) {
    const { body, command: text } = batchBody(script, command.written, point.overrides);
    return { text, body, argv: undefined };
  }
  const { steps = [], stepReaches } = command;
  if (steps.length > 0) {
    const argvs = stepReaches.map((reach) => argvOf(reach, point.overrides, config, run));
    const named = argvs.map((argv, i) => ({ name: steps[i]?.name ?? '', argv }));
    const cleanup = lines(settings.scheduler.cleanup_cmd);
    const body = stepLines(named, join(run.runtime, 'steps.sh'), cleanup);
    return { text: argvs.map(quoteCommand).join(' && '), body, argv: undefined };
  }
  const argv = argvOf(command.reach, point.overrides, config, run);
  if (job) return { text: quoteCommand(argv), body: renderJobBody(job), argv: undefined };
  return { text: quoteCommand(argv), body: undefined, argv };
}

const repetition = ({ point }: RunSpec): [string, string][] =>
  point.repetition === undefined ? [] : [['MLX_REPEAT', String(point.repetition)]];

// Where a program of an array job finds which task it is: each engine has a variable of its own, and programs know one of them.
const taskNames =
  'TASK_INDEX MLX_TASK_ID SLURM_ARRAY_TASK_ID SGE_TASK_ID PBS_ARRAY_INDEX PBS_ARRAYID OAR_ARRAY_INDEX LSB_JOBINDEX'.split(
    ' ',
  );

/** The variables that tell a run of `mlx submit -t` which task it is; its points are its tasks. */
function taskVariables({ job }: Plan, { command, point }: RunSpec): [string, string][] {
  const [task] = point.overrides;
  if (command.args.style !== 'verbatim' || !task?.element) return [];
  const index = unquotedText(task.element);
  // The workers of an element have tasks each, and find theirs by the engine's variable.
  if (job) return job.array?.element ? [[job.array.element.variable, index]] : [];
  return taskNames.map((name) => [name, index]);
}

/** What the supervisor has to know of the engine, see `run.sh`. */
export function supervisorWords(engine: BatchEngine, { stdout, stderr, resources }: JobRequest): string[] {
  const { reservedExitCodes, signalsGroup } = engine;
  return [
    ...(stdout === undefined || stderr === undefined ? ['--logs'] : []),
    ...(reservedExitCodes.length === 0 ? [] : [`--reserved=${reservedExitCodes.join(',')}`]),
    ...(signalsGroup ? ['--signals-group'] : []),
    ...(resources.signalTo === 'program' ? ['--signal-to=program'] : []),
    ...restartWords(engine, resources),
  ];
}

/** When it is sent which signals before its limit, and how it goes on after it, or is started again for other reasons. */
function restartWords({ warns, restart }: BatchEngine, resources: Resources): string[] {
  const { requeue, continueOnTimeout, time } = resources;
  const warning = warns ? undefined : signalOf(resources);
  const at = (seconds: number, signal: string) => ({ seconds: Math.max(0, Math.floor(seconds)), signal });
  const timers = [
    ...(warning && time !== undefined ? [at(time - warning.seconds, warning.signal)] : []),
    ...(continueOnTimeout && time !== undefined ? [at(time - endMargin(time), 'END')] : []),
  ];
  const isAsked = Boolean(requeue) || Boolean(continueOnTimeout);
  const most = (policy: boolean | number) => (policy === true ? '' : policy);
  return [
    ...sortBy(timers, 'seconds').map(({ seconds, signal }) => `--at=${seconds}:${signal}`),
    ...(continueOnTimeout ? [`--continue=${most(continueOnTimeout)}`] : []),
    ...(requeue ? [`--requeue=${most(requeue)}`] : []),
    ...(isAsked && restart
      ? [`--restart=${'exitCode' in restart ? `exit:${restart.exitCode}` : restart.command.join(' ')}`]
      : []),
  ];
}

/** MLXP takes text or a list, and empty text for nothing. */
const lines = (commands: string | readonly string[]) => [commands].flat().filter((line) => line.trim() !== '');

/** The text of `mlx.yaml`. */
export function settingsText(plan: Plan): string {
  return formatYamlRecord(configValue(plan.settings));
}

/**
 * The variables that scripts set: those that the settings name, as they are now; PYTHONPATH with the store's runtime behind
 * all else, so that `import mlxrun` works and shadows nothing; for Python, output that is not held back, so that logs can be
 * followed and hold what a killed program had printed.
 */
export function launchEnvironment(
  { settings: { environment: names }, commands, code }: Pick<Plan, 'settings' | 'commands' | 'code'>,
  environment: Readonly<Record<string, string | undefined>>,
  runtime: string,
): [name: string, value: string][] {
  const wanted = (name: string) =>
    names.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
  const found = Object.entries(environment).filter(
    (entry): entry is [string, string] => wanted(entry[0]) && /^[A-Za-z_]\w*$/.test(entry[0]) && entry[1] !== undefined,
  );
  const taken = code ? environmentInCopy(found, code) : found;
  const python = taken.find(([name]) => name === 'PYTHONPATH')?.[1];
  return [
    ...taken.filter(([name]) => name !== 'PYTHONPATH').sort(([a], [b]) => (a < b ? -1 : 1)),
    ['PYTHONPATH', pythonPath(python, runtime)],
    ...(commands.some((command) => programsOf(command).some(isPython))
      ? [['PYTHONUNBUFFERED', environment['PYTHONUNBUFFERED'] ?? '1'] satisfies [string, string]]
      : []),
  ];
}

function pythonPath(path: string | undefined, runtime: string): string {
  if (!path) return runtime;
  return path.split(':').includes(runtime) ? path : `${path}:${runtime}`;
}

function isPython({ argv }: Program): boolean {
  return argv.some((word) => /^python[\d.]*$/.test(basename(word)));
}

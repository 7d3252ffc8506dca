import { hostname } from 'node:os';
import sortBy from 'lodash/sortBy.js';
import { currentUmask } from '../../core/umask.js';
import type { BatchEngine, JobRequest } from '../../engines/index.js';
import { asksToStartAgain, endMargin, type Resources, signalOf } from '../../resources/index.js';
import { commandLines, renderScript, type ScriptSpec } from '../../script/index.js';
import { type ArrayTask, type Dependencies, type RunContents, storePaths, type Turn } from '../../store/index.js';
import { sourceToken } from '../../sweep/index.js';
import { formatYamlRecord, leafNames } from '../../values/index.js';
import { runRequest } from '../engine/job-request.js';
import type { RunSpec } from '../plan/plan.js';
import { queuedJob } from '../queue/options.js';
import { type EngineTarget, engineNameOf, retryPolicyOf, type Target } from '../target.js';
import type { LaunchContext } from './launch-context.js';
import { commandAt, lines, repetition, taskVariables } from './run-command.js';
import { supervisorIn } from './runtime.js';

/** A run's id, token and task within its launch. */
export interface RunIdentity {
  readonly id: number;
  readonly token: string;
  readonly firstAttempt: number;
  /** Undefined if the run has a job or process of its own. */
  readonly task: ArrayTask | undefined;
  /** What its submission waits for. */
  readonly after?: Dependencies | undefined;
  readonly turn?: Turn | undefined;
}

/** Returns the contents of one run's directory; writes nothing. */
export function runContents(context: LaunchContext, spec: RunSpec, identity: RunIdentity): RunContents {
  const { plan, launch, store, target } = context;
  const { id, token, firstAttempt, task, after, turn } = identity;
  const { scheduler } = plan.settings;
  const directory = storePaths.run(store, id);
  const { program } = spec.command;
  const command = commandAt(plan, spec, { id, directory, store, runtime: context.runtime });
  const jobs = target.kind === 'engine' ? target : undefined;
  const engineName = engineNameOf(target);
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
      turn,
      name: nameOf(target),
      command: command.text,
      configKeys: leafNames(spec.config).length,
      queue: jobs?.queueName,
      umask: currentUmask(),
      ...retryPolicyOf(target),
      mayGoOn: jobs && (Boolean(jobs.resources.requeue) || Boolean(jobs.resources.continueOnTimeout)),
      queued: target.kind === 'queue' ? queuedJob(target) : undefined,
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
    scriptMode: context.modes.script,
    overrides: spec.point.overrides.map(sourceToken),
    config: formatYamlRecord(spec.config),
    settings: context.settingsText,
    script: renderScript({
      shell: plan.script?.shebang ?? scheduler.shell_path,
      directives: request && jobs ? jobs.engine.directives(request) : [],
      runDirectory: directory,
      supervisor: supervisorIn(context.runtime),
      supervisorWords: request && jobs ? supervisorWords(jobs, request) : [],
      ...common,
      environment: [...common.environment, ...repetition(spec), ...taskVariables(plan, spec)],
      body: command.body ?? commandLines(command.argv, jobs ? lines(scheduler.cleanup_cmd) : [], spec.command.stdin),
    }),
  };
}

/** Returns what the scripts of all runs do before anything else. */
export function commonPart({
  plan,
  target,
  environment,
}: LaunchContext): Pick<ScriptSpec, 'environment' | 'setup' | 'workDirectory'> {
  const { scheduler } = plan.settings;
  return {
    environment,
    setup:
      target.kind === 'engine' && !plan.script
        ? [...lines(scheduler.shell_config_cmd), ...lines(scheduler.env_cmd)]
        : [],
    workDirectory: plan.cwd,
  };
}

/** The name that was given to the runs of a target. */
function nameOf(target: Target): string | undefined {
  return target.kind === 'engine' ? target.resources.name : target.kind === 'queue' ? target.name : undefined;
}

/** Returns the options that tell the supervisor (`run.sh`) about the engine. */
export function supervisorWords(
  { engine, maxFailures }: Pick<EngineTarget, 'engine' | 'maxFailures'>,
  { stdout, stderr, resources }: JobRequest,
): string[] {
  const { reservedExitCodes, signalsGroup } = engine;
  return [
    ...(stdout === undefined || stderr === undefined ? ['--logs'] : []),
    ...(reservedExitCodes.length === 0 ? [] : [`--reserved=${reservedExitCodes.join(',')}`]),
    ...(signalsGroup ? ['--signals-group'] : []),
    ...(resources.signalTo === 'program' ? ['--signal-to=program'] : []),
    ...restartWords(engine, resources),
    ...limitWord(resources, maxFailures),
  ];
}

/**
 * Which signals it gets when before its limit, and how it starts again after the limit or for other reasons.
 */
function restartWords({ warns, restart }: BatchEngine, resources: Resources): string[] {
  const { requeue, continueOnTimeout, time } = resources;
  const warning = warns ? undefined : signalOf(resources);
  const at = (seconds: number, signal: string) => ({ seconds: Math.max(0, Math.floor(seconds)), signal });
  const timers = [
    ...(warning && time !== undefined ? [at(time - warning.seconds, warning.signal)] : []),
    ...(continueOnTimeout && time !== undefined ? [at(time - endMargin(time), 'END')] : []),
  ];
  const most = (policy: boolean | number) => (policy === true ? '' : policy);
  return [
    ...sortBy(timers, 'seconds').map(({ seconds, signal }) => `--at=${seconds}:${signal}`),
    ...(continueOnTimeout ? [`--continue=${most(continueOnTimeout)}`] : []),
    ...(requeue ? [`--requeue=${most(requeue)}`] : []),
    ...(asksToStartAgain(resources) && restart
      ? [`--restart=${'exitCode' in restart ? `exit:${restart.exitCode}` : restart.command.join(' ')}`]
      : []),
  ];
}

/**
 * The time limit, for what depends on it: whether a retry has time in the same job, and whether an end that
 * the engine has asked for is a failure.
 */
const limitWord = ({ time, retries }: Resources, maxFailures: number | undefined): string[] =>
  time !== undefined && (Boolean(retries) || maxFailures !== undefined) ? [`--limit=${Math.floor(time)}`] : [];

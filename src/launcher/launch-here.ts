import { configValue, formatYamlRecord } from '../config/yaml.js';
import { fail } from '../core/failure.js';
import {
  continueRun,
  createLaunch,
  createRun,
  IdClaimer,
  isFinalStatus,
  type LaunchRecord,
  lastAttemptNumber,
  newId,
  nextIdHint,
  openStore,
  readRun,
  storePaths,
  thisProcess,
} from '../logger/index.js';
import { type PlainOverride, sourceToken } from '../sweep/index.js';
import { carryOut, type Launch, type LaunchedRun, type RunLimits, type Task } from './carry-out.js';
import { launchRecordText } from './launch-record.js';
import { type Plan, planRuns, type RunSpec } from './plan.js';
import { type LaunchContext, launchEnvironment, runContents, settingsText } from './run-files.js';
import { installedRuntime, supervisorIn } from './runtime.js';

/** How to carry out a plan on this machine. */
export interface HereOptions extends Omit<RunLimits, 'grace'> {
  /** The words that were typed, for the record. */
  readonly argv: readonly string[];
  readonly version: string;
  /** The environment to take the launch's variables from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Carries out a plan on this machine: runs are created one by one, just before each starts, and recorded in the launch
 * as they are claimed, so that `resumeLaunch` can finish a launch that is killed.
 */
export function launchHere(plan: Plan, options: HereOptions): Launch {
  const limits = { ...options, grace: plan.settings.grace };
  return carryOut(() => {
    const store = plan.settings.logger.parent_log_dir;
    openStore(store);
    refuseForcedIdAlive(plan, store);
    const runtime = installedRuntime(store);
    const environment = launchEnvironment(plan, options.environment, runtime);
    const settings = settingsText(plan);
    const launch = newId();
    const record = createLaunch(store, launch, {
      'config.yaml': formatYamlRecord(plan.config.kind === 'file' ? plan.config.mapping : new Map()),
      'mlx.yaml': settings,
      'launch.yaml': launchRecordText(plan, { ...options, limits, environment, launch, firstId: nextIdHint(store) }),
    });
    const context = { plan, launch, store, runtime, environment, settingsText: settings, launcher: thisProcess() };
    const maker = new RunMaker(context, record);
    const code = recordCode(record, plan.cwd);
    return {
      launch,
      store,
      supervisor: supervisorIn(runtime),
      tasks: launchTasks(maker, plan),
      async finish(done) {
        await code;
        maker.close(done);
      },
    };
  }, limits);
}

function* launchTasks(maker: RunMaker, plan: Plan): Generator<Task> {
  for (const spec of planRuns(plan)) yield maker.make(spec);
}

/** Makes the runs of a launch. */
export class RunMaker {
  readonly #claimer: IdClaimer;

  constructor(
    readonly context: LaunchContext,
    readonly record: LaunchRecord,
  ) {
    this.#claimer = new IdClaimer(context.store);
  }

  /** Makes the directory of a run and gives its start. */
  make(spec: RunSpec): Task {
    const forced = this.context.plan.settings.logger.forced_log_id;
    const id = forced >= 0 ? forced : this.#claimer.claim();
    return this.#fill(id, newId(), spec, forced >= 0 ? continueRun : createRun);
  }

  /** Makes whole the directory of a run that was claimed already. */
  complete(id: number, token: string, spec: RunSpec): Task {
    return this.#fill(id, token, spec, continueRun);
  }

  #fill(id: number, token: string, spec: RunSpec, write: typeof createRun): Task {
    const directory = storePaths.run(this.context.store, id);
    // The directory of a forced id may hold earlier attempts.
    const attempt = (write === createRun ? 0 : lastAttemptNumber(directory)) + 1;
    write(directory, runContents(this.context, spec, { id, token, firstAttempt: attempt }));
    this.record.addPoint(spec.point.index, id);
    const run = launchedRun(this.context.store, id, token, spec);
    return { kind: 'start', run, attempt };
  }

  close(done: boolean): void {
    this.#claimer.writeHint();
    try {
      if (done) this.record.markDone();
    } catch {
      // The next `resume` finds nothing to do and says so.
    }
    this.record.close();
  }
}

/** A run as events name it. */
export function launchedRun(store: string, id: number, token: string, { point }: RunSpec): LaunchedRun {
  const { index, overrides } = point;
  return {
    id,
    directory: storePaths.run(store, id),
    token,
    point: index,
    overrides: overrides.map(sourceToken),
    label: labelOf(overrides),
  };
}

function labelOf(overrides: readonly PlainOverride[]): string {
  const swept = overrides.filter(({ override }) => override.choices.length > 1);
  return (swept.length > 0 ? swept : overrides).map(sourceToken).join(' ');
}

/** Notes beside the launch which code it ran; while its runs already start, since git may take its time. */
async function recordCode(record: LaunchRecord, directory: string): Promise<void> {
  const { describeCode } = await import('../version-manager/index.js');
  const text = formatYamlRecord(configValue(await describeCode(directory)));
  try {
    record.addFile('code.yaml', text);
  } catch {
    // A store that can't be written to is told by the runs, which need it more.
  }
}

function refuseForcedIdAlive(plan: Plan, store: string): void {
  const id = plan.settings.logger.forced_log_id;
  const run = id >= 0 ? readRun(store, id) : undefined;
  if (run?.kind === 'run' && !isFinalStatus(run.status.status) && run.status.status !== 'LOST') {
    fail({ reason: 'run-alive', id });
  }
}

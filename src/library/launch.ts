import type { Environment } from '../core/environment.js';
import { ownEnvironment } from '../core/own-environment.js';
import { version } from '../core/version.js';
import { readLimits } from '../engines/index.js';
import { fail } from '../failures/index.js';
import {
  type Caller,
  checkLimits,
  choicesWithoutAsking,
  codeOf,
  configuredEngine,
  failUnconfigured,
  fixChosen,
  type Launch,
  type LaunchEvent,
  neededFiles,
  type Plan,
  type LaunchRequest as PlanRequest,
  type PreparedRun,
  planVersioned,
  planWithoutExisting,
  prepareRun,
  type RunOptions,
  requireGpus,
  startEngine,
  startHere,
  startQueue,
  type Target,
  verifyRequest,
  writtenSteps,
} from '../launch/index.js';
import { type RunResult, readStoreResults } from '../results/index.js';
import { waitingOf, watchRuns } from '../runs/index.js';
import { checkStoreWritable, type RunStatus } from '../store/index.js';

/**
 * What to launch: the words of `mlx run`, and its options under their names in camel case (`configName`,
 * `skipExisting`, `time`, `mem`, …), except for these.
 */
export interface LaunchRequest
  extends Omit<RunOptions, 'args' | 'program' | 'scheduler' | 'step' | 'stream' | 'notify'> {
  /** The program's file: `train.py`. Leave it out if `command` is the whole command. */
  readonly program?: string | undefined;
  /** The program's own arguments, or, without `program`, the whole command. */
  readonly command?: readonly string[] | undefined;
  /** `key=value` words in Hydra's grammar: `['lr=1e-3,1e-2', 'seed=1,2']`. */
  readonly overrides?: readonly string[] | undefined;
  /** Commands that each run executes in order, instead of a program. */
  readonly steps?: readonly { readonly name: string; readonly words: readonly string[] }[] | undefined;
  /**
   * Where the runs go: `here` (the default, unless the settings say otherwise), `local` for the local queue,
   * an engine's name or module, or `auto` for the engine of the settings.
   */
  readonly engine?: string | undefined;
  /** How points become arguments, see `--args`. */
  readonly style?: RunOptions['args'];
  /** A kind of program that keeps records of its own. */
  readonly preset?: RunOptions['program'];
  /** The directory to launch from; by default that of this process. */
  readonly cwd?: string | undefined;
  /** The environment of the launch; by default that of this process. */
  readonly env?: Environment | undefined;
}

/** How a run of a launch has ended. */
export interface RunEnd extends RunStatus {
  readonly id: number;
  readonly directory: string;
  readonly exitCode: number | undefined;
  /** Undefined for a run that could not start. */
  readonly seconds: number | undefined;
}

/** A launch that was started. Nothing happens before `events` or `finished` is asked for. */
export interface StartedLaunch extends Launch {
  readonly plan: Plan;
  readonly target: Target;
  /** The absolute path of the directory that has the runs. */
  readonly store: string;
  /**
   * Follows the launch to the end and resolves to the ends of its runs, by id. Jobs of an engine are followed
   * until they have ended; runs of the local queue are only put into it. `onEvent` sees each event. Throws
   * what launching throws, such as `submission-failed`.
   */
  readonly finished: (onEvent?: (event: LaunchEvent) => void) => Promise<readonly RunEnd[]>;
  /** Reads the results of the runs that the launch has made so far, for tables and plots. */
  readonly results: () => Promise<readonly RunResult[]>;
}

/**
 * Does what `mlx run` does: reads the settings, finds the program, composes its config, plans every point,
 * and starts the runs here, submits them to an engine, or puts them into the local queue. It asks nothing:
 * what a person would be asked, options decide. Throws an `MlxError` with everything that `mlx run` refuses,
 * before anything is written.
 *
 *     const sweep = await launch({ program: 'train.py', overrides: ['lr=1e-3,1e-2'], parallel: 2 });
 *     const ends = await sweep.finished();
 */
export async function launch(request: LaunchRequest): Promise<StartedLaunch> {
  const caller: Caller = { cwd: request.cwd ?? process.cwd(), env: request.env ?? ownEnvironment() };
  const { options, prepared } = await prepare(request, caller);
  const { target, settings } = prepared;
  const { plan: made } = await planWithoutExisting(prepared.request, prepared.skipExisting);
  const store = settings.logger.parent_log_dir;
  checkStoreWritable(store);
  if (target.kind === 'here') requireGpus(target, caller.env);
  const plan = settings.use_version_manager ? await fixed(prepared, made, caller) : made;
  const origin = { argv: argvOf(request, options), version, environment: caller.env };
  const started = await start(plan, target, origin);
  const ids = new Set<number>();
  const events = noting(ids, started.events);
  return {
    plan,
    target,
    store,
    events,
    stop: started.stop,
    finished: (onEvent) => follow(events, { target, store, ids }, onEvent),
    results: async () => (await readStoreResults(store)).results.filter(({ id }) => ids.has(id)),
  };
}

async function prepare(request: LaunchRequest, caller: Caller) {
  const { program, command = [], overrides = [], steps: named = [], engine, style, preset, ...rest } = request;
  const scheduler = engine === 'here' ? undefined : engine;
  const options: RunOptions = { ...rest, args: style, program: preset, scheduler };
  const steps = named.length > 0 ? named : writtenSteps(options, caller.cwd);
  if (steps.length > 0 && (program ?? command[0]) !== undefined) {
    fail({ reason: 'steps-and-program', program: program ?? command[0] ?? '' });
  }
  const prepared = await prepareRun(
    options,
    { program, rest: command, overrides, steps },
    {
      caller,
      async chooseEngine(asked, found) {
        if (engine === 'here') return undefined;
        const choice = await configuredEngine(asked, found, caller);
        return choice.kind === 'chosen' ? choice.engine : failUnconfigured(choice);
      },
      waiting: ({ logger }) => waitingOf(options, { store: logger.parent_log_dir, cwd: caller.cwd }),
    },
  );
  return { options, prepared };
}

/** Fixes the version of the code, after everything else was checked, and plans the launch from there. */
async function fixed(prepared: PreparedRun, made: Plan, caller: Caller): Promise<Plan> {
  const { request, settings, skipExisting } = prepared;
  if (made.count === 0) return made;
  const code = await codeOf(settings, caller.cwd);
  const choices = choicesWithoutAsking(code.tree, settings.version_manager);
  const needed = neededFiles(request, caller.cwd);
  const fixedCode = await fixChosen(code, { settings, choices, tree: code.tree, needed, report: () => {} });
  const planOf = async (again: PlanRequest) => (await planWithoutExisting(again, skipExisting)).plan;
  return (await planVersioned({ ...prepared, planOf }, fixedCode, caller)).plan;
}

async function start(plan: Plan, target: Target, origin: Parameters<typeof startHere>[2]): Promise<Launch> {
  switch (target.kind) {
    case 'here':
      return startHere(plan, target, origin);
    case 'queue':
      return startQueue(plan, target, origin);
    case 'engine': {
      const limits = await readLimits(target.engine, target.cluster);
      checkLimits(target, limits);
      await verifyRequest(target, plan.settings);
      return startEngine(plan, { target, limits }, origin);
    }
  }
}

/** Passes events on, and notes the runs that they are about. */
async function* noting(ids: Set<number>, events: AsyncGenerator<LaunchEvent>): AsyncGenerator<LaunchEvent> {
  for await (const event of events) {
    if ('run' in event) ids.add(event.run.id);
    if ('runs' in event) for (const { id } of event.runs) ids.add(id);
    yield event;
  }
}

/** What is known of a launch that is followed. */
interface Followed {
  readonly target: Target;
  readonly store: string;
  readonly ids: ReadonlySet<number>;
}

/** Follows a launch to the ends of its runs. */
async function follow(
  launched: AsyncGenerator<LaunchEvent>,
  { target, store, ids }: Followed,
  onEvent: (event: LaunchEvent) => void = () => {},
): Promise<readonly RunEnd[]> {
  const ends = new Map<number, RunEnd>();
  const take = async (events: AsyncGenerator<LaunchEvent>) => {
    for await (const event of events) {
      onEvent(event);
      if (event.type !== 'ended') continue;
      const { run, status, exitCode, seconds } = event;
      ends.set(run.id, { id: run.id, directory: run.directory, ...status, exitCode, seconds });
    }
  };
  await take(launched);
  const open = [...ids].filter((id) => !ends.has(id));
  if (target.kind === 'engine') await take(watchRuns(store, open).events);
  return [...ends.values()].sort((a, b) => a.id - b.id);
}

/** The words of `mlx run` that would launch the same, for the launch's record. */
function argvOf({ program, command = [], overrides = [] }: LaunchRequest, { scheduler }: RunOptions): string[] {
  return [
    'run',
    ...(program === undefined ? [] : [program]),
    ...overrides,
    ...(scheduler === undefined ? [] : [`--scheduler=${scheduler}`]),
    ...(command.length === 0 ? [] : ['--', ...command]),
  ];
}

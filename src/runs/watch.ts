import { setTimeout as sleep } from 'node:timers/promises';
import { MlxError, submissionText } from '../failures/index.js';
import { type Launch, type LaunchEvent, type LaunchedRun, stoppable } from '../launch/index.js';
import {
  type CompleteRun,
  hasStarted,
  isBeingMade,
  isOver,
  readLaunchPoints,
  readRun,
  runSeconds,
} from '../store/index.js';
import { EngineAsker } from '../tracking/index.js';
import { Restarter } from './restarter.js';

const shortestPause = 1;
const longestPause = 10;

/**
 * Follows runs until all have ended or are lost, wherever they are. Each engine is asked about all of its
 * runs at once. Restarts ended runs that asked for it. Stopping the watch leaves the runs alone. With
 * `launches` it also follows the runs that these make while they are carried out.
 */
export function watchRuns(store: string, ids: readonly number[], launches: readonly string[] = []): Launch {
  return stoppable((signal) => eventsOf(store, { ids, launches }, signal));
}

async function* eventsOf(
  store: string,
  { ids, launches }: { readonly ids: readonly number[]; readonly launches: readonly string[] },
  signal: AbortSignal,
): AsyncGenerator<LaunchEvent> {
  const open = new Set(ids);
  const known = new Set(ids);
  const making = new Set(launches);
  const started = new Set<number>();
  let pause = shortestPause;
  const restarter = new Restarter(store);
  let silent: { readonly engine: string; readonly words: string; readonly since: number } | undefined;
  while ((open.size > 0 || making.size > 0) && !signal.aborted) {
    const before = known.size;
    for (const launch of making) {
      // Looked at before its runs: what it makes meanwhile is then found next time.
      if (!isBeingMade(store, launch)) making.delete(launch);
      for (const id of readLaunchPoints(store, launch).values()) {
        if (known.has(id)) continue;
        known.add(id);
        open.add(id);
      }
    }
    if (known.size > before) yield { type: 'counted', total: known.size };
    const view = new EngineAsker(store);
    const runs = [...open].flatMap((id) => {
      const run = readRun(store, id);
      if (run?.kind === 'run') return run;
      open.delete(id);
      return [];
    });
    let changed = false;
    for (const run of await view.ask(runs)) {
      const { status } = run.status;
      if (!started.has(run.id) && run.job && hasStarted(run.job, run.attempt)) {
        started.add(run.id);
        changed = true;
        yield { type: 'starting', run: asLaunched(run) };
      }
      if (!isOver(status)) continue;
      const what = await restarter.decide(run);
      if (what === 'later') continue;
      changed = true;
      if (what === 'now' && !signal.aborted) {
        try {
          yield* restarter.submit(run, signal);
          started.delete(run.id);
          continue;
        } catch (error) {
          if (isPassing(error)) continue;
          if (!(error instanceof MlxError) || error.failure.reason !== 'submission-failed') throw error;
          const { engine } = error.failure;
          const words = `run ${run.id} does not go on: ${submissionText(error.failure)}`;
          yield { type: 'waiting', engine, words, seconds: pause };
        }
      }
      open.delete(run.id);
      yield endedEvent(run);
    }
    const [trouble] = view.troubles;
    // Ctrl-C at the terminal ends the question, too, which says nothing about the engine. It may be heard
    // only after that.
    if (trouble) await sleep(50, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    if (trouble && (trouble.engine !== silent?.engine || trouble.words !== silent.words)) {
      const { engine, words, asOf } = trouble;
      const since = (silent?.engine === engine ? silent.since : asOf) ?? Date.now() / 1000;
      silent = { engine, words, since };
      yield { type: 'waiting', ...silent, seconds: pause };
    } else if (!trouble && silent) {
      yield { type: 'answering', engine: silent.engine };
      silent = undefined;
    }
    pause = changed ? shortestPause : Math.min(pause * 1.5, longestPause);
    if (open.size + making.size > 0) await sleep(pause * 1000, undefined, { signal }).catch(() => undefined);
  }
}

function endedEvent(run: CompleteRun): LaunchEvent {
  return {
    type: 'ended',
    run: asLaunched(run),
    status: run.status,
    exitCode: run.attempt?.end?.exitCode ?? run.engine?.exitCode,
    seconds: runSeconds(run, Date.now() / 1000),
  };
}

function asLaunched({ id, directory, job, overrides }: CompleteRun): LaunchedRun {
  return { id, directory, token: job?.token ?? '', point: job?.point ?? 0, overrides, label: overrides.join(' ') };
}

/** Whether a run can't be submitted just now, since another process submits jobs of its launch. */
const isPassing = (error: unknown) =>
  error instanceof MlxError && ['launch-alive', 'run-alive', 'engine-trouble'].includes(error.failure.reason);

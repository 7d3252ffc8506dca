import type { Attempt, RunStatus } from '../store/index.js';

/** A run of a launch, as events name it. */
export interface LaunchedRun {
  readonly id: number;
  readonly directory: string;
  readonly token: string;
  readonly point: number;
  /** The point in source spelling. */
  readonly overrides: readonly string[];
  /** Tells the run from the others of its launch: the swept overrides, or all of them if none is swept. */
  readonly label: string;
}

/** What happens in a launch, in order, whatever its target is. */
export type LaunchEvent =
  | { readonly type: 'launched'; readonly launch: string; readonly store: string }
  /** The directory is complete. The process starts next, or was started by an earlier launcher. */
  | { readonly type: 'starting'; readonly run: LaunchedRun }
  | {
      readonly type: 'ended';
      readonly run: LaunchedRun;
      readonly status: RunStatus;
      readonly exitCode: number | undefined;
      readonly seconds: number | undefined;
      /** True if the run failed before it could start. */
      readonly unstarted?: true;
    }
  | { readonly type: 'stopping'; readonly reason: string }
  /** The number of runs has changed. */
  | { readonly type: 'counted'; readonly total: number }
  /** This number of points was left out, because another launch has begun them just now. */
  | { readonly type: 'covered'; readonly points: number }
  /** An attempt has ended, but not the run: it waits for its next attempt. */
  | { readonly type: 'again'; readonly run: LaunchedRun; readonly attempt: number; readonly status: RunStatus }
  /** Another process started the run first. */
  | { readonly type: 'passed'; readonly run: LaunchedRun }
  /** The engine has accepted a job for these runs, just now or, if `found`, earlier. */
  | {
      readonly type: 'submitted';
      readonly runs: readonly LaunchedRun[];
      readonly engine: string;
      readonly jobId: string;
      readonly found: boolean;
    }
  /** Something temporary keeps the next job from being submitted. */
  | {
      readonly type: 'waiting';
      readonly engine: string;
      readonly words: string;
      readonly seconds: number;
      /**
       * Since when nothing is known of followed runs, because their engine does not answer. Seconds since
       * 1970.
       */
      readonly since?: number | undefined;
      /** How many of the launch's runs are submitted, if a limit on the number of jobs keeps the rest out. */
      readonly submitted?: number;
      readonly total?: number;
    }
  /** An engine that did not answer about followed runs answers again. */
  | { readonly type: 'answering'; readonly engine: string }
  /** The engine refuses the job of these runs for good. */
  | {
      readonly type: 'refused';
      readonly runs: readonly LaunchedRun[];
      readonly engine: string;
      readonly words: string;
    };

/** The end of a run. */
export type Ended = Extract<LaunchEvent, { type: 'ended' }>;

/** A launch under way: its events, and a way to end it early. */
export interface Launch {
  readonly events: AsyncGenerator<LaunchEvent>;
  /**
   * Starts nothing more and asks the runs under way to end; the second call kills them. `signal` is the
   * signal that stopped the launch, if any.
   */
  stop(reason: string, signal?: string): void;
}

/** A launch whose event generator checks by itself whether it was stopped. */
export function stoppable(events: (signal: AbortSignal) => AsyncGenerator<LaunchEvent>): Launch {
  const control = new AbortController();
  return { events: events(control.signal), stop: () => control.abort() };
}

/** The events of a launch that leaves out what another one has just begun; none if it leaves out nothing. */
export function* coveredEvents(points: number, left: number): Generator<LaunchEvent> {
  if (points === 0) return;
  yield { type: 'covered', points };
  yield { type: 'counted', total: left };
}

/** The event for a run whose last attempt has ended. */
export function endedEvent(run: LaunchedRun, { status, reason }: RunStatus, attempt: Attempt | undefined): Ended {
  const { claim, end } = attempt ?? {};
  return {
    type: 'ended',
    run,
    status: { status, reason },
    exitCode: end?.exitCode,
    seconds: claim && end ? Math.max(0, end.end - claim.start) : undefined,
  };
}

import { localIso } from '../../../core/clock.js';
import { isAlive } from '../../../core/process.js';
import { fail } from '../../../failures/index.js';
import {
  type EngineTarget,
  type HereTarget,
  type JobSurvey,
  type QueueSurvey,
  type QueueTarget,
  type RecordedLaunch,
  type ResumeScope,
  readLaunch,
  requireInterrupted,
  type Survey,
  surveyEngine,
  surveyHere,
  surveyQueue,
} from '../../../launch/index.js';
import { listUnrecordedLaunches } from '../../../store/index.js';
import type { EngineAsker } from '../../../tracking/index.js';
import type { ResumeOptions } from './spec.js';

/** A launch, what it has left to do, and where its runs go. */
export type SurveyedLaunch = {
  readonly store: string;
  readonly launch: string;
  readonly scope: ResumeScope;
  /** How many of its runs will be made, started or followed. */
  readonly left: number;
} & (
  | { readonly kind: 'here'; readonly recorded: RecordedLaunch<HereTarget>; readonly survey: Survey }
  | { readonly kind: 'engine'; readonly recorded: RecordedLaunch<EngineTarget>; readonly survey: JobSurvey }
  | { readonly kind: 'queue'; readonly recorded: RecordedLaunch<QueueTarget>; readonly survey: QueueSurvey }
);

/**
 * Reads a launch and counts what it has left to do; `view` asks its engine. Throws what `readLaunch` throws,
 * `launch-alive`, and `engine-trouble` if its engine does not answer.
 */
export async function surveyOf(
  view: EngineAsker,
  launch: string,
  scope: ResumeScope,
  { force, maxQueued }: Pick<ResumeOptions, 'force' | 'maxQueued'>,
): Promise<SurveyedLaunch> {
  const { store } = view;
  const recorded = await readLaunch(store, launch);
  requireInterrupted(store, launch, force);
  const { target } = recorded;
  switch (target.kind) {
    case 'here': {
      const here = { ...recorded, target };
      const survey = surveyHere(store, launch, here, { force, scope });
      const { create, complete, start, follow } = survey.counts;
      return { kind: 'here', store, launch, scope, recorded: here, survey, left: create + complete + start + follow };
    }
    case 'engine': {
      const jobs = { ...recorded, target: { ...target, maxQueued: maxQueued ?? target.maxQueued } };
      const survey = await surveyEngine(store, launch, jobs, { scope, view });
      const { create, complete, submit, again } = survey.counts;
      return { kind: 'engine', store, launch, scope, recorded: jobs, survey, left: create + complete + submit + again };
    }
    case 'queue': {
      const queued = { ...recorded, target };
      const survey = surveyQueue(store, launch, queued, scope);
      const { create, complete, again } = survey.counts;
      return { kind: 'queue', store, launch, scope, recorded: queued, survey, left: create + complete + again };
    }
  }
}

/** How one launch is resumed. */
export interface Resuming {
  readonly options: ResumeOptions;
  /** Launches that have something left as well, to be named. */
  readonly others: readonly string[];
  /** Whether `--wait` follows its jobs at once. */
  readonly follows: boolean;
}

/** The exit code of a resumed launch, and the runs that were submitted and may be followed. */
export interface Resumed {
  readonly code: number;
  readonly ids: readonly number[];
}

/** Throws `launch-unrecorded` or `launch-alive` for a launch that has a directory and no record. */
export function refuseUnrecorded(store: string, launch: string, force: boolean): void {
  const found = listUnrecordedLaunches(store).find((one) => one.launch === launch);
  if (!found) return;
  const { owner, changed } = found;
  const seen = isAlive(owner);
  if (owner && (seen || (seen === undefined && !force))) {
    fail({ reason: 'launch-alive', launch, host: owner.host, pid: owner.pid, seen: seen === true });
  }
  fail({ reason: 'launch-unrecorded', launch, begun: localIso(new Date(changed)) });
}

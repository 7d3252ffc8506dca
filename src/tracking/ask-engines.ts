import { dirname } from 'node:path';
import groupBy from 'lodash/groupBy.js';
import memoize from 'lodash/memoize.js';
import { localIso } from '../core/clock.js';
import { parseRanges, rangesText } from '../core/consecutive.js';
import { isOwnEngine, loadEngine, pollJobs } from '../engines/index.js';
import { MlxError } from '../failures/index.js';
import {
  type CompleteRun,
  correctInfo,
  currentJobId,
  type Dependencies,
  type EngineAnswer,
  hasStarted,
  isFinalStatus,
  type JobRef,
  jobRefOf,
  needsEngine,
  noDependencies,
  noteRecordedOutcome,
  type Readiness,
  readJob,
  readRun,
  recordedReadiness,
  storePaths,
  type Turn,
  withAnswer,
  writeEngineAnswer,
} from '../store/index.js';
import { type LastAnswer, type LastAnswers, readLastAnswers, writeLastAnswers } from './last-answers.js';

/** The answers of engines about runs. */
export interface AskedEngines {
  /** By run id. */
  readonly answers: ReadonlyMap<number, EngineAnswer>;
  /** The runs that were read again, since they may have changed while their engine was asked. By id. */
  readonly changed: ReadonlyMap<number, CompleteRun>;
  /**
   * The runs whose jobs were just asked about: what an engine that does not answer said earlier is not among
   * these.
   */
  readonly asked: ReadonlySet<number>;
  /** Engines that did not answer, their words, and when they last did (seconds since 1970). */
  readonly troubles: readonly { readonly engine: string; readonly words: string; readonly asOf: number | undefined }[];
}

/**
 * Seconds to wait for the end that a run's supervisor writes, which says more than the engine, before the
 * answer is saved.
 */
const saveAfter = 30;

/** Seconds that a job may be unknown to its engine before its run is LOST: network disks can be that slow. */
const lostAfter = 60;

/**
 * Asks engines about the runs whose records do not show how they ended, each engine once for all its runs.
 * With `saves`, final answers are saved with the run, because engines forget, and the others for a time when
 * the engine does not answer: its last answers are returned then.
 */
export async function askEngines(
  store: string,
  runs: readonly CompleteRun[],
  { saves }: { readonly saves: boolean },
): Promise<AskedEngines> {
  const open = runs.filter(needsEngine).flatMap((run): OpenJob[] => {
    const engine = run.job?.engine ?? 'here';
    const ref = jobRefOf(run);
    return ref === undefined || isOwnEngine(engine) ? [] : [{ run, engine, jobId: ref.id, ref }];
  });
  const answers = new Map<number, EngineAnswer>();
  const changed = new Map<number, CompleteRun>();
  const troubles: { engine: string; words: string; asOf: number | undefined }[] = [];
  const asked = new Set<number>();
  if (open.length === 0) return { answers, changed, asked, troubles };
  const last = readLastAnswers(store);
  const known: OpenJob[] = [];
  for (const [engine, itsJobs] of Object.entries(groupBy(open, (job) => job.engine))) {
    const { found, fresh, trouble, memory } = await askOne(engine, itsJobs, last[engine]);
    for (const one of itsJobs) {
      const given = found.get(one.jobId);
      const job = given && tellsEnd(given) ? readAgain(store, one) : one;
      if (job.run !== one.run) changed.set(job.run.id, job.run);
      // Submitted again in between: the answer is about the job before.
      if (currentJobId(job.run) !== job.jobId) continue;
      known.push(job);
      const answer = settledAnswer(job, given, memory);
      if (answer) answers.set(job.run.id, answer);
      if (fresh.has(job.jobId)) asked.add(job.run.id);
    }
    if (trouble !== undefined) troubles.push({ engine, words: trouble, asOf: last[engine]?.at });
    else last[engine] = memory.next;
  }
  if (!saves) return { answers, changed, asked, troubles };
  for (const { run, engine, jobId } of known) {
    const seen = last[engine]?.jobs[jobId]?.since;
    if (hasEnd(run) || (seen !== undefined && Date.now() / 1000 - seen > saveAfter)) save(run, answers.get(run.id));
  }
  writeLastAnswers(store, last);
  return { answers, changed, asked, troubles };
}

/** A submitted run whose records do not show how it ended. */
interface OpenJob {
  readonly run: CompleteRun;
  readonly engine: string;
  readonly jobId: string;
  readonly ref: JobRef;
}

/** True if the engine tells that a job has ended, or does not know it. */
const tellsEnd = ({ state }: EngineAnswer) => isFinalStatus(state) || state === 'gone' || state === 'lost';

/**
 * Reads a run again: it may have started and ended between its first reading and the engine's answer, and
 * what it has recorded says more than the engine.
 */
function readAgain(store: string, job: OpenJob): OpenJob {
  const run = hasEnd(job.run) ? undefined : readRun(store, job.run.id);
  return run?.kind === 'run' ? { ...job, run } : job;
}

interface Memory {
  /** The answers of the last time. */
  readonly before: LastAnswers | undefined;
  /** The answers of this time, as they will be saved. */
  readonly next: { readonly at: number; readonly jobs: Record<string, LastAnswer> };
  /** `recordedReadiness`, computed once for runs with the same dependencies. */
  readonly readinessOf: (store: string, after: Dependencies) => Readiness;
  /** `ahead`, computed once for runs with the same turn. */
  readonly aheadOf: (store: string, turn: Turn) => readonly number[];
}

/** What an engine says of its jobs, with its earlier answers where it gives none. */
interface Told {
  readonly found: ReadonlyMap<string, EngineAnswer>;
  /** The ids of jobs that it has just answered about. */
  readonly fresh: ReadonlySet<string>;
  readonly trouble: string | undefined;
  readonly memory: Memory;
}

async function askOne(name: string, jobs: readonly OpenJob[], before: LastAnswers | undefined): Promise<Told> {
  const asked = new Set(jobs.map(({ jobId }) => jobId));
  const others = Object.entries(before?.jobs ?? {}).filter(([id]) => !asked.has(id));
  const readinessOf = memoize(recordedReadiness, (_, after) => JSON.stringify(after));
  const aheadOf = memoize(ahead, (store, turn) => JSON.stringify([store, turn]));
  const memory: Memory = {
    aheadOf,
    before,
    next: { at: Date.now() / 1000, jobs: Object.fromEntries(others) },
    readinessOf,
  };
  try {
    const engine = await loadEngine(name);
    const { answers, trouble } = await pollJobs(
      engine,
      jobs.map(({ ref }) => ref),
    );
    const fresh = new Set(answers.keys());
    return { found: trouble === undefined ? answers : remembered(before, answers), fresh, trouble, memory };
  } catch (error) {
    // A user's own engine that was moved must not hide the answers of other engines.
    if (!(error instanceof MlxError)) throw error;
    const fresh = new Set<string>();
    return {
      found: remembered(before, new Map()),
      fresh,
      trouble: `it can't be loaded (${error.failure.reason})`,
      memory,
    };
  }
}

/** Adds the last answers, marked with their time, for jobs that have no new answer. */
function remembered(
  before: LastAnswers | undefined,
  fresh: ReadonlyMap<string, EngineAnswer>,
): ReadonlyMap<string, EngineAnswer> {
  if (!before) return fresh;
  const asOf = `as of ${localIso(new Date(before.at * 1000)).slice(11, 19)}`;
  const old = Object.entries(before.jobs).map(([id, { state, word }]): [string, EngineAnswer] => [
    id,
    { state, word, reason: asOf },
  ]);
  return new Map([...old, ...fresh]);
}

/** Returns the answer for a run. A job that is gone becomes lost only after a while. */
function settledAnswer(
  { run, jobId }: OpenJob,
  given: EngineAnswer | undefined,
  memory: Memory,
): EngineAnswer | undefined {
  if (!given) return undefined;
  const { before, next } = memory;
  const answer = withDependencies(run, given, memory);
  // If a job ended well and the run has not started, the disk is late, or the job did something else.
  const unseen = (answer.state === 'COMPLETE' && !hasStartedRun(run)) || (answer.traceless && hasStartedRun(run));
  if (answer.state !== 'gone' && !unseen) {
    if (isFinalStatus(answer.state)) {
      if (!hasEnd(run))
        next.jobs[jobId] = { state: 'gone', word: answer.word, since: before?.jobs[jobId]?.since ?? next.at };
    } else if (answer.state !== 'lost') next.jobs[jobId] = { state: answer.state, word: answer.word };
    return answer;
  }
  const since = before?.jobs[jobId]?.since ?? next.at;
  next.jobs[jobId] = { state: 'gone', word: answer.word, since };
  return { ...answer, state: next.at - since > lostAfter ? 'lost' : 'gone' };
}

/**
 * Corrects the answer about a job that waits for others: some engines remove a job whose dependency failed,
 * and some call a waiting job held. A job that is also held by hand stays held, with both reasons.
 */
function withDependencies(
  run: CompleteRun,
  answer: EngineAnswer,
  { aheadOf, readinessOf }: Pick<Memory, 'aheadOf' | 'readinessOf'>,
): EngineAnswer {
  const { verdict } = run.job ?? {};
  const after = awaited(run, aheadOf);
  const isGone = answer.state === 'STOPPED' || answer.state === 'gone' || answer.traceless;
  const mayWait = answer.state === 'queued' || answer.state === 'held';
  if (!after || verdict || hasStartedRun(run) || !(isGone || mayWait)) return answer;
  const ready = readinessOf(dirname(run.directory), after);
  if (isGone) return ready.kind === 'unmet' ? { ...answer, state: 'FAILED', reason: ready.reason } : answer;
  // The engine looks at dependencies only now and then.
  if (ready.kind !== 'waiting') {
    const isLate = answer.state === 'held' && answer.byHand === false && !answer.stuck;
    return isLate ? { ...answer, state: 'queued', reason: 'what it waited for has ended' } : answer;
  }
  const reason = `waits for ${rangesText(ready.on)}`;
  return answer.state === 'held' && answer.byHand
    ? { ...answer, reason: `${answer.reason ?? 'held'}; ${reason}` }
    : { ...answer, state: 'queued', reason };
}

/** The runs that a run waits for: those that it was told to wait for, and those before it in its launch. */
function awaited({ job, directory }: CompleteRun, aheadOf: Memory['aheadOf']): Dependencies | undefined {
  const { after = noDependencies, turn } = job ?? {};
  if (!turn || turn.behind === '') return job?.after;
  return { ...after, any: [...after.any, ...aheadOf(dirname(directory), turn)] };
}

/** The runs that had their turn before another one, without those that were submitted again after it. */
function ahead(store: string, { behind, order }: Turn): number[] {
  return parseRanges(behind).filter((id) => (readJob(storePaths.run(store, id))?.turn?.order ?? 0) < order);
}

function hasEnd(run: CompleteRun): boolean {
  return hasStartedRun(run) && run.attempt?.end !== undefined;
}

function hasStartedRun({ job, attempt }: CompleteRun): boolean {
  return job !== undefined && hasStarted(job, attempt);
}

/** Saves a final answer with the run. If that fails, the engine is asked again next time. */
function save(run: CompleteRun, answer: EngineAnswer | undefined): void {
  if (!answer || !run.job || !isFinalStatus(answer.state)) return;
  try {
    writeEngineAnswer(run.directory, run.job, run.attempt, answer);
    const answered = withAnswer(run, answer);
    noteRecordedOutcome(answered);
    correctInfo(run.directory, answered.status, answered.attempt);
  } catch {
    // The store belongs to somebody else, or the disk is full.
  }
}

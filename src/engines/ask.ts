import { dirname } from 'node:path';
import groupBy from 'lodash/groupBy.js';
import memoize from 'lodash/memoize.js';
import { localIso } from '../core/clock.js';
import { rangesText } from '../core/consecutive.js';
import { MlxError } from '../failures/index.js';
import {
  type CompleteRun,
  correctInfo,
  type Dependencies,
  type EngineAnswer,
  hasStarted,
  isFinalStatus,
  needsEngine,
  type Readiness,
  recordedReadiness,
  withAnswer,
  writeEngineAnswer,
} from '../store/index.js';
import { type LastAnswer, type LastAnswers, readLastAnswers, writeLastAnswers } from './last-answers.js';
import { pollJobs } from './poll.js';
import { isOwnEngine, loadEngine } from './registry.js';

/** What engines said about runs. */
export interface AskedEngines {
  /** By run. */
  readonly answers: ReadonlyMap<number, EngineAnswer>;
  /** Engines that did not answer, and what they said instead. */
  readonly troubles: readonly { readonly engine: string; readonly words: string; readonly asOf: number | undefined }[];
}

/** Seconds for which the end that a run's own supervisor wrote may not be seen here yet: it says more than the engine. */
const storedAfter = 30;

/** Seconds for which a job may be unknown to its engine before its run is lost: disks over a network are that slow. */
const lostAfter = 60;

/**
 * Asks the engines of those runs whose records are not the last word, each engine once however many runs it has. What an engine
 * says has ended is kept with the run, for engines forget; where one does not answer, what it said last is told.
 */
export async function askEngines(store: string, runs: readonly CompleteRun[]): Promise<AskedEngines> {
  const open = runs.filter((run) => needsEngine(run) && !isOwnEngine(run.job?.engine ?? 'here'));
  const answers = new Map<number, EngineAnswer>();
  const troubles: { engine: string; words: string; asOf: number | undefined }[] = [];
  if (open.length === 0) return { answers, troubles };
  const last = readLastAnswers(store);
  for (const [engine, itsRuns] of Object.entries(groupBy(open, (run) => run.job?.engine))) {
    const { found, trouble, known } = await askOne(engine, itsRuns, last[engine]);
    for (const run of itsRuns) {
      const answer = settledAnswer(run, found.get(currentJobId(run)), known);
      if (answer) answers.set(run.id, answer);
    }
    if (trouble !== undefined) troubles.push({ engine, words: trouble, asOf: last[engine]?.at });
    else last[engine] = known.next;
  }
  for (const run of open) {
    const seen = last[run.job?.engine ?? '']?.jobs[currentJobId(run)]?.since;
    if (hasEnd(run) || (seen !== undefined && Date.now() / 1000 - seen > storedAfter)) keep(run, answers.get(run.id));
  }
  writeLastAnswers(store, last);
  return { answers, troubles };
}

/** The id under which the engine has the job now: engines that restart under a new one tell it to the attempt. */
export function currentJobId(run: CompleteRun): string {
  const { job, attempt, jobId } = run;
  const latest = job?.restartsGetNewIds && hasStarted(job, attempt) ? attempt?.claim?.jobId : undefined;
  return latest ?? jobId ?? '';
}

interface Known {
  readonly before: LastAnswers | undefined;
  readonly next: { readonly at: number; readonly jobs: Record<string, LastAnswer> };
  /** Whether what runs wait for has come about; many wait for the same. */
  readonly readinessOf: (store: string, after: Dependencies) => Readiness;
}

async function askOne(
  name: string,
  runs: readonly CompleteRun[],
  before: LastAnswers | undefined,
): Promise<{ found: ReadonlyMap<string, EngineAnswer>; trouble: string | undefined; known: Known }> {
  const asked = new Set(runs.map(currentJobId));
  const others = Object.entries(before?.jobs ?? {}).filter(([id]) => !asked.has(id));
  const readinessOf = memoize(recordedReadiness, (_, after) => JSON.stringify(after));
  const known: Known = { before, next: { at: Date.now() / 1000, jobs: Object.fromEntries(others) }, readinessOf };
  try {
    const engine = await loadEngine(name);
    const { answers, trouble } = await pollJobs(engine, [...asked]);
    return { found: trouble === undefined ? answers : remembered(before, answers), trouble, known };
  } catch (error) {
    // A user's own engine that was moved away does not keep the rest from being told.
    if (!(error instanceof MlxError)) throw error;
    return { found: remembered(before, new Map()), trouble: `it can't be loaded (${error.failure.reason})`, known };
  }
}

/** What was said last, marked as of when. */
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

/** The answer for a run; a job that is gone is lost only after a while. */
function settledAnswer(
  run: CompleteRun,
  told: EngineAnswer | undefined,
  { before, next, readinessOf }: Known,
): EngineAnswer | undefined {
  if (!told) return undefined;
  const answer = withDependencies(run, told, readinessOf);
  const jobId = currentJobId(run);
  // A job that ended well without having started the run is a disk that lags behind, or did something else.
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
 * What an engine's answer about a job that waits for others comes to: some take away a job whose dependency did not come about, some call one
 * held that only waits.
 */
function withDependencies(run: CompleteRun, answer: EngineAnswer, readinessOf: Known['readinessOf']): EngineAnswer {
  const { after, verdict } = run.job ?? {};
  const isGone = answer.state === 'STOPPED' || answer.state === 'gone' || answer.traceless;
  if (!after || verdict || hasStartedRun(run) || !(isGone || answer.state === 'held' || answer.state === 'queued'))
    return answer;
  const ready = readinessOf(dirname(run.directory), after);
  if (isGone) return ready.kind === 'unmet' ? { ...answer, state: 'FAILED', reason: ready.reason } : answer;
  return ready.kind === 'waiting'
    ? { ...answer, state: 'queued', reason: `waits for ${rangesText(ready.on)}` }
    : answer;
}

function hasEnd(run: CompleteRun): boolean {
  return hasStartedRun(run) && run.attempt?.end !== undefined;
}

function hasStartedRun({ job, attempt }: CompleteRun): boolean {
  return job !== undefined && hasStarted(job, attempt);
}

/** Puts an engine's last word on record; where that fails it is asked again next time. */
function keep(run: CompleteRun, answer: EngineAnswer | undefined): void {
  if (!answer || !run.job || !isFinalStatus(answer.state)) return;
  try {
    writeEngineAnswer(run.directory, run.job, run.attempt, answer);
    const { status, attempt } = withAnswer(run, answer);
    correctInfo(run.directory, status, attempt);
  } catch {
    // Somebody else's store, or a full disk.
  }
}

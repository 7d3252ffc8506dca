import type { EngineAnswer, JobRef } from '../store/index.js';
import { type AskedJobs, anyJob, arrayPart, askedJobs } from './asked-jobs.js';
import { askClusters, commandAt, idInCluster, splitJobId } from './clusters.js';
import { runCommand } from './command.js';
import type { BatchEngine, EngineLimits, Query } from './engine.js';
import { firstWords } from './output.js';

/** An engine's answers about jobs, by id. `trouble` is set if it did not answer, in its own words. */
interface PollResult {
  readonly answers: ReadonlyMap<string, EngineAnswer>;
  readonly trouble: string | undefined;
}

/** The word of an answer about a job whose id belongs to another job now. */
const reusedWord = 'another job has its id now';

/**
 * Asks an engine for the states of jobs. Each of its polls runs once for each cluster, however many jobs
 * there are, and only for the jobs that earlier polls did not answer. A job that no poll knows is `gone`; so
 * is one whose id belongs to another job now. `signal` ends the questions early.
 */
export async function pollJobs(
  engine: BatchEngine,
  jobs: readonly JobRef[],
  signal?: AbortSignal,
): Promise<PollResult> {
  let trouble: string | undefined;
  const answers = await askClusters(jobs, async ({ cluster, jobs: its }) => {
    const polled = await pollCluster({ engine, cluster, signal }, its);
    trouble ??= polled.trouble;
    return polled.answers;
  });
  return { answers, trouble };
}

/** An engine, and which of its clusters; the signal ends a question to it early. */
interface Place {
  readonly engine: BatchEngine;
  readonly cluster: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

async function pollCluster(place: Place, jobs: readonly JobRef[]): Promise<PollResult> {
  const { engine } = place;
  const asked = askedJobs(jobs);
  const answers = new Map<string, EngineAnswer>();
  const arrays = new Set<string>();
  let open = [...new Set(jobs.map(({ id }) => id))];
  for (const query of engine.polls) {
    if (open.length === 0) break;
    const told = await askEngine(query, open, place, asked);
    if (told.kind === 'silent') {
      if (query.optional) continue;
      return { answers, trouble: told.words };
    }
    if (told.kind === 'answer') {
      for (const id of open) addAnswer(answers, id, told.answer.get(id));
      for (const id of told.answer.keys()) arrays.add(arrayPart(id) ?? '');
    }
    open = open.filter((id) => answers.get(id)?.traceless ?? !answers.has(id));
  }
  const others = await withOtherTokens(place, jobs, answers);
  for (const id of others) answers.delete(id);
  const reused = new Set([...asked.reused, ...others]);
  for (const { id, array } of jobs) {
    if (answers.has(id)) continue;
    const isMissing = array !== undefined && !reused.has(id) && arrays.has(arrayPart(id) ?? '-');
    const gone: EngineAnswer = reused.has(id)
      ? { state: 'gone', word: reusedWord, reason: reusedWord }
      : { state: 'gone', word: unknownWord };
    answers.set(id, isMissing ? cancelledTask(engine) : gone);
  }
  return { answers, trouble: undefined };
}

const unknownWord = 'not known to the engine';

/** Returns whether an answer says that the job's id belongs to another job now. */
export const isReused = ({ state, word }: EngineAnswer): boolean =>
  (state === 'gone' || state === 'lost') && word === reusedWord;

/** The answer about a task that its array does not have any more, and of which nothing else is known. */
const cancelledTask = ({ title }: BatchEngine): EngineAnswer => ({
  state: 'STOPPED',
  word: 'CANCELLED',
  reason: `cancelled in ${title} before it started`,
  traceless: true,
});

/** Returns the ids of jobs that turn out to have another token, for engines whose polls do not show it. */
async function withOtherTokens(
  place: Place,
  jobs: readonly JobRef[],
  answers: ReadonlyMap<string, EngineAnswer>,
): Promise<string[]> {
  const { tokens } = place.engine;
  const found = jobs.filter(({ id, token }) => token !== undefined && answers.has(id));
  if (!tokens || found.length === 0) return [];
  const ids = [...new Set(found.map(({ id, array }) => array ?? id))];
  const told = await askEngine(tokens, ids, place);
  if (told.kind !== 'answer') return [];
  return found.flatMap(({ id, array, token }) => {
    const seen = told.answer.get(id) ?? told.answer.get(array ?? '');
    return seen === undefined || seen === token ? [] : [id];
  });
}

function addAnswer(answers: Map<string, EngineAnswer>, id: string, answer: EngineAnswer | undefined): void {
  if (answer) answers.set(id, answer);
}

/**
 * Returns the ids of jobs that have these tokens, by token, or undefined if the engine did not answer.
 * The signal ends the question early.
 */
export async function findJobs(
  { engine, cluster, signal }: Place,
  tokens: readonly string[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const found = new Map<string, string>();
  for (const query of engine.find) {
    const asked = await askEngine(query, tokens, { engine, cluster, signal });
    if (asked.kind === 'silent') return undefined;
    if (asked.kind !== 'answer') continue;
    for (const token of tokens) {
      const jobId = asked.answer.get(token);
      if (jobId !== undefined) found.set(token, idInCluster(jobId, cluster));
    }
  }
  return found;
}

/**
 * Asks what a cluster of the engine allows, all questions at once. Limits that it does not answer are
 * missing.
 */
export async function readLimits(engine: BatchEngine, cluster: string | undefined): Promise<EngineLimits> {
  const asked = await Promise.all(engine.limits.map((query) => askEngine(query, undefined, { engine, cluster })));
  return Object.assign({}, ...asked.map((one) => (one.kind === 'answer' ? one.answer : {})));
}

/**
 * Asks for facts about one job, for people. A question without an answer becomes a fact with the engine's
 * words.
 */
export async function readDetails(
  engine: BatchEngine,
  job: JobRef,
  asksMemory: boolean,
): Promise<readonly (readonly [name: string, text: string])[]> {
  const facts: (readonly [string, string])[] = [];
  const { id, cluster } = splitJobId(job.id);
  const asked = { ...askedJobs([{ ...job, id, array: undefined }]), asksMemory };
  for (const query of engine.details) {
    const told = await askEngine(query, id, { engine, cluster }, asked);
    if (told.kind === 'answer') facts.push(...told.answer);
    else if (told.kind === 'silent' && !query.optional) facts.push([engine.title, told.words]);
  }
  return facts.filter(([, text]) => text !== '');
}

/** The result of a question. */
type Asked<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'nothing-to-ask' }
  | { readonly kind: 'silent'; readonly words: string };

/**
 * Asks an engine one question. `silent` means that it gave no answer; the words say why. The signal ends the
 * question early.
 */
export async function askEngine<About, Answer>(
  query: Query<About, Answer>,
  about: About,
  { engine, cluster, signal }: Place,
  jobs: AskedJobs = anyJob,
): Promise<Asked<Answer>> {
  const command = query.command(about, jobs);
  if (!command) return { kind: 'nothing-to-ask' };
  const [name] = command.argv;
  const result = await runCommand(commandAt(engine, command, cluster), 'question', signal);
  if (result.missing) return { kind: 'silent', words: `${name} is not on this machine` };
  if (result.timedOut) return { kind: 'silent', words: `${name} did not answer` };
  const answer = query.read(result, about, jobs);
  if (answer !== undefined) {
    const { further } = query;
    if (!further?.isNeeded(answer, about)) return { kind: 'answer', answer };
    const more = await runCommand(commandAt(engine, further.command(jobs), cluster), 'question', signal);
    return { kind: 'answer', answer: further.read(more, answer) ?? answer };
  }
  const other = query.otherwise?.(result);
  if (other) return askEngine(other, about, { engine, cluster, signal }, jobs);
  const end = result.exitCode === undefined ? 'was ended by a signal' : `ended with exit code ${result.exitCode}`;
  return { kind: 'silent', words: firstWords(result) || `${name} ${end}` };
}

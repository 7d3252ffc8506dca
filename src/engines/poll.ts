import type { EngineAnswer } from '../store/index.js';
import { runCommand } from './command.js';
import type { BatchEngine, EngineLimits, Query } from './engine.js';
import { firstWords } from './output.js';

/** An engine's answers about jobs, by id. `trouble` is set if it did not answer, in its own words. */
interface PollResult {
  readonly answers: ReadonlyMap<string, EngineAnswer>;
  readonly trouble: string | undefined;
}

/**
 * Asks an engine for the states of jobs. Each of its polls runs once, however many jobs there are, and only
 * for the jobs that earlier polls did not answer. A job that no poll knows is `gone`.
 */
export async function pollJobs(engine: BatchEngine, jobIds: readonly string[]): Promise<PollResult> {
  const answers = new Map<string, EngineAnswer>();
  let open = [...new Set(jobIds)];
  for (const query of engine.polls) {
    if (open.length === 0) break;
    const asked = await askEngine(query, open);
    if (asked.kind === 'silent') {
      if (query.optional) continue;
      return { answers, trouble: asked.words };
    }
    if (asked.kind === 'answer') for (const id of open) addAnswer(answers, id, asked.answer.get(id));
    open = open.filter((id) => !answers.has(id));
  }
  for (const id of open) answers.set(id, { state: 'gone', word: 'not known to the engine' });
  return { answers, trouble: undefined };
}

function addAnswer(answers: Map<string, EngineAnswer>, id: string, answer: EngineAnswer | undefined): void {
  if (answer) answers.set(id, answer);
}

/** Returns the ids of jobs that have these tokens, by token, or undefined if the engine did not answer. */
export async function findJobs(
  engine: BatchEngine,
  tokens: readonly string[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const found = new Map<string, string>();
  for (const query of engine.find) {
    const asked = await askEngine(query, tokens);
    if (asked.kind === 'silent') return undefined;
    if (asked.kind !== 'answer') continue;
    for (const token of tokens) {
      const jobId = asked.answer.get(token);
      if (jobId !== undefined) found.set(token, jobId);
    }
  }
  return found;
}

/** Asks what the engine allows, all questions at once. Limits that it does not answer are missing. */
export async function readLimits(engine: BatchEngine): Promise<EngineLimits> {
  const asked = await Promise.all(engine.limits.map((query) => askEngine(query, undefined)));
  return Object.assign({}, ...asked.map((one) => (one.kind === 'answer' ? one.answer : {})));
}

/**
 * Asks for facts about one job, for people. A question without an answer becomes a fact with the engine's
 * words.
 */
export async function readDetails(
  engine: BatchEngine,
  jobId: string,
): Promise<readonly (readonly [name: string, text: string])[]> {
  const facts: (readonly [string, string])[] = [];
  for (const query of engine.details) {
    const asked = await askEngine(query, jobId);
    if (asked.kind === 'answer') facts.push(...asked.answer);
    else if (asked.kind === 'silent' && !query.optional) facts.push([engine.title, asked.words]);
  }
  return facts.filter(([, text]) => text !== '');
}

/** Asks the further question of a query, if the answer needs it. */
async function furtherAnswer<About, Answer>(
  { further }: Query<About, Answer>,
  answer: Answer,
  about: About,
): Promise<Answer> {
  if (!further?.isNeeded(answer, about)) return answer;
  return further.read(await runCommand(further.command(), 'question'), answer) ?? answer;
}

/** The result of a question. */
type Asked<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'nothing-to-ask' }
  | { readonly kind: 'silent'; readonly words: string };

/** Asks an engine one question. `silent` means that it gave no answer; the words say why. */
export async function askEngine<About, Answer>(query: Query<About, Answer>, about: About): Promise<Asked<Answer>> {
  const command = query.command(about);
  if (!command) return { kind: 'nothing-to-ask' };
  const [name] = command.argv;
  const result = await runCommand(command, 'question');
  if (result.missing) return { kind: 'silent', words: `${name} is not on this machine` };
  if (result.timedOut) return { kind: 'silent', words: `${name} did not answer` };
  const answer = query.read(result, about);
  if (answer !== undefined) return { kind: 'answer', answer: await furtherAnswer(query, answer, about) };
  return { kind: 'silent', words: firstWords(result) || `${name} ended with exit code ${result.exitCode}` };
}

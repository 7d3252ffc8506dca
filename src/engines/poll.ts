import type { EngineAnswer } from '../store/index.js';
import { runCommand } from './command.js';
import type { BatchEngine, EngineLimits, Query } from './engine.js';
import { firstWords } from './output.js';

/** What an engine said about jobs, by id; `trouble` where it did not answer, in its own words. */
export interface PollResult {
  readonly answers: ReadonlyMap<string, EngineAnswer>;
  readonly trouble: string | undefined;
}

/**
 * Asks an engine what has become of jobs: each of its questions once, however many jobs there are, and each only about what the
 * one before left open. A job that it was asked about and does not know is `gone`.
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

/** Which submissions of these tokens the engine has, by job id; `undefined` where it did not answer. */
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

/** What the engine allows, as far as it tells; nothing of it is needed, and all of it is asked at once. */
export async function readLimits(engine: BatchEngine): Promise<EngineLimits> {
  const asked = await Promise.all(engine.limits.map((query) => askEngine(query, undefined)));
  return Object.assign({}, ...asked.map((one) => (one.kind === 'answer' ? one.answer : {})));
}

/** What the engine tells a person about one job. */
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

/** What came of a question. */
type Asked<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'nothing-to-ask' }
  | { readonly kind: 'silent'; readonly words: string };

export async function askEngine<About, Answer>(query: Query<About, Answer>, about: About): Promise<Asked<Answer>> {
  const command = query.command(about);
  if (!command) return { kind: 'nothing-to-ask' };
  const [name] = command.argv;
  const result = await runCommand(command, 'question');
  if (result.missing) return { kind: 'silent', words: `${name} is not on this machine` };
  if (result.timedOut) return { kind: 'silent', words: `${name} did not answer` };
  const answer = query.read(result, about);
  if (answer !== undefined) return { kind: 'answer', answer };
  return { kind: 'silent', words: firstWords(result) || `${name} ended with exit code ${result.exitCode}` };
}

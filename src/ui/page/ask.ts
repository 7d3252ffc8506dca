import type { Problem } from '../wire.js';

/** The server's answer to a question. Throws an Error if it does not answer, or refuses. */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answerOf(await fetch(`api/${path}`, { signal: signal ?? null }));
}

/**
 * The server's answer to a question with a body, as JSON. Throws an Error if it does not answer, or refuses.
 */
export async function askWith<T>(path: string, question: object): Promise<T> {
  const headers = { 'Content-Type': 'application/json' };
  return answerOf(await fetch(`api/${path}`, { method: 'POST', headers, body: JSON.stringify(question) }));
}

async function answerOf<T>(response: Response): Promise<T> {
  const answer = await response.json();
  if (!response.ok) throw new Error(isProblem(answer) ? answer.problem : response.statusText);
  return answer;
}

/** Whether an answer says that the question was wrong. */
export const isProblem = (answer: object): answer is Problem => 'problem' in answer;

/** The path of a run's file, as a part of an address. */
export const filePath = (id: number, path: string) => `${id}/${path.split('/').map(encodeURIComponent).join('/')}`;

import type { Problem } from '../wire.js';

/** What the server says to a question, by a path relative to the page, which is behind the token. Throws where there is no answer. */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answerOf(await fetch(`api/${path}`, { signal: signal ?? null }));
}

export async function askWith<T>(path: string, question: object): Promise<T> {
  const headers = { 'Content-Type': 'application/json' };
  return answerOf(await fetch(`api/${path}`, { method: 'POST', headers, body: JSON.stringify(question) }));
}

async function answerOf<T>(response: Response): Promise<T> {
  const answer = await response.json();
  if (!response.ok) throw new Error(isProblem(answer) ? answer.problem : response.statusText);
  return answer;
}

export const isProblem = (answer: object): answer is Problem => 'problem' in answer;

/** A path of a run's file, as a part of an address. */
export const filePath = (id: number, path: string) => `${id}/${path.split('/').map(encodeURIComponent).join('/')}`;

const finalStatuses = ['COMPLETE', 'FAILED', 'TIMEOUT', 'PREEMPTED', 'STOPPED'] as const;

/** A status that a run keeps until somebody starts it again. */
export type FinalStatus = (typeof finalStatuses)[number];

const openStatuses = ['STARTING', 'RUNNING', 'QUEUED', 'HELD', 'LOST'] as const;

export type Status = FinalStatus | (typeof openStatuses)[number];

/** All statuses that a run can have. */
export const knownStatuses: readonly Status[] = [...openStatuses, ...finalStatuses];

export interface RunStatus {
  readonly status: Status;
  /** Why, in words for people; undefined if the status says it all. */
  readonly reason: string | undefined;
}

/** Returns whether a word is a final status. */
export function isFinalStatus(word: string): word is FinalStatus {
  return finalStatuses.some((status) => status === word);
}

/** Returns whether a run will not go on by itself: it has ended or is lost. */
export function isOver(status: Status): boolean {
  return isFinalStatus(status) || status === 'LOST';
}

/** Returns whether a run is over and did not complete: it went wrong or was stopped. */
export function isLeftUndone(status: string): boolean {
  return wentWrong(status) || status === 'STOPPED';
}

/** Returns whether a run ended badly or is lost. A run that was stopped has ended on purpose. */
export function wentWrong(status: string): boolean {
  return status === 'LOST' || (isFinalStatus(status) && status !== 'COMPLETE' && status !== 'STOPPED');
}

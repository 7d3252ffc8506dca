import type { BatchEngine } from '../../engines/index.js';
import type { EngineTarget } from '../target.js';

/** The distance of the indexes of an array's tasks: 1 unless the user's own submission has another step. */
export const stepOf = ({ submit }: EngineTarget) => submit?.step ?? 1;

/**
 * Returns the variable in which an array's task finds its index, and the distance of the indexes. Undefined
 * for a user's engine that does not use a variable.
 */
export function elementOf(target: EngineTarget): { readonly variable: string; readonly step: number } | undefined {
  const [, variable] = /\$\{?([A-Za-z_]\w*)/.exec(target.engine.task.index) ?? [];
  return variable === undefined ? undefined : { variable, step: stepOf(target) };
}

/** Shell text for the position of a task within its array, from 1, if the indexes are `step` apart. */
export const positionInArray = ({ task }: BatchEngine, step: number) =>
  step === 1 ? task.index : `"$(((${task.index.replaceAll('"', '')} - 1) / ${step} + 1))"`;

/**
 * The ids of an array's tasks if their indexes are more than 1 apart; undefined if the pattern says enough.
 * `pattern` has `{task}` where the index stands.
 */
export function spreadIds(pattern: string | undefined, count: number, step: number): string[] | undefined {
  if (step === 1 || pattern === undefined) return undefined;
  return Array.from({ length: count }, (_, i) => pattern.replace('{task}', String(1 + i * step)));
}

/** The id of an array, found from the id of the task at `position` (from 0); [] if it can't be. */
export function arrayIdFrom(target: EngineTarget, taskId: string | undefined, position: number): string[] {
  if (taskId === undefined) return [];
  const pattern = target.engine.taskPattern('\0');
  if (pattern === undefined) return [String(Number(taskId) - position)];
  const index = String(position * stepOf(target) + 1);
  // The id of an array of PBS has brackets itself: `12[].server`, its tasks are `12[3].server`.
  const bracketed = taskId.replace(`[${index}]`, '[]');
  if (bracketed !== taskId && target.engine.taskPattern(bracketed)?.replace('{task}', index) === taskId) {
    return [bracketed];
  }
  const [before = '', after = ''] = pattern.replace('{task}', index).split('\0');
  if (before === '' && after === '' && /\[\d+\]/.test(taskId)) return [];
  return taskId.startsWith(before) && taskId.endsWith(after)
    ? [taskId.slice(before.length, taskId.length - after.length)]
    : [];
}

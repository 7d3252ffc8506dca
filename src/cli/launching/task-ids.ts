import { fail } from '../../failures/index.js';

/** The tasks of `mlx submit -t`. */
export interface TaskIds {
  /** At least one; ascending within each part of the text. */
  readonly ids: readonly number[];
  /** The number of tasks that may run at once. */
  readonly atOnce: number | undefined;
}

const mostTasks = 1_000_000;

/**
 * Reads `10` (1 to 10), `1-10`, `2-20:2`, `1,4,7-9`, each followed by `%5` for five at once, as in qsub's
 * `-t` and sbatch's `--array`. Throws `bad-tasks`.
 */
export function parseTaskIds(text: string): TaskIds {
  const bad = (problem: string) => fail({ reason: 'bad-tasks', text, problem });
  const [, list = '', limit] = /^([^%]*)(?:%(\d+))?$/.exec(text) ?? [];
  if (list === '') return bad('it is no list of numbers');
  if (limit !== undefined && Number(limit) === 0) return bad('none could run at once');
  const parts = list.split(',');
  const ids = parts.flatMap((part) => {
    const [, first, last, step = '1'] = /^(\d{1,9})(?:-(\d{1,9})(?::(\d{1,9}))?)?$/.exec(part) ?? [];
    if (first === undefined) return bad(`'${part}' is neither a number nor a range`);
    const isCount = last === undefined && parts.length === 1;
    const [from, to] = isCount ? [1, Number(first)] : [Number(first), Number(last ?? first)];
    if (isCount ? to === 0 : from === 0) return bad('tasks are counted from 1');
    if (to < from) return bad(`'${part}' ends before it begins`);
    if (Number(step) === 0) return bad(`'${part}' goes on by steps of 0`);
    const count = Math.floor((to - from) / Number(step)) + 1;
    if (count > mostTasks) return bad(`these are ${count} tasks`);
    return Array.from({ length: count }, (_, i) => from + i * Number(step));
  });
  if (new Set(ids).size < ids.length) return bad('a number is there twice');
  return { ids, atOnce: limit === undefined ? undefined : Number(limit) };
}

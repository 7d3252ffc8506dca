import { plural } from '../core/words.js';
import { fail } from '../failures/index.js';
import { elementIndexes, tasksPerElement } from '../script/index.js';
import type { TemplateJob } from './job-template.js';

/**
 * Checks the array that a submission asks for against the one that the counts make, which would else leave tasks out or do them twice, and says how its
 * elements know which they are. Throws `submission-template`.
 */
export function withElements(
  rendered: TemplateJob,
  variable: string,
  asked: readonly number[] | undefined,
): { readonly job: TemplateJob; readonly indexes: readonly number[] } {
  const { array } = rendered.script;
  const { submit } = rendered;
  const refuse = (problem: string) =>
    submit ? fail({ reason: 'submission-template', span: submit.span, text: submit.text, problem }) : [];
  if (!array) {
    if (asked) refuse(`it asks for an array, which is for --n_tasks`);
    return { job: rendered, indexes: [] };
  }
  if (!asked) refuse(`${rendered.section} is an array, for which it does not ask`);
  const name = /\w+/.exec(variable)?.[0] ?? '';
  const shapes = [false, true].map((counts) => ({ ...array, element: { variable: name, counts } }));
  const fitting = shapes.find((shape) => {
    const indexes = elementIndexes(shape);
    return indexes.length === asked?.length && indexes.every((index, i) => index === asked[i]);
  });
  const [wanted] = shapes;
  if (!fitting && wanted) {
    const indexes = elementIndexes(wanted);
    refuse(
      `it asks for ${plural(asked?.length ?? 0, 'element')} (${listed(asked ?? [])}), but ${plural(array.tasks, 'task')}, ${array.tasksPerProc} for each of ${plural(array.procs, 'worker')}, are ${plural(indexes.length, 'element')}: 1-${array.tasks}:${tasksPerElement(array)}, or 1-${indexes.length}`,
    );
  }
  const shape = fitting ?? array;
  return { job: { ...rendered, script: { ...rendered.script, array: shape } }, indexes: elementIndexes(shape) };
}

const listed = (indexes: readonly number[]) =>
  indexes.length > 3 ? `${indexes.slice(0, 2).join(', ')}, … ${indexes.at(-1)}` : indexes.join(', ');

import { fail, type ProblemOf } from '../failures/index.js';
import { elementIndexes, tasksPerElement } from '../script/index.js';
import type { TemplateJob } from './job-template.js';

/**
 * Returns the job with the way its array's elements find their index, and the indexes. Throws
 * `submission-template` if the submission asks for another array than the counts make: tasks would be left
 * out or done twice.
 */
export function withElements(
  rendered: TemplateJob,
  variable: string,
  asked: readonly number[] | undefined,
): { readonly job: TemplateJob; readonly indexes: readonly number[] } {
  const { array } = rendered.script;
  const { submit } = rendered;
  const refuse = (problem: ProblemOf<'submission-template'>) =>
    submit ? fail({ reason: 'submission-template', span: submit.span, text: submit.text, problem }) : [];
  if (!array) {
    if (asked) refuse({ kind: 'array-unneeded' });
    return { job: rendered, indexes: [] };
  }
  if (!asked) refuse({ kind: 'array-missing', section: rendered.section });
  const name = /\w+/.exec(variable)?.[0] ?? '';
  const shapes = [false, true].map((counts) => ({ ...array, element: { variable: name, counts } }));
  const fitting = shapes.find((shape) => {
    const indexes = elementIndexes(shape);
    return indexes.length === asked?.length && indexes.every((index, i) => index === asked[i]);
  });
  const [wanted] = shapes;
  if (!fitting && wanted) {
    const indexes = elementIndexes(wanted);
    const { tasks, tasksPerProc, procs } = array;
    const elements = { elements: indexes.length, tasksPerElement: tasksPerElement(array) };
    refuse({ kind: 'array-differs', asked: asked ?? [], tasks, tasksPerProc, procs, ...elements });
  }
  const shape = fitting ?? array;
  return { job: { ...rendered, script: { ...rendered.script, array: shape } }, indexes: elementIndexes(shape) };
}

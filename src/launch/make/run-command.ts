import { join } from 'node:path';
import { quoteCommand } from '../../core/quote.js';
import { renderJobBody, stepLines } from '../../script/index.js';
import { unquotedText } from '../../sweep/index.js';
import { argvOf, type RunDirectory } from '../plan/argv.js';
import { batchBody } from '../plan/batch-script.js';
import type { Plan, RunSpec } from '../plan/plan.js';

/**
 * What a run does: one line of text, and the body of its script, or its argv if the script does nothing else.
 */
export type RunCommand =
  | { readonly text: string; readonly body: string; readonly argv: undefined }
  | { readonly text: string; readonly body: undefined; readonly argv: readonly string[] };

/** Returns the command of a run, in a batch script or alone. */
export function commandAt(
  { script, job, settings }: Pick<Plan, 'script' | 'job' | 'settings'>,
  { command, point, config }: RunSpec,
  run: RunDirectory & { readonly runtime: string },
): RunCommand {
  if (script && command.written) {
    const { body, command: text } = batchBody(script, command.written, point.overrides);
    return { text, body, argv: undefined };
  }
  const { steps = [], stepTemplates } = command;
  if (steps.length > 0) {
    const argvs = stepTemplates.map((template) => argvOf(template, point.overrides, config, run));
    const named = argvs.map((argv, i) => ({ name: steps[i]?.name ?? '', argv }));
    const cleanup = lines(settings.scheduler.cleanup_cmd);
    const body = stepLines(named, join(run.runtime, 'steps.sh'), cleanup);
    return { text: argvs.map(quoteCommand).join(' && '), body, argv: undefined };
  }
  const argv = argvOf(command.template, point.overrides, config, run);
  if (job) return { text: quoteCommand(argv), body: renderJobBody(job), argv: undefined };
  return { text: quoteCommand(argv), body: undefined, argv };
}

/** The variable that tells a run of `--repeat` its number. */
export const repetition = ({ point }: RunSpec): [string, string][] =>
  point.repetition === undefined ? [] : [['MLX_REPEAT', String(point.repetition)]];

// Programs of array jobs find their task in a variable; each engine has its own, and a program knows one of
// them.
const taskNames =
  'TASK_INDEX MLX_TASK_ID SLURM_ARRAY_TASK_ID SGE_TASK_ID PBS_ARRAY_INDEX PBS_ARRAYID OAR_ARRAY_INDEX LSB_JOBINDEX'.split(
    ' ',
  );

/** The variables that tell a run of `mlx submit -t` its task; the points are the tasks. */
export function taskVariables({ job }: Plan, { command, point }: RunSpec): [string, string][] {
  const [task] = point.overrides;
  if (command.args.style !== 'verbatim' || !task?.element) return [];
  const index = unquotedText(task.element);
  // Each worker of an element has tasks of its own, and finds them by the engine's variable.
  if (job) return job.array?.element ? [[job.array.element.variable, index]] : [];
  return taskNames.map((name) => [name, index]);
}

/** MLXP takes text or a list for commands of the settings; empty text stands for none. */
export const lines = (commands: string | readonly string[]) => [commands].flat().filter((line) => line.trim() !== '');

import { inGroup, type OptionsOf, type ParsedArgs } from '../arguments/index.js';
import { nearest } from '../core/suggest.js';
import { fail } from '../failures/index.js';
import { countsOfMode, type JobArgs, type JobCount, jobCounts, jobModes } from './modes.js';

/** The options that all modes of `mlx job` take, as its dispatchers do. */
export const sharedJobOptions = inGroup('templates', [
  {
    name: 'config',
    type: 'text',
    shape: 'FILE',
    help: 'the templates (default: MLX_JOB_CONFIG, AIACCEL_JOB_CONFIG, or those that mlx brings); options may have underscores, too',
  },
  { name: 'print-config', type: 'flag', help: 'print the templates, all of them resolved, and end' },
  { name: 'walltime', type: 'text', shape: 'TIME', help: "instead of the config's" },
]);

/** The options that count tasks, workers, nodes or GPUs; which of them a mode has is in `countsOfMode`. */
const jobCountOptions = inGroup('templates', [
  { name: 'n-tasks', type: 'count', shape: 'N', help: 'cpu, gpu: an array over tasks 1 to N' },
  { name: 'n-tasks-per-proc', type: 'count', shape: 'M', help: 'how many tasks a worker has' },
  { name: 'n-procs', type: 'count', shape: 'K', help: 'how many workers on a node; mpi: how many processes' },
  { name: 'n-nodes', type: 'count', shape: 'K', help: 'mpi: how many nodes' },
  { name: 'n-gpus', type: 'count', shape: 'N', help: 'train: how many GPUs' },
]);

export const jobTemplateOptions = [...sharedJobOptions, ...jobCountOptions] as const;

type JobTemplateOptions = OptionsOf<typeof jobTemplateOptions>;

/** The key of the option of each count. */
const countKeys = {
  n_tasks: 'nTasks',
  n_tasks_per_proc: 'nTasksPerProc',
  n_procs: 'nProcs',
  n_nodes: 'nNodes',
  n_gpus: 'nGpus',
} as const satisfies Record<JobCount, keyof JobTemplateOptions>;

/** Returns the option that sets a count. */
export const countOption = (count: JobCount): (typeof jobCountOptions)[number] | undefined =>
  jobCountOptions.find(({ name }) => name === count.replaceAll('_', '-'));

/**
 * Reads `MODE [OPTIONS] LOG_FILENAME COMMAND…`; the first two words are passed by themselves. `command` names
 * the command in messages. Throws `missing-argument`, `unknown-word` for a mode, `count-of-other-mode` or
 * `missing-count`.
 */
export function readJobArgs(
  { options, rest = [] }: Pick<ParsedArgs<JobTemplateOptions>, 'options' | 'rest'>,
  [word, logFilename]: readonly string[],
  command: string,
): JobArgs {
  const missing = (argument: string) => fail({ reason: 'missing-argument', argument, command });
  if (word === undefined) return missing('MODE');
  const mode = jobModes.find((one) => one === word) ?? unknownMode(word);
  const given = jobCounts.flatMap((count): [JobCount, number][] => {
    const value = options[countKeys[count]];
    return value === undefined ? [] : [[count, value]];
  });
  const known = countsOfMode[mode];
  const foreign = given.find(([count]) => !known.includes(count));
  if (foreign) fail({ reason: 'count-of-other-mode', count: foreign[0], mode, known });
  const counts = Object.fromEntries(given) as JobArgs['counts'];
  if (mode === 'mpi' && counts.n_procs === undefined) fail({ reason: 'missing-count', count: 'n_procs', mode });
  if (logFilename === undefined || logFilename === '') return missing('LOG_FILENAME');
  if (rest.length === 0) return missing('COMMAND');
  return { mode, logFilename, command: rest, walltime: options.walltime, counts };
}

function unknownMode(word: string): never {
  const known = jobModes.map((mode) => (mode === 'cpu' || mode === 'gpu' ? `${mode} (with --n_tasks an array)` : mode));
  return fail({ reason: 'unknown-word', what: 'mode', word, known, near: nearest(word, jobModes) });
}

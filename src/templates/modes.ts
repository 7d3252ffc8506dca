/**
 * The modes of `mlx job`, which are those of aiaccel-job. `--n_tasks` makes an array of workers of `cpu` and
 * `gpu`.
 */
export const jobModes = ['cpu', 'gpu', 'mpi', 'train'] as const;
export type JobMode = (typeof jobModes)[number];

/** The counts that are options of modes. */
export const jobCounts = ['n_tasks', 'n_tasks_per_proc', 'n_procs', 'n_nodes', 'n_gpus'] as const;
export type JobCount = (typeof jobCounts)[number];

const fanOut = ['n_tasks', 'n_tasks_per_proc', 'n_procs'] as const;

/** The counts that each mode takes. */
export const countsOfMode: Readonly<Record<JobMode, readonly JobCount[]>> = {
  cpu: fanOut,
  gpu: fanOut,
  mpi: ['n_procs', 'n_nodes'],
  train: ['n_gpus'],
};

/** A job as the user asked for it. */
export interface JobArgs {
  readonly mode: JobMode;
  /** As the user wrote it. */
  readonly logFilename: string;
  readonly command: readonly string[];
  /** `--walltime`; if undefined, the config's is used. */
  readonly walltime: string | undefined;
  /** The counts that the user gave. */
  readonly counts: Readonly<Partial<Record<JobCount, number>>>;
}

/** A section of a job config: that of a mode, or that of a mode's array. */
export type SectionName = JobMode | 'cpu-array' | 'gpu-array';

/** Returns the section of a job. With `--n_tasks`, `cpu` and `gpu` use the section of their array. */
export function sectionOf({ mode, counts }: Pick<JobArgs, 'mode' | 'counts'>): SectionName {
  return counts.n_tasks !== undefined && (mode === 'cpu' || mode === 'gpu') ? `${mode}-array` : mode;
}

/** What `mlx job` runs: one job, or with `--n_tasks` an array of workers; aiaccel-job's modes. */
export const jobModes = ['cpu', 'gpu', 'mpi', 'train'] as const;
export type JobMode = (typeof jobModes)[number];

/** The counts that modes take as options. */
export const jobCounts = ['n_tasks', 'n_tasks_per_proc', 'n_procs', 'n_nodes', 'n_gpus'] as const;
export type JobCount = (typeof jobCounts)[number];

const fanOut = ['n_tasks', 'n_tasks_per_proc', 'n_procs'] as const;

/** Which mode takes which. */
export const countsOfMode: Readonly<Record<JobMode, readonly JobCount[]>> = {
  cpu: fanOut,
  gpu: fanOut,
  mpi: ['n_procs', 'n_nodes'],
  train: ['n_gpus'],
};

/** A job as it was asked for. */
export interface JobArgs {
  readonly mode: JobMode;
  /** As the user wrote it. */
  readonly logFilename: string;
  readonly command: readonly string[];
  /** `--walltime`; undefined for the config's. */
  readonly walltime: string | undefined;
  /** The counts that were given. */
  readonly counts: Readonly<Partial<Record<JobCount, number>>>;
}

/** A section of a job config: a mode's own, or that of its array. */
export type SectionName = JobMode | 'cpu-array' | 'gpu-array';

/** The section that a job uses: `--n_tasks` turns `cpu` and `gpu` into their arrays. */
export function sectionOf({ mode, counts }: Pick<JobArgs, 'mode' | 'counts'>): SectionName {
  return counts.n_tasks !== undefined && (mode === 'cpu' || mode === 'gpu') ? `${mode}-array` : mode;
}

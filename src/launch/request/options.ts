import type { Settings } from '../../settings/index.js';

/** The settings of versions of the code. */
export type VersionSettings = Settings['version_manager'];

/**
 * Options of a launch under the names of the command line, in camel case. The commands' own options have
 * these members and more; the library takes them as they are. Undefined is the same as left out.
 */

/** Where the config of a program comes from. */
export interface ConfigOptions {
  readonly configPath?: string | undefined;
  readonly configName?: string | undefined;
  readonly configDir?: readonly string[] | undefined;
  readonly noConfig?: boolean | undefined;
}

/** Which points of a sweep run. */
export interface PointsOptions {
  /** Keys that are swept in step, each entry as `a,b`. */
  readonly zip?: readonly string[] | undefined;
  /** Expressions that must all hold. */
  readonly where?: readonly string[] | undefined;
  readonly sample?: number | undefined;
  readonly sampleSeed?: number | undefined;
  /** A file of points. */
  readonly points?: string | undefined;
  /** A file of a sweep. */
  readonly sweep?: string | undefined;
  /** `complete` leaves out only what a COMPLETE run covers. */
  readonly skipExisting?: boolean | 'complete' | undefined;
  readonly repeat?: number | undefined;
  readonly first?: boolean | undefined;
  readonly point?: number | undefined;
}

/** How the program is started. */
export interface ProgramOptions {
  readonly args?: 'overrides' | 'flags' | 'canonical' | 'none' | undefined;
  /** A kind of program that keeps records of its own. */
  readonly program?: 'hydra' | 'mlxp' | undefined;
  /** The words before the program, as a shell splits them. */
  readonly interpreter?: string | undefined;
}

/** Commands that one run executes in order, each as `name: command`. */
export interface StepOptions {
  readonly step?: readonly string[] | undefined;
}

/** What becomes of code that no commit has, and where runs start. */
export interface VersionOptions {
  readonly versioned?: boolean | undefined;
  readonly untracked?: VersionSettings['untracked'] | undefined;
  readonly uncommitted?: VersionSettings['uncommitted'] | undefined;
  readonly runFrom?: VersionSettings['run_from'] | undefined;
  readonly readOnly?: boolean | undefined;
}

/** Options that stand for settings. */
export interface SettingsOptions extends VersionOptions {
  readonly store?: string | undefined;
  readonly logDir?: string | undefined;
  readonly logId?: number | undefined;
  readonly maxRuns?: number | undefined;
  /** Seconds. */
  readonly grace?: number | undefined;
}

import type { BatchScriptFailure } from './batch-script.js';
import type { CodeFailure } from './code.js';
import type { CommandLineFailure } from './command-line.js';
import type { ConfigFailure } from './config.js';
import type { ConfigGroupsFailure } from './config-groups.js';
import type { EnginesFailure } from './engines.js';
import type { InterpolationFailure } from './interpolation.js';
import type { LaunchFailure } from './launch.js';
import type { ProgramFailure } from './program.js';
import type { ResultsFailure } from './results.js';
import type { SettingsFailure } from './settings.js';
import type { StoreFailure } from './store.js';
import type { SweepFailure } from './sweep.js';
import type { TemplatesFailure } from './templates.js';

/** Failures of the points of a sweep, grouped by what is wrong. */
export interface PointsFailure {
  readonly reason: 'points-failed';
  /** Points of the sweep, and how many of them failed. */
  readonly points: number;
  readonly failed: number;
  /** Each distinct failure, the number of points that have it, and one of these points. */
  readonly groups: readonly { readonly failure: Failure; readonly count: number; readonly example: string }[];
}

/**
 * Everything that can go wrong in a way that a user can fix, as data without words: a closed union on
 * `reason`. Each area has its reasons and, beside them, their words and exit codes.
 */
export type Failure =
  | CommandLineFailure
  | ProgramFailure
  | SweepFailure
  | BatchScriptFailure
  | ConfigFailure
  | ConfigGroupsFailure
  | InterpolationFailure
  | SettingsFailure
  | CodeFailure
  | EnginesFailure
  | TemplatesFailure
  | StoreFailure
  | LaunchFailure
  | ResultsFailure
  | PointsFailure;

/**
 * The problems that a reason tells apart, for code that finds a problem in one place and fails in another.
 */
export type ProblemOf<Reason extends Failure['reason']> = Extract<
  Failure,
  { readonly reason: Reason; readonly problem: unknown }
>['problem'];

/** The error that carries a failure. Any other error that is thrown is a bug of mlx. */
export class MlxError extends Error {
  override readonly name = 'MlxError';

  constructor(readonly failure: Failure) {
    super(failure.reason);
  }
}

/** Returns the result of an action, or undefined if it throws an `MlxError`. Other errors pass through. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof MlxError) return undefined;
    throw error;
  }
}

/** Throws an `MlxError`. Its type is `never`, so that a call can stand where a value is expected. */
export function fail(failure: Failure): never {
  throw new MlxError(failure);
}

/** Ends a switch over a union: a forgotten case does not compile. Throws if it is reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

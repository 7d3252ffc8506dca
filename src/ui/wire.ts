/** The JSON between the server and the page. */
import type { LongName, PageRange } from '../plots/page.js';

/** A value in JSON: NaN and the infinities are texts, a missing value is null. */
export type Cell = string | number | boolean | null | readonly Cell[];

export interface About {
  readonly store: string;
  readonly host: string;
  readonly version: string;
  /** The commands of mlx that the page may run; none if it may only read. */
  readonly actions: readonly string[];
  readonly colours: readonly string[];
}

/** A run in the table. */
export interface RunLine {
  readonly id: number;
  readonly status: string;
  /** Its program's error, or the recorded reason if that says more. */
  readonly reason: string | null;
  /**
   * The kind of its error, equal for runs that failed for the same reason; null for a run that did not fail.
   */
  readonly failure: string | null;
  /** Milliseconds since 1970. */
  readonly start: number | null;
  /** Its duration, until now if it still runs. */
  readonly seconds: number | null;
  readonly job: string | null;
  readonly name: string | null;
  readonly attempt: number;
  /** Its values in the answer's columns. */
  readonly cells: readonly Cell[];
  /** For each value, its attempt if that is not the last one, else null; missing if all are null. */
  readonly earlier?: readonly (number | null)[];
}

export interface RunsAnswer {
  /** What the next question sends as `after`. */
  readonly version: number;
  /** Whether these are all runs and replace those of the page; else they are the changed ones. */
  readonly whole: boolean;
  readonly columns: readonly string[];
  readonly rows: readonly RunLine[];
  readonly gone: readonly number[];
  /** The messages of engines that did not answer. */
  readonly troubles: readonly string[];
}

/** The names of all columns, by kind. */
export interface ColumnsAnswer {
  readonly swept: readonly string[];
  readonly metrics: readonly string[];
  readonly config: readonly string[];
  readonly info: readonly string[];
}

export type MatchAnswer = { readonly ids: readonly number[] } | Problem;

/** The answer to a question that is wrong or can't be answered. */
export interface Problem {
  readonly problem: string;
}

export interface AttemptLine {
  readonly number: number;
  readonly start: number | null;
  readonly seconds: number | null;
  readonly where: string | null;
  readonly exitCode: number | null;
  readonly notes: readonly string[];
}

interface MetricLineOf {
  readonly name: string;
  readonly last: Cell;
  readonly min: Cell;
  readonly max: Cell;
  readonly count: number;
  readonly nan: number;
  /** The attempt that logged it, if not the last one. */
  readonly earlier: number | null;
}

/** A file, or a link that is not followed. Paths are relative to the run: `artifacts/json/result.json`. */
export type ArtifactFile =
  | { readonly path: string; readonly bytes: number; readonly shows: 'image' | 'text' | 'nothing' }
  | { readonly path: string; readonly target: string };

export interface RunAnswer extends Omit<RunLine, 'cells' | 'earlier'> {
  readonly directory: string;
  readonly command: string;
  readonly overrides: readonly string[];
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly config: readonly (readonly [key: string, value: Cell])[];
  readonly info: readonly (readonly [key: string, value: Cell])[];
  readonly metrics: readonly MetricLineOf[];
  readonly attempts: readonly AttemptLine[];
  readonly artifacts: readonly ArtifactFile[];
  /** Whether there are artifacts that are not listed. */
  readonly moreArtifacts: boolean;
  readonly problems: readonly string[];
  /** Its program's error; `place` is the line of the source. */
  readonly error: { readonly text: string; readonly place: string | null; readonly lines: readonly string[] } | null;
}

export interface CurvesQuestion {
  readonly metric: string;
  readonly runs: readonly number[];
  /**
   * A key that is logged with the metric; null for an epoch or step if logged, else the number of the line.
   */
  readonly x: string | null;
  readonly groupBy: readonly string[];
  readonly band: 'std' | 'sem' | 'minmax' | null;
  readonly logY: boolean;
  /** The attempts: those on the way to the last one, the last one alone, or each as a curve of its own. */
  readonly attempts: 'path' | 'last' | 'all';
}

export interface CurveLine {
  readonly runs: readonly number[];
  readonly name: LongName;
  readonly xs: readonly number[];
  readonly ys: readonly (number | null)[];
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
}

export type CurvesAnswer =
  | {
      readonly x: string;
      readonly curves: readonly CurveLine[];
      readonly gaps: number;
      /** The visible part of the y axis; null if there is nothing to draw. */
      readonly range: PageRange | null;
      /** How many curves leave it. */
      readonly leaving: number;
      /** The lowest value, if it is below the range. */
      readonly lowest: number | null;
      /** The highest value, if it is above the range. */
      readonly highest: number | null;
      /** Runs whose last attempt has not logged the metric, with the attempt that did. */
      readonly earlier: readonly { readonly run: number; readonly attempt: number }[];
      /** How many runs do not have the metric. */
      readonly lacking: number;
      /** How many curves were left out, since more can't be told apart. */
      readonly more: number;
    }
  | Problem;

export interface CompareAnswer {
  readonly runs: readonly number[];
  /** The keys in which they differ, with one value per run. */
  readonly config: readonly { readonly key: string; readonly values: readonly Cell[] }[];
  readonly metrics: readonly { readonly key: string; readonly values: readonly Cell[] }[];
  /** The difference of the code of two runs; null for more runs, or if unknown. */
  readonly code: string | null;
  /** The packages that only the first, and only the second of two runs had. */
  readonly requirements: { readonly from: readonly string[]; readonly to: readonly string[] } | null;
}

/** A part of a file as text, without control sequences. */
export interface TextAnswer {
  readonly text: string;
  /** The beginning of an unfinished line; the next answer has it again. */
  readonly unfinished: string;
  /** The byte offset at which this begins. */
  readonly from: number;
  /** The byte offset at which this ends. */
  readonly next: number;
  /** The size of the file in bytes. */
  readonly size: number;
  /** Whether the run has ended, so that the file no longer grows. */
  readonly isOver: boolean;
}

export interface ActionQuestion {
  readonly command: string;
  readonly runs: readonly number[];
}

export interface ActionAnswer {
  readonly command: string;
  /** Null while the command still runs. */
  readonly exitCode: number | null;
  readonly output: string;
}

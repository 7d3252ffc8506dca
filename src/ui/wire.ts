/** What the server and the page say to each other, as JSON. */
import type { LongName, PageRange } from '../plots/page.js';

/** A value as JSON has it: NaN and the infinities are texts, what is missing is null. */
export type Cell = string | number | boolean | null | readonly Cell[];

export interface About {
  readonly store: string;
  readonly host: string;
  readonly version: string;
  /** The commands of mlx that the page may give; none where it only reads. */
  readonly actions: readonly string[];
  readonly colours: readonly string[];
}

/** A run as the table shows it. */
export interface RunLine {
  readonly id: number;
  readonly status: string;
  /** Its program's error, or a reason that says more. */
  readonly reason: string | null;
  /** The same for runs that went wrong alike; null for one that did not. */
  readonly failure: string | null;
  /** Milliseconds since 1970. */
  readonly start: number | null;
  /** How long it took, up to now where it goes on. */
  readonly seconds: number | null;
  readonly job: string | null;
  readonly name: string | null;
  readonly attempt: number;
  /** Values of the answer's columns. */
  readonly cells: readonly Cell[];
  /** For each of them the attempt that it is of, or null if it is of the last one; missing if all are. */
  readonly earlier?: readonly (number | null)[];
}

export interface RunsAnswer {
  /** To be sent as `after` by the next question. */
  readonly version: number;
  /** Whether these are all runs, in place of those that the page has; else only those that have changed. */
  readonly whole: boolean;
  readonly columns: readonly string[];
  readonly rows: readonly RunLine[];
  readonly gone: readonly number[];
  /** What engines that could not be asked have said. */
  readonly troubles: readonly string[];
}

/** Names of columns that there are, for the choice of what is shown. */
export interface ColumnsAnswer {
  readonly swept: readonly string[];
  readonly metrics: readonly string[];
  readonly config: readonly string[];
  readonly info: readonly string[];
}

export type MatchAnswer = { readonly ids: readonly number[] } | Problem;

/** What a question is answered with that is wrong, or can't be answered. */
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

export interface MetricLineOf {
  readonly name: string;
  readonly last: Cell;
  readonly min: Cell;
  readonly max: Cell;
  readonly count: number;
  readonly nan: number;
  /** The attempt that it is of, if the last attempt has not logged it. */
  readonly earlier: number | null;
}

export interface ArtifactFile {
  /** In the run's directory: `artifacts/json/result.json`. */
  readonly path: string;
  readonly bytes: number;
  readonly shows: 'image' | 'text' | 'nothing';
}

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
  /** How many artifacts are not listed. */
  readonly moreArtifacts: number;
  readonly problems: readonly string[];
  /** What its program said when it failed. */
  readonly error: { readonly text: string; readonly place: string | null; readonly lines: readonly string[] } | null;
}

export interface CurvesQuestion {
  readonly metric: string;
  readonly runs: readonly number[];
  /** Null for epoch or step where they are, else the line. */
  readonly x: string | null;
  readonly groupBy: readonly string[];
  readonly band: 'std' | 'sem' | 'minmax' | null;
  readonly logY: boolean;
  /** Of which attempts: those on the way to the last one, the last one, or each by itself. */
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
      /** The part of the y axis that is shown; null where there is nothing to draw. */
      readonly range: PageRange | null;
      /** Curves that are not in it as a whole, and the lowest and highest value beyond it. */
      readonly leaving: number;
      readonly lowest: number | null;
      readonly highest: number | null;
      /** Runs whose last attempt has not logged the metric, with the attempt that has. */
      readonly earlier: readonly { readonly run: number; readonly attempt: number }[];
      /** Runs that have no such metric. */
      readonly lacking: number;
      /** Curves that are not among these, for more could not be told apart. */
      readonly more: number;
    }
  | Problem;

export interface CompareAnswer {
  readonly runs: readonly number[];
  /** Keys in which they differ, with a value for each run. */
  readonly config: readonly { readonly key: string; readonly values: readonly Cell[] }[];
  readonly metrics: readonly { readonly key: string; readonly values: readonly Cell[] }[];
  /** What differs in the code and in what is installed, of two runs. */
  readonly code: string | null;
  readonly requirements: { readonly from: readonly string[]; readonly to: readonly string[] } | null;
}

/** A part of a file as text, in which what a terminal would obey is gone. */
export interface TextAnswer {
  readonly text: string;
  /** The beginning of a line that is not whole yet; it comes again. */
  readonly unfinished: string;
  /** Bytes from which, and up to which, this is. */
  readonly from: number;
  readonly next: number;
  readonly size: number;
  /** Whether the run that writes it is over, so that nothing follows. */
  readonly isOver: boolean;
}

export interface ActionQuestion {
  readonly command: string;
  readonly runs: readonly number[];
}

export interface ActionAnswer {
  readonly command: string;
  /** Null while it goes on. */
  readonly exitCode: number | null;
  readonly output: string;
}

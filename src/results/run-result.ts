import type { ExpressionValue } from '../expression/index.js';
import type { RunBrief } from './briefs.js';
import type { AttemptChoice } from './metrics/read-logs.js';
import type { RunSummaries } from './metrics/run-summaries.js';

/** What a run has come to: config, info, facts and metrics. */
export interface RunResult extends RunSummaries {
  readonly id: number;
  readonly directory: string;
  readonly status: RunBrief['status'];
  /**
   * `config.optimizer.lr`, `info.hostname`; `override.lr`, as it was typed; facts by name, such as `launch`.
   */
  readonly columns: ReadonlyMap<string, ExpressionValue>;
  /** Whether its config, info or metrics could not be read; the readable part is among its columns. */
  readonly unreadable: boolean;
  /** The lines that its metrics are of; undefined for those on the way to its last attempt. */
  readonly attempts?: AttemptChoice | undefined;
}

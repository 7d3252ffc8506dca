import { existsSync } from 'node:fs';
import { readYamlFile, readYamlRecord } from '../config/yaml.js';
import { type Failure, MlxError } from '../core/failure.js';
import type { ExpressionValue, Lookup } from '../expression/index.js';
import { type CompleteRun, runPaths, runSeconds, type Status } from '../logger/index.js';
import { expressionValue, isMapping, type Value } from '../sweep/index.js';

/** A run's config and info as flat columns (`config.optimizer.lr`, `info.status`), read when first asked for. */
export class RunRow {
  #columns: Map<string, ExpressionValue> | undefined;
  #problem: Failure | undefined;

  constructor(readonly run: CompleteRun) {}

  get columns(): ReadonlyMap<string, ExpressionValue> {
    this.#columns ??= this.#read();
    return this.#columns;
  }

  /** Why config or info could not be read whole; their columns are then missing. */
  get problem(): Failure | undefined {
    return this.columns && this.#problem;
  }

  readonly lookup: Lookup = (name) => this.columns.get(name);

  /** When the run started and how long it took in seconds: from its attempts, of a run of MLXP from `info.yaml`. */
  get times(): { readonly start: Date | undefined; readonly seconds: number | undefined } {
    const { job, attempt } = this.run;
    if (job) {
      const start = attempt?.claim && new Date(attempt.claim.start * 1000);
      return { start, seconds: runSeconds(this.run, Date.now() / 1000) };
    }
    const start = this.#moment('start');
    const end = this.#moment('end');
    return { start, seconds: start && end && Math.max(0, (end.getTime() - start.getTime()) / 1000) };
  }

  /** MLXP writes `21/11/2026` and `05:38:28`, local time. */
  #moment(which: 'start' | 'end'): Date | undefined {
    const [, day, month, year] = /^(\d+)\/(\d+)\/(\d{4})$/.exec(String(this.lookup(`info.${which}_date`))) ?? [];
    const [, hour, minute, second] = /^(\d+):(\d+):(\d+)$/.exec(String(this.lookup(`info.${which}_time`))) ?? [];
    if (year === undefined || hour === undefined) return undefined;
    return new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  }

  #read(): Map<string, ExpressionValue> {
    const { directory, status, id } = this.run;
    const columns = new Map<string, ExpressionValue>();
    for (const [prefix, path] of [
      ['info', runPaths.info(directory)],
      ['config', runPaths.config(directory)],
    ] as const) {
      try {
        flatten(this.#readFile(path), prefix, columns);
      } catch (error) {
        if (!(error instanceof MlxError)) throw error;
        this.#problem = error.failure;
      }
    }
    // What the store tells now, which info.yaml may not know yet.
    columns.set('info.status', status.status satisfies Status);
    columns.set('info.logger.log_id', id);
    return columns;
  }

  #readFile(path: string): Value {
    // MLXP's files have no end by which to tell that they are whole.
    return this.run.job ? readYamlRecord(path) : existsSync(path) ? readYamlFile(path, path).value : null;
  }
}

function flatten(value: Value, prefix: string, into: Map<string, ExpressionValue>): void {
  if (!isMapping(value)) {
    if (!prefix.includes('.')) return;
    into.set(prefix, expressionValue(value));
    return;
  }
  for (const [key, item] of value) flatten(item, `${prefix}.${String(key)}`, into);
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isClosedRecord } from '../../core/flat-record.js';
import type { ExpressionValue, Lookup } from '../../expression/index.js';
import { type Failure, fail, MlxError } from '../../failures/index.js';
import { type CompleteRun, type JobRecord, runPaths, runSeconds, type Status } from '../../store/index.js';
import { expressionValue, isMapping, leafNames, readYamlFile, type Value } from '../../values/index.js';
import { type FactSource, factNames, factOf, type RunTimes } from './facts.js';

/**
 * Facts that mlx writes into `info.yaml`. They are missing after a program, such as MLXP, has rewritten the
 * file.
 */
const factsInInfo = ['launch', 'attempt', 'engine', 'exit_code', 'reason', 'command'] as const;

/**
 * A run's config and info as flat columns (`config.optimizer.lr`, `info.status`). Reads the files on first
 * use.
 */
export class RunRow implements FactSource {
  #columns: Map<string, ExpressionValue> | undefined;
  #problem: Failure | undefined;

  constructor(readonly run: CompleteRun) {}

  get columns(): ReadonlyMap<string, ExpressionValue> {
    this.#columns ??= this.#read();
    return this.#columns;
  }

  /**
   * Why config or info could not be read; the columns of that file are missing. Undefined if both could be.
   */
  get problem(): Failure | undefined {
    return this.columns && this.#problem;
  }

  readonly lookup: Lookup = (name) => this.columns.get(name);

  readonly info = (key: string): ExpressionValue => this.columns.get(`info.${key}`);

  /** Start, end and duration in seconds: from its attempts, or from `info.yaml` for a run made by MLXP. */
  get times(): RunTimes {
    const { job, attempt } = this.run;
    if (job) {
      const start = attempt?.claim && new Date(attempt.claim.start * 1000);
      const end = attempt?.end && new Date(attempt.end.end * 1000);
      return { start, end, seconds: runSeconds(this.run, Date.now() / 1000) };
    }
    const start = this.#moment('start');
    const end = this.#moment('end');
    return { start, end, seconds: start && end && Math.max(0, (end.getTime() - start.getTime()) / 1000) };
  }

  /** All facts that the run has, by name, except for those that are columns anyway. */
  facts(): Map<string, ExpressionValue> {
    const known = factNames.map((name) => [name, factOf(this, name)] as const);
    return new Map(
      known.filter(
        ([name, value]) =>
          value !== undefined && name !== 'directory' && !(name === 'command' && value === this.info(name)),
      ),
    );
  }

  /** The start or end by `info.yaml`. MLXP writes `21/11/2026` and `05:38:28`, in local time. */
  #moment(which: 'start' | 'end'): Date | undefined {
    const [, day, month, year] = /^(\d+)\/(\d+)\/(\d{4})$/.exec(String(this.info(`${which}_date`))) ?? [];
    const [, hour, minute, second] = /^(\d+):(\d+):(\d+)$/.exec(String(this.info(`${which}_time`))) ?? [];
    if (year === undefined || hour === undefined) return undefined;
    return new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  }

  #read(): Map<string, ExpressionValue> {
    const { directory, status, id, job } = this.run;
    const columns = new Map<string, ExpressionValue>();
    this.#columns = columns;
    const config = runPaths.config(directory);
    for (const [prefix, path, isThere] of [
      ['info', runPaths.info(directory), true],
      ['config', config, job !== undefined || existsSync(config)],
      // The program's own Hydra config; keys of mlx's config win. It is complete even if mlx knows nothing of
      // the program.
      ...hydraConfig(directory),
    ] as const) {
      try {
        if (isThere) flatten(this.#readRecord(path), prefix, columns);
      } catch (error) {
        if (!(error instanceof MlxError)) throw error;
        this.#problem = error.failure;
      }
    }
    if (job) for (const name of factsInInfo) setMissing(columns, `info.${name}`, factOf(this, name) ?? null);
    // The store's status wins: info.yaml may be behind.
    columns.set('info.status', status.status satisfies Status);
    columns.set('info.logger.log_id', id);
    return columns;
  }

  /**
   * Reads a record that mlx wrote, or the program rewrote, as MLXP does. Throws `broken-record` if it is cut
   * short.
   */
  #readRecord(path: string): Value {
    const { source, value } = readYamlFile(path, path);
    const { directory, job } = this.run;
    if (!job || isClosedRecord(source.text)) return value;
    const isInfo = path === runPaths.info(directory);
    const isPart = isInfo ? isPartOfInfo(value) : path === runPaths.config(directory) && isPartOfConfig(value, job);
    if (isPart || !source.text.endsWith('\n')) fail({ reason: 'broken-record', path, problem: { kind: 'cut-short' } });
    return value;
  }
}

/** MLXP's own `info.yaml` ends with its version manager; mlx writes the launch before that. */
function isPartOfInfo(value: Value): boolean {
  return !isMapping(value) || value.has('launch') || !value.has('version_manager');
}

/**
 * A program may add to its config or write it differently. A config with fewer values than before was cut
 * short.
 */
function isPartOfConfig(value: Value, { configKeys = 0 }: JobRecord): boolean {
  return (configKeys > 0 && !isMapping(value)) || leafNames(value).length < configKeys;
}

/** The config that Hydra writes into the run's directory, if there is one. */
function hydraConfig(directory: string): [prefix: 'config', path: string, isThere: true][] {
  const path = join(directory, '.hydra', 'config.yaml');
  return existsSync(path) ? [['config', path, true]] : [];
}

function flatten(value: Value, prefix: string, into: Map<string, ExpressionValue>): void {
  if (!isMapping(value)) {
    if (!prefix.includes('.')) return;
    setMissing(into, prefix, expressionValue(value));
    return;
  }
  for (const [key, item] of value) flatten(item, `${prefix}.${String(key)}`, into);
}

function setMissing(columns: Map<string, ExpressionValue>, name: string, value: ExpressionValue): void {
  if (!columns.has(name)) columns.set(name, value);
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isClosedRecord } from '../../core/flat-record.js';
import type { ExpressionValue, Lookup } from '../../expression/index.js';
import { type Failure, fail, MlxError } from '../../failures/index.js';
import { type CompleteRun, type JobRecord, runPaths, runSeconds, type Status } from '../../store/index.js';
import { expressionValue, isMapping, leafNames, readYamlFile, type Value } from '../../values/index.js';
import { type FactSource, factNames, factOf, type RunTimes } from './facts.js';

/** Facts that stand in `info.yaml` as mlx writes it. A program that writes that file again, as MLXP does, leaves them out. */
const factsInInfo = ['launch', 'attempt', 'engine', 'exit_code', 'reason', 'command'] as const;

/** A run's config and info as flat columns (`config.optimizer.lr`, `info.status`), read when first asked for. */
export class RunRow implements FactSource {
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

  readonly info = (key: string): ExpressionValue => this.columns.get(`info.${key}`);

  /** When the run started and how long it took in seconds: from its attempts, of a run of MLXP from `info.yaml`. */
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

  /** All facts that the run has, by their names, without those that are known anyway. */
  facts(): Map<string, ExpressionValue> {
    const known = factNames.map((name) => [name, factOf(this, name)] as const);
    return new Map(
      known.filter(
        ([name, value]) =>
          value !== undefined && name !== 'directory' && !(name === 'command' && value === this.info(name)),
      ),
    );
  }

  /** MLXP writes `21/11/2026` and `05:38:28`, local time. */
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
      // What Hydra composed, where mlx has not composed the same: it has the whole config of a program that mlx knows nothing of.
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
    // What the store tells now, which info.yaml may not know yet.
    columns.set('info.status', status.status satisfies Status);
    columns.set('info.logger.log_id', id);
    return columns;
  }

  /** A record that mlx has written, or the program again in its own way, as MLXP does. Throws `broken-record` for a part of one. */
  #readRecord(path: string): Value {
    const { source, value } = readYamlFile(path, path);
    const { directory, job } = this.run;
    if (!job || isClosedRecord(source.text)) return value;
    const isInfo = path === runPaths.info(directory);
    const isPart = isInfo ? isPartOfInfo(value) : path === runPaths.config(directory) && isPartOfConfig(value, job);
    if (isPart || !source.text.endsWith('\n')) fail({ reason: 'broken-record', path, problem: 'it is cut short' });
    return value;
  }
}

/** MLXP's own `info.yaml` ends with its version manager; mlx's has the launch before that. */
function isPartOfInfo(value: Value): boolean {
  return !isMapping(value) || value.has('launch') || !value.has('version_manager');
}

/** A program may have added to its config, or spelled it otherwise; what has lost values was cut. */
function isPartOfConfig(value: Value, { configKeys = 0 }: JobRecord): boolean {
  return (configKeys > 0 && !isMapping(value)) || leafNames(value).length < configKeys;
}

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

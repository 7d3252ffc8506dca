import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join, normalize } from 'node:path';
import { endsInsideLine } from '../core/files.js';
import { artifactPath, artifactType, builtInTypes, readIndex, saveArtifact, types, writeWhole } from './artifacts.js';
import { noteMetrics, rewindMetrics } from './checkpoint-metrics.js';
import { type Config, readConfig, readOwnConfig, withOverrides } from './config.js';
import { LostLines, writeKeys } from './lost-lines.js';

/** The value of a metric. */
export type Metric = number | bigint | string | boolean | null;

/** Options of a program that may also run without mlx. */
export interface StartOptions {
  /** The file of the config, used without mlx. */
  readonly config?: string;
  /** The directory to write to without mlx. If it is missing, nothing is written. */
  readonly logDir?: string;
}

const protectedNames = new Set(['info', 'config', 'mlxp', 'artifacts']);

/**
 * Returns the run of this process, with its config and directory. Under mlx the config is the one that mlx
 * composed for the run. Without mlx, and for a command that mlx passes no config to, it is the file in
 * `options`, with the `key=value` words of the program's command line applied. Throws what reading that file
 * and parsing those words throw.
 */
export function start(options: StartOptions = {}): Run {
  const composed = process.env['MLX_CONFIG'];
  const directory = process.env['MLX_LOG_DIR'] || options.logDir;
  const whole = composed && existsSync(composed) ? readConfig(composed) : undefined;
  // `mlx job` and `mlx submit` compose no config.
  if (whole && (options.config === undefined || Object.keys(whole).length > 0)) return new Run(directory, whole);
  const config = options.config === undefined ? {} : readOwnConfig(options.config);
  return new Run(directory, withOverrides(config, process.argv.slice(2)));
}

/**
 * Returns the part of a list that this task of an array processes, from TASK_INDEX (1 for the first) and
 * TASK_STEPSIZE. Returns the whole list without them. Throws `RangeError` for other values.
 */
export function sliceTasks<T>(tasks: Iterable<T>): T[] {
  const all = [...tasks];
  const index = process.env['TASK_INDEX'];
  if (!index) return all;
  const first = Number(index) - 1;
  const size = Number(process.env['TASK_STEPSIZE'] || 1);
  if (!Number.isInteger(first) || first < 0 || !Number.isInteger(size) || size < 1) {
    throw new RangeError(`TASK_INDEX=${index} TASK_STEPSIZE=${size}: both count from 1`);
  }
  return all.slice(first, first + size);
}

const preemptSignals = ['SIGUSR1', 'SIGUSR2', 'SIGXCPU', 'SIGTERM'] as const;
const progressMilliseconds = 500;

/**
 * One execution of the program. If the store can't be
 * written, it warns once on stderr and the program continues.
 */
export class Run {
  /** The run's id; undefined if nothing is written. */
  readonly id: string | undefined;
  readonly attempt = Number(process.env['MLX_ATTEMPT'] || 1);
  /** Whether an earlier attempt of the same run may have left a checkpoint. */
  readonly resumed = this.attempt > 1;
  readonly #metrics = new Map<string, MetricsFile>();
  readonly #lost = new Map<string, LostLines>();
  readonly #onPreempt: (() => void | Promise<void>)[] = [];
  #progressTime = Number.NEGATIVE_INFINITY;
  #warned = false;

  constructor(
    /** The directory of the run; undefined if nothing is written. */
    readonly dir: string | undefined,
    readonly config: Config,
  ) {
    this.id = dir === undefined ? undefined : basename(normalize(dir));
  }

  /**
   * Appends a line to `metrics/<logName>.json`, with NaN and infinities as Python writes them. Throws
   * `TypeError` for a log name with other characters, or of a file of mlx.
   */
  logMetrics(metrics: Readonly<Record<string, Metric>>, logName = 'train'): void {
    if (protectedNames.has(logName) || !/^[\w-][\w.-]*$/.test(logName)) {
      throw new TypeError(
        `'${logName}' can't be a log name: use letters, digits, _ - . and none of ${[...protectedNames].join(', ')}`,
      );
    }
    this.#write((dir) => {
      const fields = Object.entries({ ...metrics, _attempt: this.attempt }).map(
        ([key, value]) => `${JSON.stringify(key)}: ${metricText(value)}`,
      );
      const log = this.#append(`{${fields.join(', ')}}\n`, join(dir, 'metrics'), logName);
      // There is room again.
      this.#noteLost();
      const keys = Object.keys(metrics);
      if (keys.every((key) => log.known.has(key))) return;
      for (const key of keys) log.known.add(key);
      writeKeys(indexOf(join(dir, 'metrics'), logName), log.known);
    });
  }

  /** Saves a value atomically as `artifacts/<type>/<name>`. Throws `TypeError` for an unknown type. */
  logArtifact(value: unknown, name: string, type = 'json'): void {
    const { save } = artifactType(type);
    this.#write((dir) => saveArtifact(dir, { type, name }, (path) => save(value, path)));
  }

  /**
   * Loads an artifact of this run, or of the run in directory `root`. Without a type, it is the first type
   * with that name.
   * Throws an Error if there is no such artifact.
   */
  loadArtifact(name: string, type?: string, root = this.dir): unknown {
    const artifacts = join(root ?? '', 'artifacts');
    const kind = type ?? [...types.keys()].find((one) => existsSync(join(artifacts, one, name)));
    if (root === undefined || kind === undefined) throw new Error(`no artifact '${name}' in ${artifacts}`);
    return artifactType(kind).load(artifactPath(root, kind, name));
  }

  /** Saves the program's state as JSON, in place of the previous one, and flushes it to the disk. */
  checkpoint(state: unknown, name = 'last_ckpt.json'): void {
    this.#write((dir) => {
      const save = (path: string) => {
        builtInTypes['json']?.save(state, path);
        noteMetrics(dir, name, readFileSync(path));
      };
      saveArtifact(dir, { type: 'Checkpoint', name }, save, true);
    });
  }

  /**
   * Returns the state that `checkpoint` saved last, in this attempt or an earlier one; undefined without one.
   * Metrics that an earlier attempt logged after it are moved to `metrics/.superseded`, because the program
   * logs them again.
   */
  latestCheckpoint(name = 'last_ckpt.json', root = this.dir): unknown {
    const path = root && artifactPath(root, 'Checkpoint', name);
    if (!path || !existsSync(path)) return undefined;
    const bytes = readFileSync(path);
    if (this.resumed && root === this.dir) this.#write((dir) => rewindMetrics(dir, name, bytes, this.attempt));
    return JSON.parse(bytes.toString('utf8'));
  }

  /** Records the program's progress for mlx's live view. It writes at most twice a second, and at the end. */
  progress(done: number, total: number): void {
    const now = performance.now();
    if (done !== total && now - this.#progressTime < progressMilliseconds) return;
    this.#progressTime = now;
    const text = `${JSON.stringify({ done, total, attempt: this.attempt })}\n`;
    this.#write((dir) => writeWhole(join(dir, 'progress.json'), (path) => writeFileSync(path, text)));
  }

  /**
   * Calls `action` when this run is about to lose its machine: on SIGUSR1, SIGUSR2, SIGXCPU and SIGTERM.
   * After the first three, which are warnings, the program continues. After SIGTERM it ends.
   */
  onPreempt(action: () => void | Promise<void>): void {
    this.#onPreempt.push(action);
    if (this.#onPreempt.length > 1) return;
    for (const signal of preemptSignals) {
      let busy = false;
      const listener = async () => {
        if (busy) return;
        busy = true;
        try {
          for (const one of this.#onPreempt) await one();
        } finally {
          busy = false;
          if (signal === 'SIGTERM') {
            process.off(signal, listener);
            this.#noteLost();
            process.kill(process.pid, signal);
          }
        }
      };
      process.on(signal, listener);
    }
  }

  log_metrics = this.logMetrics;
  log_artifact = this.logArtifact;
  load_artifact = this.loadArtifact;
  latest_checkpoint = this.latestCheckpoint;
  on_preempt = this.onPreempt;

  /** Appends a line to a metrics file, and returns the file. Counts the line if that throws. */
  #append(line: string, directory: string, logName: string): MetricsFile {
    try {
      const log = this.#metrics.get(logName) ?? new MetricsFile(directory, logName);
      this.#metrics.set(logName, log);
      log.append(line);
      return log;
    } catch (error) {
      if (this.#lost.size === 0) process.once('exit', () => this.#noteLost());
      const lost = this.#lost.get(logName) ?? new LostLines(indexOf(directory, logName), this.attempt);
      this.#lost.set(logName, lost);
      lost.add();
      throw error;
    }
  }

  #noteLost(): void {
    for (const lost of this.#lost.values()) lost.note();
  }

  #write(action: (dir: string) => void): void {
    if (this.dir === undefined) return;
    try {
      action(this.dir);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      if (!this.#warned) say(`mlx: can't write to ${this.dir}: ${error.message}; going on without\n`);
      this.#warned = true;
    }
  }
}

/** The path of a metrics file's index. */
const indexOf = (directory: string, logName: string) => join(directory, '.keys', `${logName}.yaml`);

/** An open metrics file, with the keys that it is known to contain. */
class MetricsFile {
  readonly known: Set<string>;
  readonly #file: number;
  /** True if the file ends inside a line, because an earlier attempt was killed or the disk was full. */
  #torn: boolean;

  constructor(directory: string, logName: string) {
    mkdirSync(directory, { recursive: true });
    this.#file = openSync(join(directory, `${logName}.json`), 'a+');
    this.#torn = endsInsideLine(this.#file);
    this.known = new Set(Object.keys(readIndex(indexOf(directory, logName))));
  }

  append(line: string): void {
    const bytes = Buffer.from(this.#torn ? `\n${line}` : line);
    this.#torn = writeSync(this.#file, bytes) < bytes.length;
    if (this.#torn) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC', syscall: 'write' });
  }
}

function say(text: string): void {
  try {
    process.stderr.write(text);
  } catch {
    // The log may be on the same full disk.
  }
}

function metricText(value: Metric): string {
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : JSON.stringify(value);
}

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { errnoCode } from '../core/errno.js';
import { ownEnvironment, withoutRunVariables } from '../core/own-environment.js';
import { trySignal } from '../core/process.js';
import type { Signal } from './session.js';

/** Callbacks of a worker about the run that it supervises. */
interface SupervisionEvents {
  /** The supervisor, the process `pid`, has a new `info.yaml` that must be renamed. */
  readonly onInfo: (pid: number) => void;
  readonly onExit: (exitCode: number) => void;
  /** The worker is gone: it could not start, or a signal ended it. */
  readonly onDeath: (trouble: string) => void;
}

/** A run to supervise. */
interface SupervisedRun {
  readonly directory: string;
  readonly token: string;
  readonly attempt: number;
  readonly gpus?: readonly string[] | undefined;
  readonly cpus?: readonly number[] | undefined;
  /** The word of its `MemoryLimit`. */
  readonly memory?: string | undefined;
  /** `program` if signals go to the program alone. */
  readonly signalTo?: 'program' | undefined;
}

/** A bash with `run.sh --serve`, in its own session, that supervises one run after another. */
export class SupervisorWorker {
  // Not execa, which is for processes with a result to wait for: this one exchanges lines as long as it
  // lives.
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #events: SupervisionEvents | undefined;
  #pid: number | undefined;
  #pendingSignals: Signal[] = [];
  #buffer = '';

  constructor(supervisor: string) {
    this.#child = spawn('bash', [supervisor, '--serve'], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: withoutRunVariables(ownEnvironment()),
    });
    this.#child.stdout.setEncoding('utf8');
    this.#child.stdout.on('data', (text: string) => this.#onText(text));
    this.#child.once('error', (error) => this.#onDeath(errnoCode(error) ?? error.message));
    this.#child.once('close', (code, signal) => this.#onDeath(signal ?? `exit code ${code}`));
    // A failed write means that the worker has died, which `close` reports.
    this.#child.stdin.on('error', () => undefined);
  }

  /** The session of all processes that the worker starts. */
  get session(): number | undefined {
    return this.#child.pid;
  }

  /** Starts a run. The worker must be idle. */
  supervise(run: SupervisedRun, events: SupervisionEvents): void {
    const { directory, token, attempt, gpus = [], cpus = [], memory = '', signalTo = '' } = run;
    this.#events = events;
    this.#pid = undefined;
    this.#pendingSignals = [];
    const fields = [directory, token, attempt, gpus.join(','), cpus.join(','), memory, signalTo];
    this.#child.stdin.write(fields.map((field) => `${field}\0`).join(''));
  }

  /** The process id of the current run's supervisor; undefined until it has started. */
  get supervisor(): number | undefined {
    return this.#pid;
  }

  /** Signals the supervisor of the current run, now or as soon as it has started. */
  signal(signal: Signal): void {
    if (this.#pid === undefined) this.#pendingSignals.push(signal);
    else trySignal(this.#pid, signal);
  }

  /** Lets the worker end. */
  dismiss(): void {
    this.#child.stdin.end();
  }

  #onText(text: string): void {
    const lines = (this.#buffer + text).split('\n');
    this.#buffer = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
  }

  #onLine(line: string): void {
    const [word, value] = line.split(' ');
    if (word === 'pid') {
      this.#pid = Number(value);
      for (const signal of this.#pendingSignals) trySignal(this.#pid, signal);
    } else if (word === 'info') {
      if (this.#pid !== undefined) this.#events?.onInfo(this.#pid);
    } else if (word === 'exit') {
      this.#takeEvents()?.onExit(Number(value));
    }
  }

  #onDeath(trouble: string): void {
    this.#takeEvents()?.onDeath(trouble);
  }

  #takeEvents(): SupervisionEvents | undefined {
    const events = this.#events;
    this.#events = undefined;
    return events;
  }
}

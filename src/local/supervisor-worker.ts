import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { errnoCode } from '../core/errno.js';
import { withoutRunVariables } from '../core/own-environment.js';
import { type Signal, trySignal } from './session.js';

/** What a worker tells of the run that it supervises. */
export interface SupervisionEvents {
  /** The supervisor, this process, has a new `info.yaml` ready to be moved into place. */
  readonly onInfo: (pid: number) => void;
  readonly onExit: (exitCode: number) => void;
  /** The worker itself is gone; it was not even started, or a signal ended it. */
  readonly onDeath: (trouble: string) => void;
}

/** A run to supervise. */
export interface Supervised {
  readonly directory: string;
  readonly token: string;
  readonly attempt: number;
  readonly gpus?: readonly string[] | undefined;
  readonly cpus?: readonly number[] | undefined;
  /** How its memory is limited, see `limitMemory`. */
  readonly memory?: string | undefined;
  /** Whether signals are for the program alone. */
  readonly signalTo?: 'program' | undefined;
}

/** A `run.sh --serve`: a bash, in a session of its own, that supervises one run at a time, as often as it is asked. */
export class SupervisorWorker {
  // execa is for processes whose result is awaited; this one is spoken with line by line for as long as it lives.
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #events: SupervisionEvents | undefined;
  #pid: number | undefined;
  #pendingSignals: Signal[] = [];
  #buffer = '';

  constructor(supervisor: string) {
    this.#child = spawn('bash', [supervisor, '--serve'], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: withoutRunVariables(process.env),
    });
    this.#child.stdout.setEncoding('utf8');
    this.#child.stdout.on('data', (text: string) => this.#onText(text));
    this.#child.once('error', (error) => this.#onDeath(errnoCode(error) ?? error.message));
    this.#child.once('close', (code, signal) => this.#onDeath(signal ?? `exit code ${code}`));
    // Writing to a worker that has died is told by its death.
    this.#child.stdin.on('error', () => undefined);
  }

  /** The session of everything that the worker starts. */
  get session(): number | undefined {
    return this.#child.pid;
  }

  /** Starts the run in this directory as this attempt; the worker must be idle. */
  supervise(run: Supervised, events: SupervisionEvents): void {
    const { directory, token, attempt, gpus = [], cpus = [], memory = '', signalTo = '' } = run;
    this.#events = events;
    this.#pid = undefined;
    this.#pendingSignals = [];
    const fields = [directory, token, attempt, gpus.join(','), cpus.join(','), memory, signalTo];
    this.#child.stdin.write(fields.map((field) => `${field}\0`).join(''));
  }

  /** The supervisor of the current run; undefined until it is there. */
  get supervisor(): number | undefined {
    return this.#pid;
  }

  /** Signals the supervisor of the current run, or as soon as it is there. */
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

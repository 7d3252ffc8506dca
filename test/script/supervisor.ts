import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quoteWord } from '../../src/core/quote.js';
import type { JobRecord } from '../../src/store/index.js';
import { runPaths, writeJob } from '../../src/store/index.js';

const runSh = fileURLToPath(new URL('../../dist/runtime/run.sh', import.meta.url));

/** The built run.sh without its last part, which would start something: its functions and their variables. */
function functions(): string {
  const [text = '', main] = readFileSync(runSh, 'utf8').split(/^# --- Main: /m);
  if (main === undefined) throw new Error('run.sh has no main part');
  return text;
}

export interface Reply {
  readonly code: number;
  readonly stdout: string;
}

/** Runs each of these pieces of bash by itself, after the functions of run.sh, and returns what it printed. */
export function askSupervisor(pieces: readonly string[]): Reply[] {
  const each = pieces.map((piece) => `(\n${piece}\n)\nprintf '\\0%s\\0' $?`);
  const { stdout, stderr } = spawnSync('bash', ['-c', [functions(), ...each].join('\n')], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
    maxBuffer: 2 ** 26,
  });
  const words = stdout.split('\0');
  if (words.length !== 2 * pieces.length + 1) throw new Error(`bash did not answer all: ${stderr}`);
  return pieces.map((_, i) => ({ stdout: words[2 * i] ?? '', code: Number(words[2 * i + 1]) }));
}

/** Lines that set variables of the supervisor, without the `mlx_`. */
export function assignments(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `mlx_${name}=${quoteWord(String(value))}`)
    .join('\n');
}

/** The variables that name the files of a run. */
export const pathsOf = (run: string) => ({ run, meta: runPaths.metadata(run), attempts: runPaths.attempts(run) });

export interface CaseRuns {
  /** Makes the directory of one more run, with a `job.yaml` and these files in `attempts/`. */
  make(job: Partial<JobRecord>, files: Readonly<Record<string, readonly string[] | undefined>>): string;
  remove(): void;
}

/** A directory for the runs of cases. */
export function caseRuns(): CaseRuns {
  const parent = mkdtempSync(join(tmpdir(), "mlx case's "));
  let count = 0;
  return {
    make(job, files) {
      count += 1;
      const run = join(parent, String(count));
      mkdirSync(runPaths.attempts(run), { recursive: true });
      writeJob(run, { ...plainJob, ...job });
      for (const [name, lines] of Object.entries(files)) {
        if (lines) writeFileSync(join(runPaths.attempts(run), name), lines.map((line) => `${line}\n`).join(''));
      }
      return run;
    },
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

const plainJob: JobRecord = {
  token: 'token1',
  firstAttempt: 1,
  launch: 'launch1',
  point: 0,
  engine: 'some',
  jobId: undefined,
  idVariable: undefined,
  task: undefined,
  restartsGetNewIds: false,
  launcher: undefined,
  verdict: undefined,
};

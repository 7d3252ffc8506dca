import { stripVTControlCharacters } from 'node:util';
import { lastWritten } from '../../core/text.js';

/**
 * How certain it is that a text says why a program failed. `verdict`: whoever ended the program says why.
 * `exception`: the program's own error. `aside`: an error that may not have ended it. `guess`: merely the
 * last line. `summary`: a wrapper's message about a failed program.
 */
export type Weight = 'verdict' | 'exception' | 'aside' | 'guess' | 'summary';

/** An error found in a log: lines `start` to `end`; line `at` has its text. */
export interface Found {
  readonly weight: Weight;
  readonly start: number;
  readonly at: number;
  readonly end: number;
  readonly text: string;
  /** The line of the source: `train.py:12`. */
  readonly place?: string | undefined;
  /** The error that led to this one. */
  readonly cause?: string | undefined;
  /** Whether the error found before this one is its cause. */
  readonly isCaused?: boolean;
  /** The prefix of the lines of one process (`[rank1]: `), if several write to one log. */
  readonly prefix?: string | undefined;
}

/** The line that `run.sh` writes between the outputs of two attempts. */
const betweenAttempts = /^--- attempt \d+, \S+ on \S+ ---$/;

/**
 * What `run.sh` writes for a job that it does not let start the run: such words are of no attempt. A disk on
 * which nothing can be written is the reason itself.
 */
const aboutNoAttempt = /^mlx: (?!can't write ).*\bnot started\b/;

/** Characters of a line that are used; the rest is ignored. */
const mostLineLength = 2000;

/** The lines of the last attempt in a log, as a terminal shows them, without colours. */
export function linesOfLastAttempt(text: string): string[] {
  const lines = stripVTControlCharacters(text)
    .split('\n')
    .map((line) => withoutBar(lastWritten(line).slice(0, mostLineLength)));
  return ofLastAttempt(lines);
}

/** Those of the lines of a log that are its last attempt's, without what is said of no attempt. */
export function ofLastAttempt(lines: readonly string[]): string[] {
  const own = lines.slice(lines.findLastIndex((line) => betweenAttempts.test(line)) + 1);
  return own.filter((line) => !aboutNoAttempt.test(line));
}

/** A line without an unfinished progress bar (tqdm's) at its beginning. */
const withoutBar = (line: string): string =>
  line.replace(/^.*\d\/(?:\d+|\?) \[[^[\]]{0,80}(?:s\/it|it\/s|B\/s)[^[\]]{0,80}\](?=\S)/, '');

/** Lines that a wrapper writes after the program has failed. */
const summaries: readonly RegExp[] = [
  // Slurm 23.11, captured.
  /^(?:\S+: )?srun: error: \S+: tasks? [\d,[\]-]+: /,
  /^(?:\S+: )?srun: (?:Force )?[Tt]erminat(?:ed|ing)\b/,
  /^(?:\S+: )?srun: (?:error: )?(?:First task exited|see the --wait option|Job step aborted)/,
  /^(?:\S+: )?slurmstepd[\w.-]*: error: \*\*\* (?:STEP|JOB) .* CANCELLED AT /,
  // make(1), npm, conda, uv, time(1), GNU parallel.
  /^make(?:\[\d+\])?: \*\*\* /,
  /^npm (?:ERR!|error)/,
  /^ERROR conda\.cli\.main_run/,
  /^Command exited with non-zero status \d+$/,
  /^Command terminated by signal \d+$/,
  // Open MPI 4.1, captured; MPICH's mpiexec(1).
  /^MPI_ABORT was invoked on rank /,
  /^with errorcode -?\d+\.$/,
  /^mpi(?:run|exec) (?:detected|noticed) that /,
  /^Primary job {1,2}terminated normally, but /,
  /^application called MPI_Abort\(/,
  /^=+ +BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES/,
  // torchrun, captured.
  /^(?:ERROR|WARNING|INFO):torch\.distributed\.elastic\b|torch[./]distributed[./]elastic[./]\S*:? ?\[?(?:ERROR|WARNING|INFO)/,
  /^[EWI]\d{4} .*torch\/distributed\/elastic\//,
  /^(?:.*: line \d+: +\d+ )?(?:Aborted|Terminated)\b/,
];

/** Lines that never say why: frames, progress, warnings, rules, what is logged below an error. */
const noise: readonly RegExp[] = [
  /^\s*at .*(?:\)|:\d+)(?: \{)?$/,
  /^\s*File ".*", line \d+/,
  /^[\s~^]*$/,
  /^Node\.js v\d/,
  /^\(Use `node /,
  /^\s*[)\]}>"',;]+$/,
  /^[-=*_#+~.\s]{3,}$/,
  // Progress bars: tqdm, rich, keras, wget.
  /\d%\||\d(?:it|s|B|batch(?:es)?)\/(?:s|it)\b|^\s*\d{1,3}(?:\.\d+)?%|\[[=>#. -]{5,}\]|[━█▏▎▍▌▋▊▉]{2,}|\d+\/\d+ \[/,
  /(?:^|[\s:.[(])\w*(?:Warning|WARN|WARNING)\b/,
  /(?:^|[\s:[|])(?:INFO|DEBUG|TRACE)\b/,
  /^\s*(?:Warning|In addition: Warning) message/,
  /^(?:wandb|comet_ml|neptune|mlflow)\b/,
  /^\(node:\d+\)/,
  /^(?:Execution halted|Calls: |Backtrace:|Stacktrace:|Traceback \(most recent call last\):)/,
  /^Set the environment variable HYDRA_FULL_ERROR=1/,
  /^(?:Try|Usage:|usage:|Run) .*(?:--help|-h\b|\[)/,
  /^(?:real|user|sys)\s+\d+m[\d.]+s$/,
  /^NOTE: invoking MPI_ABORT causes|^You may or may not see output from other processes|^exactly when Open MPI kills them/,
];

/** Whether a line is a wrapper's message about a program. */
export const isSummary = (line: string): boolean => summaries.some((pattern) => pattern.test(line));

/** Whether a line can't be why a program failed. */
export const isNoise = (line: string): boolean => noise.some((pattern) => pattern.test(line));

/**
 * The lines, with those of Open MPI's banners undefined except for their first. A banner is between two rules
 * of dashes (captured); the program's own lines can be between two banners.
 */
export function withoutBanners(lines: readonly string[]): (string | undefined)[] {
  const kept: (string | undefined)[] = [...lines];
  const isRule = (line = '') => /^-{60,}$/.test(line);
  const rules = lines.flatMap((line, k) => (isRule(line) ? k : []));
  for (let r = 0; r + 1 < rules.length; r++) {
    const [start = 0, end = 0] = rules.slice(r, r + 2);
    if (!lines.slice(start + 1, end).some(isSummary)) continue;
    for (let k = start; k <= end; k++) if (k !== start + 1) kept[k] = undefined;
    r++;
  }
  return kept;
}

/** The index of the first non-blank line from `from` on; undefined if the next three are blank. */
export function nextFilled(lines: readonly string[], from: number): number | undefined {
  const found = lines.slice(from, from + 3).findIndex((line) => line.trim() !== '');
  return found < 0 ? undefined : from + found;
}

/** The first line of a message, joined with the next one if it is empty or ends with a colon. */
export function joinedMessage(first: string, next = ''): string {
  const head = first.trimEnd();
  const announces = head === '' || head.endsWith(':');
  return announces && /[\p{L}\p{N}]/u.test(next) ? `${head} ${next.trim()}`.trim() : head;
}

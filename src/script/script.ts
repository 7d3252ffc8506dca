import { quoteCommand, quoteWord } from '../core/quote.js';

/** What a run's `script.sh` does. Paths are absolute. */
export interface ScriptSpec {
  /** `#!` line's shell: the setting `scheduler.shell_path`. */
  readonly shell: string;
  /** What an engine reads at the head of the script, one line each. */
  readonly directives: readonly string[];
  readonly runDirectory: string;
  /** The supervisor `run.sh` in the store. */
  readonly supervisor: string;
  /** What the supervisor is told beside what the engine hands to the script, see `run.sh`. */
  readonly supervisorWords: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** Lines of shell from the user's settings, before `cd`. */
  readonly setup: readonly string[];
  readonly workDirectory: string;
  /** Lines of shell: what the run does. */
  readonly body: string;
}

/**
 * The text of a run's `script.sh`: runnable by an engine or by hand. The guard line hands a start to the supervisor, which
 * runs this script again as its child; the body then sets the environment of the launch, does what the settings ask for, enters
 * the working directory and starts the program.
 */
export function renderScript(spec: ScriptSpec): string {
  const run = quoteWord(spec.runDirectory);
  const mark = run === spec.runDirectory ? `"$PPID ${run}"` : `"$PPID "${run}`;
  const words = [quoteCommand(['bash', spec.supervisor, spec.runDirectory, ...spec.supervisorWords]), '"$@"'];
  const lines = [
    `#!${spec.shell}`,
    ...spec.directives,
    '',
    `[ "$MLX_SUPERVISOR" = ${mark} ] || exec ${words.join(' ')}`,
    '',
    ...workLines(spec),
  ];
  return lines.join('\n');
}

/** Lines that start a program, with this file as its standard input, and do what is to be done after it. */
export function commandLines(argv: readonly string[], cleanup: readonly string[], stdin?: string): string {
  const command = quoteCommand(argv) + (stdin === undefined ? '' : ` < ${quoteWord(stdin)}`);
  // The program takes the shell's place: signals reach it and nothing else, and its end is the end.
  if (cleanup.length === 0) return `exec ${command}\n`;
  // With something to do afterwards the shell has to outlive the signals that end the program.
  const lines = ['trap : HUP INT TERM USR1 USR2', command, 'mlx_status=$?', ...cleanup, 'exit "$mlx_status"', ''];
  return lines.join('\n');
}

/** Lines that do the steps of a run one after the other, each put on record by the functions in the file `steps`, and what is to be done after. */
export function stepLines(
  commands: readonly { readonly name: string; readonly argv: readonly string[] }[],
  steps: string,
  cleanup: readonly string[],
): string {
  const lines = [
    `. ${quoteWord(steps)}`,
    ...commands.map(({ name, argv }) => `mlx_step ${quoteWord(name)} ${quoteCommand(argv)}`),
  ];
  if (cleanup.length === 0) return `${lines.join('\n')}\n`;
  const inside = lines.map((line) => `  ${line}`);
  return [
    'trap : HUP INT TERM USR1 USR2',
    '(',
    ...inside,
    ')',
    'mlx_status=$?',
    ...cleanup,
    'exit "$mlx_status"',
    '',
  ].join('\n');
}

/** What a job's script does that runs several runs: the tasks of an array, or a pack one after the other. */
export interface TaskScriptSpec extends Pick<ScriptSpec, 'shell' | 'directives' | 'supervisor' | 'supervisorWords'> {
  /** The file that tells which runs a task has. */
  readonly map: string;
  /** The task's index and the job's id as the shell finds them in the engine's variables; not quoted. */
  readonly index: string;
  readonly jobId: string;
  /** What every task does, where that is the same for all; undefined where each of its runs has a `script.sh` of its own. */
  readonly tasks?:
    | (Pick<ScriptSpec, 'environment' | 'setup' | 'workDirectory' | 'body'> & { readonly script: string })
    | undefined;
}

/** The text of such a script: the supervisor starts the `script.sh` of each of its runs, or this script again, for all that follows. */
export function renderTaskScript(spec: TaskScriptSpec): string {
  const { tasks } = spec;
  const command = quoteCommand(['bash', spec.supervisor, '--task', spec.map]);
  const own = tasks ? [quoteWord(`--script=${tasks.script}`)] : [];
  const words = [command, spec.index, spec.jobId, '--logs', ...own, ...spec.supervisorWords.map(quoteWord), '"$@"'];
  const start = `exec ${words.join(' ')}`;
  const head = [`#!${spec.shell}`, ...spec.directives, ''];
  if (!tasks) return [...head, start, ''].join('\n');
  return [...head, `[ "\${MLX_SUPERVISOR%% *}" = "$PPID" ] || ${start}`, '', ...workLines(tasks)].join('\n');
}

function workLines(spec: Pick<ScriptSpec, 'environment' | 'setup' | 'workDirectory' | 'body'>): string[] {
  return [
    ...spec.environment.map(([name, value]) => `export ${name}=${quoteWord(value)}`),
    ...spec.setup,
    `cd ${quoteWord(spec.workDirectory)} || exit`,
    spec.body,
  ];
}

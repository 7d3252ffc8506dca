import { quoteCommand, quoteWord } from '../core/quote.js';

/** The parts of a run's `script.sh`. Paths are absolute. */
export interface ScriptSpec {
  /** The shell of the `#!` line: the setting `scheduler.shell_path`. */
  readonly shell: string;
  /** The engine's directives, one line each. */
  readonly directives: readonly string[];
  readonly runDirectory: string;
  /** The supervisor `run.sh` in the store. */
  readonly supervisor: string;
  /** Arguments of the supervisor, before those that the engine passes to the script. See `run.sh`. */
  readonly supervisorWords: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** Lines of shell from the user's settings, before `cd`. */
  readonly setup: readonly string[];
  readonly workDirectory: string;
  /** Lines of shell that do the run's work. */
  readonly body: string;
}

/**
 * Returns the text of a run's `script.sh`, which an engine or a person can run. Its guard line hands the
 * start to the supervisor, which runs the script again as its child. The rest then sets the environment of
 * the launch, runs the set-up lines, enters the working directory and runs the body.
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

/** Returns the lines that run a program, with `stdin` as its standard input, and then the clean-up lines. */
export function commandLines(argv: readonly string[], cleanup: readonly string[], stdin?: string): string {
  const command = quoteCommand(argv) + (stdin === undefined ? '' : ` < ${quoteWord(stdin)}`);
  // The program replaces the shell: signals reach it directly, and its exit code is the script's.
  if (cleanup.length === 0) return `exec ${command}\n`;
  // The shell must outlive the signals that end the program, to run the clean-up lines.
  const lines = ['trap : HUP INT TERM USR1 USR2', command, 'mlx_status=$?', ...cleanup, 'exit "$mlx_status"', ''];
  return lines.join('\n');
}

/**
 * Returns the lines that run the steps of a run in order, and then the clean-up lines. The shell functions in
 * the file `steps` record each step.
 */
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

/** The parts of a job's script that runs several runs: the tasks of an array, or a pack in order. */
interface TaskScriptSpec extends Pick<ScriptSpec, 'shell' | 'directives' | 'supervisor' | 'supervisorWords'> {
  /** The file that lists the runs of each task. */
  readonly map: string;
  /** Shell text for the task's index and for the job's id: the engine's variables, not quoted. */
  readonly index: string;
  readonly jobId: string;
  /**
   * The engine's variable for the index, and the distance of the indexes. By hand, the supervisor goes
   * through them all. Undefined if the job is no array.
   */
  readonly element?: { readonly variable: string; readonly step: number } | undefined;
  /** The work of every task, if it is the same for all; undefined if each run has its own `script.sh`. */
  readonly tasks?:
    | (Pick<ScriptSpec, 'environment' | 'setup' | 'workDirectory' | 'body'> & { readonly script: string })
    | undefined;
}

/**
 * Returns the text of such a script. The supervisor runs each run's `script.sh`, or the end of this script
 * again.
 */
export function renderTaskScript(spec: TaskScriptSpec): string {
  const { tasks } = spec;
  const command = quoteCommand(['bash', spec.supervisor, '--task', spec.map]);
  const own = tasks ? [quoteWord(`--script=${tasks.script}`)] : [];
  const supervisor = spec.supervisorWords.map(quoteWord);
  const words = [command, spec.index, spec.jobId, '--logs', ...startWords(spec), ...own, ...supervisor, '"$@"'];
  const start = `exec ${words.join(' ')}`;
  const head = [`#!${spec.shell}`, ...spec.directives, ''];
  if (!tasks) return [...head, start, ''].join('\n');
  return [...head, `[ "\${MLX_SUPERVISOR%% *}" = "$PPID" ] || ${start}`, '', ...workLines(tasks)].join('\n');
}

/** Returns the words by which the supervisor tells a start by the engine from one by hand. */
function startWords({ index, jobId, element }: TaskScriptSpec): string[] {
  const needed = [...`${index} ${jobId}`.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name);
  return [
    ...(needed.length === 0 ? [] : [`--needs=${[...new Set(needed)].join(',')}`]),
    ...(element ? [`--element=${element.variable}:${element.step}`] : []),
  ];
}

function workLines(spec: Pick<ScriptSpec, 'environment' | 'setup' | 'workDirectory' | 'body'>): string[] {
  return [
    ...spec.environment.map(([name, value]) => `export ${name}=${quoteWord(value)}`),
    ...spec.setup,
    `cd ${quoteWord(spec.workDirectory)} || exit`,
    spec.body,
  ];
}

import { quoteCommand, quoteWord } from './quote.js';

/** What a run's `script.sh` does. Paths are absolute. */
export interface ScriptSpec {
  /** `#!` line's shell: the setting `scheduler.shell_path`. */
  readonly shell: string;
  readonly runDirectory: string;
  /** The supervisor `run.sh` in the store. */
  readonly supervisor: string;
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly workDirectory: string;
  readonly argv: readonly string[];
}

/**
 * The text of a run's `script.sh`: runnable by an engine or by hand. The guard line hands a start to the supervisor, which
 * runs this script again as its child; the body then sets the environment of the launch, enters the working directory
 * and starts the program.
 */
export function renderScript(spec: ScriptSpec): string {
  const run = quoteWord(spec.runDirectory);
  const mark = run === spec.runDirectory ? `"$PPID ${run}"` : `"$PPID "${run}`;
  const lines = [
    `#!${spec.shell}`,
    '',
    `[ "$MLX_SUPERVISOR" = ${mark} ] || exec bash ${quoteWord(spec.supervisor)} ${run}`,
    '',
    ...spec.environment.map(([name, value]) => `export ${name}=${quoteWord(value)}`),
    `cd ${quoteWord(spec.workDirectory)} || exit`,
    // The program takes the shell's place: signals reach it and nothing else, and its end is the end.
    `exec ${quoteCommand(spec.argv)}`,
    '',
  ];
  return lines.join('\n');
}

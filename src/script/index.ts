/**
 * Batch scripts: the text of a run's `script.sh`, and the supervisor that each script starts. Which
 * directives a script has, and who starts it, is decided by `engines`.
 *
 * The supervisor is `run.sh`: one bash file that is copied into the store (`dist/runtime/run.sh`) and works
 * as long as the store does. It claims an attempt, runs the script as its child, and records how it ended.
 * The build assembles it from `supervisor/*.sh`, in the order of `scripts/supervisor.mjs`: what it is asked
 * (`words`), what it reads and writes (`processes`, `records`), may it start (`claim`, `dependencies`,
 * `restarts`), how it runs (`signals`, `timers`, `limits`, `body`), how it ended (`ending`), and the three
 * ways to use it (`attempt`, `task`, `serve`). `steps.sh` is sourced by scripts that have named steps.
 */

export { commandText, renderBody } from './batch-script.js';
export { type ArrayElement, elementIndexes, type JobScript, renderJobBody, tasksPerElement } from './job-script.js';
export { commandLines, renderScript, renderTaskScript, type ScriptSpec, stepLines } from './script.js';
export { parseShell, type ShellCommand, type ShellScript, type ShellWord } from './shell.js';

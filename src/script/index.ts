/**
 * Batch scripts: the text of a run's `script.sh`, and `run.sh`, the supervisor that every script hands itself to. Which
 * directives a script holds, and who starts it, is `engines`'.
 */

export { type BodySpec, commandText, renderBody } from './batch-script.js';
export {
  type ArrayElement,
  elementIndexes,
  type JobScript,
  renderJobBody,
  tasksPerElement,
  type WorkerArray,
} from './job-script.js';
export {
  commandLines,
  renderScript,
  renderTaskScript,
  type ScriptSpec,
  stepLines,
  type TaskScriptSpec,
} from './script.js';
export { parseShell, type ShellCommand, type ShellScript, type ShellWord, type Surrounding } from './shell.js';

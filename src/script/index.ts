/**
 * Shell scripts: reading a user's script, and writing a run's `script.sh`. Every script hands itself to the
 * supervisor `run.sh`. The folder `engines` decides which directives a script has, and `launch` who starts
 * it.
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

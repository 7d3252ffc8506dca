/**
 * Batch scripts: quoting for the shell, the text of a run's `script.sh`, and `run.sh`, the supervisor that every script
 * hands itself to. Which directives a script holds, and who starts it, is `scheduler`'s.
 */
export { quoteCommand, quoteWord } from './quote.js';
export { renderScript, renderTaskScript, type ScriptSpec, type TaskScriptSpec } from './script.js';

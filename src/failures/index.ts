/**
 * Failures: everything that a user can get wrong, and everything around mlx that can go wrong, as data. One
 * closed union, carried by one error class. Each area has a file with its reasons and, beside them, the words
 * for them; `renderFailure` puts the words together. No other folder below `cli` makes sentences.
 */

export { excludingOption, submissionText } from './engines.js';
export { attempt, type Failure, fail, MlxError, type ProblemOf, unreachable } from './failure.js';
export { systemError } from './message.js';
export { problemText, renderFailure } from './render.js';
export { type RecordProblem, recordProblemText } from './store.js';

/**
 * Asks engines about runs, and keeps their answers: final ones with the run, the last ones of open jobs in
 * `.mlx/answers.json`. How an engine is asked is `engines`'; how an answer changes a run's status is
 * `store`'s.
 */

export { EngineAsker, runsNow } from './engine-asker.js';

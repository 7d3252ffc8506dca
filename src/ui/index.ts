/**
 * The page of a store in a browser: its server, who may use it, and its answers as JSON (`wire.ts`). The page
 * itself is in `page/`, which is bundled for browsers. The data come from `results`, `plots` and `runs`.
 */

export { startUi } from './server.js';

/** The part of `results` that pages in browsers use too: it imports nothing of Node. */

export { isStep } from './metrics/steps.js';

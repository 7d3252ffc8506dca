/** The part of `results` that also runs in browsers: nothing of Node is imported. */

export { isStep } from './metrics/steps.js';

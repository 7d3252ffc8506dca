/** The part of `plots` that also runs in browsers: nothing of Node is imported. */

export { drawFarMarks, drawLeaving, type PageRange, pageYRange } from './axis/page-axis.js';
export { decades, numberText, roundValues } from './axis/scale.js';
export { type LongName, shortNames, wholeName } from './names/short-names.js';

/** The part of `plots` that pages in browsers use too: it imports nothing of Node. */

export { drawFarMarks, drawLeaving, type PagePlot, type PageRange, pageYRange } from './page-plot.js';
export { decades, numberText, rangeOf, roundValues, type Scale, scaleOf } from './scale.js';
export { type LongName, shortNames, wholeName } from './short-names.js';

/**
 * Pictures of results: curves, heat maps and parallel coordinates as data, and as SVG, HTML and PNG. What is drawn is
 * read by `results`.
 */

export { type ClippedCurve, clipped } from './clip.js';
export { curveNames } from './curve-names.js';
export { type Band, type Curve, type CurvePoint, readCurves, thinned } from './curves.js';
export { type HeatCell, type HeatMap, heatMapOf, heatOf, heatRange } from './heat-map.js';
export { htmlPlot } from './html/curves.js';
export { htmlPicture } from './html/picture.js';
export { drawFarMarks, drawLeaving, type PagePlot, type PageRange, pageYRange } from './page-plot.js';
export { type PlotRange, pageRange, plotRange, roundedOut } from './plot-range.js';
export { decades, numberText, rangeOf, roundValues, type Scale, scaleOf } from './scale.js';
export { type LongName, shortNames, wholeName } from './short-names.js';
export { colours, type PlotPicture, svgPlot } from './svg/curves.js';
export { svgHeatMap } from './svg/heat-map.js';
export { svgParallel } from './svg/parallel.js';
export { type RangeRequest, type ViewRange, viewRange } from './view-range.js';

/** Curves and scales for plots, wherever they are drawn. */
export { type ClippedCurve, clipped } from './clip.js';
export { curveNames } from './curve-names.js';
export { type Band, type Curve, type CurvePoint, readCurves, thinned } from './curves.js';
export { type HeatCell, type HeatMap, heatMapOf, heatOf, heatRange } from './heat-map.js';
export { htmlPicture } from './html-picture.js';
export { htmlPlot } from './html-plot.js';
export { drawLeaving, type PagePlot, type PageRange, pageYRange } from './page-plot.js';
export { type PlotRange, pageRange, plotRange, roundedOut } from './plot-range.js';
export { numberText, rangeOf, type Scale, scaleOf } from './scale.js';
export { svgHeatMap } from './svg-heat-map.js';
export { svgParallel } from './svg-parallel.js';
export { colours, type PlotPicture, svgPlot } from './svg-plot.js';
export { type RangeRequest, type ViewRange, viewRange } from './view-range.js';

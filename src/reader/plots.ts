/** Curves and scales for plots, wherever they are drawn. */
export { type Band, type Curve, type CurvePoint, readCurves, thinned } from './curves.js';
export { htmlPlot } from './html-plot.js';
export { numberText, rangeOf, type Scale, scaleOf } from './scale.js';
export { type PlotPicture, svgPlot } from './svg-plot.js';

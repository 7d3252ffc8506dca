/**
 * Plots of results: curves, heat maps and parallel coordinates, first as data, then as SVG, HTML and PNG. The
 * results themselves are read by `results`; plots for the terminal are drawn by `cli`.
 */

// What is plotted.

export { type Curve, type CurvePoint, readCurves, thinned } from './curves.js';
export { type HeatMap, heatMapOf, heatOf, heatRange } from './heat-map.js';
export { curveNames } from './names/curve-names.js';
export { type LongName, shortNames, wholeName } from './names/short-names.js';

// Axes.

export { clipped } from './axis/clip.js';
export { type PlotRange, pageRange, plotRange, roundedOut } from './axis/plot-range.js';
export { decades, rangeOf, scaleOf } from './axis/scale.js';
export { type ViewRange, viewRange } from './axis/view-range.js';

// Files.

export { htmlPlot } from './html/curves.js';
export { htmlPicture } from './html/picture.js';
export { pngOf } from './png.js';
export { colours, type PlotPicture, svgPlot } from './svg/curves.js';
export { svgHeatMap } from './svg/heat-map.js';
export { svgParallel } from './svg/parallel.js';

/**
 * Overrides and sweeps: `key=value` words in Hydra's grammar (GRAMMAR.md),
 * files of sweeps and points, and the lazy cross-product of points. `config`
 * applies overrides to a config; `launch` passes a point to a program.
 */

// Overrides, parsed and printed.

export {
  canonicalToken,
  type Element,
  elementValue,
  isSweep,
  keyElement,
  type Override,
  type OverrideValue,
  type PlainOverride,
  plainOverride,
  quoted,
  requireElement,
  sourceToken,
  unquotedText,
  valueText,
} from './override.js';
export { parseOverride } from './parse-override.js';

// Sweeps of overrides.

export { expandGlobs } from './glob.js';
export { readPointsFile } from './points-file.js';
export { readSweepFile, type SweepFile } from './sweep-file.js';

// The points of a sweep.

export { type Selection, selectPoints } from './select.js';
export {
  exactSize,
  type Point,
  pointAt,
  points,
  type Sweep,
  type SweepRequest,
  sweepOf,
  sweptOverrides,
  tokens,
} from './sweep.js';

// The cursor, which the grammar of interpolations shares.

export { take } from './cursor.js';

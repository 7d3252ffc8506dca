/**
 * Overrides and sweeps: parsing `key=value` words in Hydra's grammar (GRAMMAR.md), files of sweeps and points, and the
 * lazy cross-product. What a value means for a config is `config`'s; how a point reaches a program is `launch`'s.
 */

export { take } from './cursor.js';
export { expandGlobs } from './glob.js';
export {
  canonicalToken,
  type Element,
  elementValue,
  isSweep,
  keyElement,
  type Override,
  type OverrideKind,
  type OverrideValue,
  type PlainOverride,
  plainOverride,
  quoted,
  requireElement,
  sourceText,
  sourceToken,
  unquotedText,
  valueText,
} from './override.js';
export { type ParseOptions, parseOverride } from './parse-override.js';
export { readPointsFile } from './points-file.js';
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
export { readSweepFile, type SweepFile } from './sweep-file.js';

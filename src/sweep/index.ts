/**
 * Overrides and sweeps: parsing `key=value` words in Hydra's grammar with places (GRAMMAR.md), the typed values, and the lazy
 * cross-product. What a value means for a config is `config`'s; how a point reaches a program is `launcher`'s.
 */

export { expandGlobs } from './glob.js';
export { expressionValue, leafNames, valueAt } from './names.js';
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
export {
  floatRepr,
  isList,
  isMapping,
  readFloat,
  readScalar,
  type Scalar,
  sameValue,
  scalarText,
  type Value,
} from './values.js';

/**
 * Overrides and sweeps: parsing `key=value` words in Hydra's grammar with places, the typed values, and the lazy
 * cross-product. What a value means for a config is `config`'s; how a point reaches a program is `launcher`'s.
 */

export {
  canonicalToken,
  type Element,
  elementValue,
  keyElement,
  type Override,
  type OverrideKind,
  type PlainOverride,
  sourceText,
  sourceToken,
  unquotedText,
} from './override.js';
export { parseOverride } from './parse-override.js';
export { type Point, pointAt, points, type Sweep, sweepOf, sweptOverrides } from './sweep.js';
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

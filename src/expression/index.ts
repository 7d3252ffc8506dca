/** The one small expression language: MLXP's queries with arithmetic. Where names get their values is the caller's. */
export {
  type Comparison,
  comparisonsIn,
  type ExpressionValue,
  evaluate,
  holds,
  type Lookup,
  namesIn,
} from './evaluate.js';
export { type Expression, type Literal, parseExpression, writtenName } from './parse.js';
export { plainJson } from './plain-json.js';

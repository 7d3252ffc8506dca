/** The expression language: MLXP's queries with arithmetic. The caller supplies the values of names. */
export {
  comparisonsIn,
  type ExpressionValue,
  evaluate,
  holds,
  type Lookup,
  namesIn,
  plainJson,
} from './evaluate.js';
export { type Expression, parseExpression, writtenName } from './parse.js';

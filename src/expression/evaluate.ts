import { unreachable } from '../failures/index.js';
import type { BinaryOperator, Expression, Literal } from './parse.js';

/** The value of a name or an expression; undefined for a name that a row does not have. */
export type ExpressionValue = Literal | readonly ExpressionValue[] | undefined;

/** Returns the value of a name in a row. */
export type Lookup = (name: string) => ExpressionValue;

/** Returns whether an expression is true for a row. */
export function holds(expression: Expression, lookup: Lookup): boolean {
  return truthy(evaluate(expression, lookup));
}

/**
 * Returns the value of an expression. As in MLXP, a comparison (`!=` too) is false if the row lacks a value,
 * or if the types of the two have no order. `~` makes it true.
 */
export function evaluate(expression: Expression, lookup: Lookup): ExpressionValue {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'name':
      return lookup(expression.name);
    case 'list':
      return expression.items.map((item) => evaluate(item, lookup));
    case 'not':
      return !holds(expression.operand, lookup);
    case 'negative': {
      const value = evaluate(expression.operand, lookup);
      return typeof value === 'number' ? -value : undefined;
    }
    case 'and':
      return holds(expression.left, lookup) && holds(expression.right, lookup);
    case 'or':
      return holds(expression.left, lookup) || holds(expression.right, lookup);
    case 'in': {
      const left = evaluate(expression.left, lookup);
      const right = evaluate(expression.right, lookup);
      return left !== undefined && Array.isArray(right) && right.some((item) => equal(left, item));
    }
    case 'binary':
      return binary(expression.operator, evaluate(expression.left, lookup), evaluate(expression.right, lookup));
    default:
      return unreachable(expression);
  }
}

function truthy(value: ExpressionValue): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}

function binary(operator: BinaryOperator, left: ExpressionValue, right: ExpressionValue): ExpressionValue {
  if (left === undefined || right === undefined) return isComparison(operator) ? false : undefined;
  if (operator === '==') return equal(left, right);
  if (operator === '!=') return !equal(left, right);
  if (typeof left === 'string' && typeof right === 'string' && isComparison(operator))
    return ordered(operator, left, right);
  if (typeof left !== 'number' || typeof right !== 'number') return isComparison(operator) ? false : undefined;
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left - right * Math.floor(left / right);
    case '**':
      return left ** right;
    default:
      return ordered(operator, left, right);
  }
}

function isComparison(operator: BinaryOperator): boolean {
  return ['==', '!=', '<=', '>=', '<', '>'].includes(operator);
}

function ordered<T extends number | string>(operator: BinaryOperator, left: T, right: T): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}

function equal(left: ExpressionValue, right: ExpressionValue): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, i) => equal(item, right[i]));
  }
  return left === right;
}

/** Returns the names in an expression, with their spans. */
export function namesIn(expression: Expression): Extract<Expression, { kind: 'name' }>[] {
  switch (expression.kind) {
    case 'literal':
      return [];
    case 'name':
      return [expression];
    case 'list':
      return expression.items.flatMap(namesIn);
    case 'not':
    case 'negative':
      return namesIn(expression.operand);
    default:
      return [...namesIn(expression.left), ...namesIn(expression.right)];
  }
}

/** A comparison, or a test whether a list contains a value. */
interface Comparison {
  readonly operator: BinaryOperator | 'in';
  readonly left: Expression;
  readonly right: Expression;
}

/** Returns all comparisons and `in` tests of an expression. */
export function comparisonsIn(expression: Expression): Comparison[] {
  switch (expression.kind) {
    case 'literal':
    case 'name':
      return [];
    case 'list':
      return expression.items.flatMap(comparisonsIn);
    case 'not':
    case 'negative':
      return comparisonsIn(expression.operand);
    default: {
      const { left, right } = expression;
      const operator = expression.kind === 'binary' ? expression.operator : expression.kind;
      const isOne = operator === 'in' || (operator !== 'and' && operator !== 'or' && isComparison(operator));
      return [...(isOne ? [{ operator, left, right }] : []), ...comparisonsIn(left), ...comparisonsIn(right)];
    }
  }
}

/** Returns a value for JSON. NaN and infinities become texts, a missing value becomes null. */
export function plainJson(value: ExpressionValue): unknown {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(plainJson);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

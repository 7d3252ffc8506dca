import { unreachable } from '../failures/index.js';
import type { BinaryOperator, Expression, Literal } from './parse.js';

/** What a name or an expression comes to; undefined for a name that a row does not have. */
export type ExpressionValue = Literal | readonly ExpressionValue[] | undefined;

/** Where names get their values. */
export type Lookup = (name: string) => ExpressionValue;

/** Whether an expression holds for a row. */
export function holds(expression: Expression, lookup: Lookup): boolean {
  return truthy(evaluate(expression, lookup));
}

/**
 * The value of an expression. As in MLXP, a comparison with something that a row does not have, or of two types that have
 * no order, is false, `!=` included; `~` turns it into true.
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

/** The names that an expression mentions, with their places. */
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

/** All comparisons, and tests for being in a list, that an expression is made of. */
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

export interface Comparison {
  readonly operator: BinaryOperator | 'in';
  readonly left: Expression;
  readonly right: Expression;
}

import type { ExpressionValue } from './evaluate.js';

/** A value as JSON has it: NaN and infinities are texts, what is missing is null. */
export function plainJson(value: ExpressionValue): unknown {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(plainJson);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

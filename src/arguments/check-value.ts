import { parseDuration } from '../core/clock.js';
import { nearest } from '../core/suggest.js';
import { fail } from '../failures/index.js';
import type { OptionSpec, OptionValue } from './option.js';

/**
 * A number as people type it. One that begins with `-` is the value of the option before it, not an option.
 */
export const numeric = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/**
 * Returns an option's value in its type; `value` is what the parser found, if anything. Throws
 * `option-needs-value` or `bad-option-value`.
 */
export function checkedValue(option: OptionSpec, value: unknown): OptionValue {
  const name = `--${option.name}`;
  if (option.type === 'flag') return value === true;
  if (option.type === 'list') return Array.isArray(value) ? value.map(String) : [];
  if (value === undefined) return undefined;
  const text = String(value);
  if (text === '') return fail({ reason: 'option-needs-value', option: name, shape: option.shape ?? 'VALUE' });
  switch (option.type) {
    case 'count':
      if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
      return fail({
        reason: 'bad-option-value',
        option: name,
        value: text,
        expected: 'a whole number, 1 or more',
        near: undefined,
      });
    case 'index':
      if (/^\d{1,15}$/.test(text)) return Number(text);
      return fail({
        reason: 'bad-option-value',
        option: name,
        value: text,
        expected: 'a whole number, 0 or more',
        near: undefined,
      });
    case 'integer':
      if (/^-?\d{1,9}$/.test(text)) return Number(text);
      return fail({
        reason: 'bad-option-value',
        option: name,
        value: text,
        expected: 'a whole number',
        near: undefined,
      });
    case 'number':
      if (numeric.test(text) && Number.isFinite(Number(text))) return Number(text);
      return fail({
        reason: 'bad-option-value',
        option: name,
        value: text,
        expected: 'a number, such as 0.5 or 1e3',
        near: undefined,
      });
    case 'duration':
      return (
        parseDuration(text) ??
        fail({
          reason: 'bad-option-value',
          option: name,
          value: text,
          expected: 'a time: 90 (seconds), 90m, 2h30m, 1:30:00 or 1-12 (days-hours)',
          near: undefined,
        })
      );
    default:
      if (!option.choices || option.choices.includes(text)) return text;
      return fail({
        reason: 'bad-option-value',
        option: name,
        value: text,
        expected: option.choices.join(', '),
        near: nearest(text, option.choices),
      });
  }
}

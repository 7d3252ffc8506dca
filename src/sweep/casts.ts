import type { Span } from '../core/span.js';
import type { ProblemOf } from '../failures/index.js';
import {
  floatOfNumber,
  floatOfText,
  intOfNumber,
  intOfText,
  isNumeric,
  jsonText,
  type Numeric,
  type Scalar,
  scalarText,
} from '../values/index.js';
import { type Element, elementValue, isSweep, type OverrideValue } from './override.js';

/** Hydra's casts (grammar_functions.py); `json_str` comes from Hydra 1.4. */
type Cast = 'int' | 'float' | 'str' | 'bool' | 'json_str';

/** Refuses a value with the reason. */
export type Refuse = (problem: ProblemOf<'sweep-function'>, span: Span) => never;

/**
 * Casts a value: each part of lists, dicts and choices, and the ends of ranges and intervals. As in Hydra,
 * choices and ranges lose their tags and their shuffle. Calls `refuse` for a value without a cast.
 */
export function castValue(cast: Cast, value: OverrideValue, refuse: Refuse): OverrideValue {
  const each = (part: OverrideValue) => castValue(cast, part, refuse);
  switch (value.kind) {
    case 'plain':
    case 'quoted':
      return { kind: 'plain', value: castScalar(cast, value.value, value.span, refuse), span: value.span, made: true };
    case 'list':
      if (cast === 'json_str') return json(value);
      return { ...value, items: value.items.map(each), made: true };
    case 'dict':
      if (cast === 'json_str') return json(value);
      return {
        ...value,
        entries: value.entries.map(({ key, value: item }) => ({ key, value: each(item) })),
        made: true,
      };
    case 'choice':
      return {
        ...value,
        items: value.items.map((item) => (isSweep(item) ? refuse({ kind: 'nested-choice' }, item.span) : each(item))),
        shuffle: false,
        tags: [],
      };
    case 'range':
      if (cast !== 'int' && cast !== 'float') return refuse({ kind: 'range-cast' }, value.span);
      return {
        ...value,
        start: castNumber(cast, value.start, value.span, refuse),
        stop: castNumber(cast, value.stop, value.span, refuse),
        step: castNumber(cast, value.step, value.span, refuse),
        shuffle: false,
        tags: [],
      };
    case 'interval':
      if (cast !== 'int' && cast !== 'float') return refuse({ kind: 'interval-cast' }, value.span);
      return {
        ...value,
        start: castNumber(cast, value.start, value.span, refuse),
        end: castNumber(cast, value.end, value.span, refuse),
      };
    case 'glob':
      return refuse({ kind: 'glob-cast' }, value.span);
  }
}

function json(element: Element): OverrideValue {
  return { kind: 'plain', value: jsonText(elementValue(element)), span: element.span, made: true };
}

function castNumber(cast: 'int' | 'float', value: Numeric, span: Span, refuse: Refuse): Numeric {
  const result = cast === 'int' ? intOfNumber(value) : floatOfNumber(value);
  return result ?? refuse({ kind: 'no-cast-of-number', cast, value: scalarText(value) }, span);
}

function castScalar(cast: Cast, value: Scalar, span: Span, refuse: Refuse): Scalar {
  if (value === null) return refuse({ kind: 'null-cast', cast }, span);
  const result = casts[cast](value);
  return result ?? refuse({ kind: 'no-cast-of-value', cast, value: scalarText(value) }, span);
}

const casts: Readonly<Record<Cast, (value: Numeric | string) => Scalar | undefined>> = {
  int: (value) => (isNumeric(value) ? intOfNumber(value) : intOfText(value)),
  float: (value) => (isNumeric(value) ? floatOfNumber(value) : floatOfText(value)),
  str: (value) => (typeof value === 'boolean' ? String(value) : scalarText(value)),
  bool: (value) => {
    if (typeof value !== 'string') return value !== 0n && value !== 0 && value !== false;
    const lower = value.toLowerCase();
    return lower === 'true' ? true : lower === 'false' ? false : undefined;
  },
  json_str: jsonText,
};

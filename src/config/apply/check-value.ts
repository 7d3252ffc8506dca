import { isList, isMapping, type Value } from '../../values/index.js';
import { isInterpolated } from '../interpolate/interpolation.js';

/** What is looked at in a value that is to be part of a config. */
export interface ValueChecks {
  /** A text with an interpolation. */
  readonly text?: (text: string, path: readonly string[]) => void;
  /** A mapping with null for a key, which OmegaConf does not take. */
  readonly nullKey: (path: readonly string[]) => never;
}

/** Goes through a value and all that is in it. */
export function checkValue(value: Value, checks: ValueChecks, path: readonly string[] = []): void {
  if (isInterpolated(value)) checks.text?.(value, path);
  else if (isList(value)) {
    for (const [index, item] of value.entries()) checkValue(item, checks, [...path, String(index)]);
  } else if (isMapping(value)) {
    for (const [key, item] of value) {
      if (key === null) checks.nullKey(path);
      checkValue(item, checks, [...path, String(key)]);
    }
  }
}

import { isList, isMapping, type Value } from '../../values/index.js';
import { isInterpolated } from '../interpolate/interpolation.js';

/** The checks of a value that becomes part of a config. */
export interface ValueChecks {
  /** Called for each text with an interpolation. */
  readonly text?: (text: string, path: readonly string[]) => void;
  /** Called for a mapping with the key null, which OmegaConf refuses. */
  readonly nullKey: (path: readonly string[]) => never;
}

/** Checks a value and everything in it. Throws what the checks throw. */
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

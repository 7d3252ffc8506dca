import { interpolationAt, isResolver } from '../config/index.js';
import { isList, isMapping, type Value } from '../values/index.js';

// Texts of shell with interpolations of the config: `${walltime}` is an interpolation if the config has this
// key, and `${HOME}`, `${x:-y}` and `${#list[@]}` are the shell's. A form that no shell variable has
// (`${a.b}`, `${oc.env:X}`) is always an interpolation, and an error if it has no value.

/**
 * Returns a config with the shell's `${…}` escaped in all texts. `has` returns whether the config has a key.
 */
export function withShellEscaped(value: Value, has: (key: string) => boolean): Value {
  if (isList(value)) return value.map((item) => withShellEscaped(item, has));
  if (isMapping(value)) return new Map([...value].map(([key, item]) => [key, withShellEscaped(item, has)]));
  return typeof value === 'string' ? escaped(value, has) : value;
}

function escaped(text: string, has: (key: string) => boolean): string {
  let result = '';
  let at = 0;
  for (const { index } of text.matchAll(/\$\{/g)) {
    if (index < at) continue;
    const slashes = /\\*$/.exec(text.slice(at, index))?.[0].length ?? 0;
    result += text.slice(at, index);
    at = index;
    // An odd number of backslashes escapes it already.
    if (slashes % 2 === 1) continue;
    const found = interpolationAt({ name: 'a template', text }, index);
    if (found && isOfConfig(found, has)) {
      result += text.slice(index, found.end);
      at = found.end;
    } else result += '\\'.repeat(slashes + 1);
  }
  return result + text.slice(at);
}

function isOfConfig(
  { kind, name }: Pick<NonNullable<ReturnType<typeof interpolationAt>>, 'kind' | 'name'>,
  has: (key: string) => boolean,
): boolean {
  if (name === undefined) return true;
  // A shell variable has no dot in its name. `${name%.log}` is a form of the shell.
  if (/\./.test(name) && /^[\w.-]+$/.test(name)) return true;
  return kind === 'node' ? has(name.replace(/[.[].*$/s, '')) : isResolver(name);
}

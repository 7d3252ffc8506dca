import { interpolationAt, isResolver } from '../config/index.js';
import { isList, isMapping, type Value } from '../values/index.js';

/**
 * Texts that are shell, with interpolations of the config in them: `${walltime}` is the config's where that has such a key, and
 * `${HOME}`, `${x:-y}` and `${#list[@]}` are the shell's. What can only be the config's, for no variable of a shell has such a
 * name (`${a.b}`, `${oc.env:X}`), stays an interpolation, and is an error where it stands for nothing.
 */

/** A config in whose texts all is escaped that is the shell's; `has` tells whether the config has a key. */
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
    // An odd one makes it plain text already.
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
  // No shell has a variable with a dot in its name; `${name%.log}` is something else.
  if (/\./.test(name) && /^[\w.-]+$/.test(name)) return true;
  return kind === 'node' ? has(name.replace(/[.[].*$/s, '')) : isResolver(name);
}

import escapeRegExp from 'lodash/escapeRegExp.js';
import { fail } from '../failures/index.js';
import { type GlobSweep, type Override, type OverrideValue, readableString } from './override.js';
import { parseOverride } from './parse-override.js';

/**
 * Returns the options that match a pattern of a `glob()`
 * and none of its exclusions, in the order of `options`.
 * Throws `sweep-function` when an option is compared with a value that is no pattern.
 */
export function matchingOptions(glob: GlobSweep, options: readonly string[]): string[] {
  const include = glob.include.map(matcher);
  const exclude = glob.exclude.map(matcher);
  return options.filter(
    (option) => include.some((matches) => matches(option)) && !exclude.some((matches) => matches(option)),
  );
}

function matcher(pattern: OverrideValue): (option: string) => boolean {
  if (pattern.kind !== 'plain' || typeof pattern.value !== 'string') {
    return () =>
      fail({
        reason: 'sweep-function',
        name: 'glob',
        usage: 'glob([A*,B*])',
        problem: { kind: pattern.kind === 'quoted' ? 'quoted-pattern' : 'pattern-not-word' },
        span: pattern.span,
      });
  }
  const expression = fnmatch(pattern.value);
  return (option) => expression.test(option);
}

/**
 * Returns the expression of a pattern of Python's `fnmatch`: `*`, `?`, `[abc]`, `[!abc]`. There are no
 * escapes, and a `[` without an end stands for itself.
 */
function fnmatch(pattern: string): RegExp {
  const pieces = /\[(!?\]?[^\]]*)\]|\*+|./gsu;
  const translated = pattern.replace(pieces, (piece, set: string | undefined) => {
    if (set !== undefined && set !== '' && set !== '!') return setText(set);
    if (piece.startsWith('*')) return '.*';
    return piece === '?' ? '.' : escapeRegExp(piece);
  });
  return new RegExp(`^(?:${translated})$`, 'su');
}

/**
 * Returns a set of characters. As in Python, ranges that go backwards are removed first, so that a `!` after
 * one of them negates the set.
 */
function setText(set: string): string {
  const [sign = '', rest = ''] = set.startsWith('!') ? ['!', set.slice(1)] : ['', set];
  const ranges = rest.replace(/(.)-(.)|./gsu, (single, low?: string, high?: string) => {
    if (low === undefined || high === undefined) return escapeInSet(single);
    return low <= high ? `${escapeInSet(low)}-${escapeInSet(high)}` : '';
  });
  const inside = sign + ranges;
  return inside.startsWith('!') ? `[^${inside.slice(1)}]` : `[${inside}]`;
}

const escapeInSet = (character: string) => character.replace(/[\\^\-[\]]/, '\\$&');

/**
 * Returns the overrides with each `glob()` replaced by a choice of the matching
 * options, so that the sweep stays the same when options are added later.
 * `optionsOf` returns the options of an override's group. Throws `sweep-function`.
 */
export function expandGlobs(
  overrides: readonly Override[],
  optionsOf: (override: Override) => readonly string[],
): Override[] {
  return overrides.map((override) => {
    const { value } = override;
    if (value?.kind !== 'glob') return override;
    const options = matchingOptions(value, optionsOf(override));
    if (options.length === 0) return { ...override, value: { ...noChoices, span: value.span } };
    const { text, name } = override.span.source;
    return parseOverride(`${text.slice(0, value.span.offset)}choice(${options.map(readableString).join(',')})`, {
      name,
    });
  });
}

const noChoices = { kind: 'choice', items: [], simple: false, shuffle: false, tags: [] } as const;

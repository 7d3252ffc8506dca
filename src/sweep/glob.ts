import escapeRegExp from 'lodash/escapeRegExp.js';
import { fail } from '../failures/index.js';
import { type GlobSweep, type Override, type OverrideValue, readableString } from './override.js';
import { parseOverride } from './parse-override.js';

/**
 * The options of a config group that a `glob()` means, in their order: those that match one of its patterns and none of those
 * to be left out. Throws `sweep-function` where a pattern that is none is come to.
 */
export function globbed(glob: GlobSweep, options: readonly string[]): string[] {
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

/** A pattern of Python's `fnmatch`: `*`, `?`, `[abc]`, `[!abc]`; nothing escapes, a `[` without an end is itself. */
function fnmatch(pattern: string): RegExp {
  const pieces = /\[(!?\]?[^\]]*)\]|\*+|./gsu;
  const translated = pattern.replace(pieces, (piece, set: string | undefined) => {
    if (set !== undefined && set !== '' && set !== '!') return setText(set);
    if (piece.startsWith('*')) return '.*';
    return piece === '?' ? '.' : escapeRegExp(piece);
  });
  return new RegExp(`^(?:${translated})$`, 'su');
}

/** A set. A range that goes backwards is taken out first, as in Python, so that a `!` behind it comes to negate the rest. */
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
 * The overrides with each `glob()` turned into the choice of the options that it means, so that what is swept stays the same when
 * options come and go. `optionsOf` gives the options of the group that an override is for.
 */
export function expandGlobs(
  overrides: readonly Override[],
  optionsOf: (override: Override) => readonly string[],
): Override[] {
  return overrides.map((override) => {
    const { value } = override;
    if (value?.kind !== 'glob') return override;
    const options = globbed(value, optionsOf(override));
    if (options.length === 0) return { ...override, value: { ...noChoices, span: value.span } };
    const { text, name } = override.span.source;
    return parseOverride(`${text.slice(0, value.span.offset)}choice(${options.map(readableString).join(',')})`, {
      name,
    });
  });
}

const noChoices = { kind: 'choice', items: [], simple: false, shuffle: false, tags: [] } as const;

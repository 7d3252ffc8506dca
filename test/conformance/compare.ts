import isEqual from 'lodash/isEqual.js';
import { attempt } from '../../src/failures/failure.js';
import { valuesOf } from '../../src/sweep/axis.js';
import {
  type Element,
  expandGlobs,
  keyElement,
  type Override,
  type OverrideValue,
  parseOverride,
  sweepOf,
  tokens,
} from '../../src/sweep/index.js';
import { canonicalText } from '../../src/sweep/override.js';
import { floatRepr, type Scalar } from '../../src/values/index.js';
import { type CliRow, cliAnswer, isHydrasOwn, wantedCli } from './compare-cli.js';
import { type ComposeRow, composeAnswer, wantedCompose } from './compare-config.js';
import type { Row } from './row.js';

/** What became of a row: as Hydra has it, different on purpose, or different. */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'divergence'; readonly name: string }
  | { readonly kind: 'failed'; readonly expected: unknown; readonly actual: unknown };

interface Divergence {
  readonly name: string;
  readonly reason: string;
  readonly covers: (row: Row) => boolean;
}

const inputText = ({ input }: Row) => JSON.stringify(input);

/** Where mlx differs from Hydra on purpose. */
export const divergences: readonly Divergence[] = [
  {
    name: 'json_str',
    reason: 'json_str() is of Hydra 1.4; the rows were answered by 1.3, which does not know it',
    covers: (row) => (row as Answer & Row).error !== undefined && /\bjson_str *\(/.test(inputText(row)),
  },
  {
    name: 'glob among choices',
    reason:
      '`a=glob(x),b` is refused as any sweep inside of another; Hydra makes a job of the fields of its own object',
    covers: (row) => /"\{include:\[/.test(JSON.stringify(row)),
  },
  {
    name: 'NaN keys',
    reason: 'Python keeps two NaN keys of a dict, since NaN differs from itself; mlx keeps one',
    covers: (row) => /\{[^}]*\bnan:[^}]*\bnan:/i.test(inputText(row)),
  },
  {
    name: 'null in a sweep file',
    reason: 'a null of hydra.sweeper.params becomes the text None in Hydra; in mlx it is null',
    covers: (row) => Object.values((row as SweepRow).params ?? {}).includes(null),
  },
  {
    name: 'interpolation of an override',
    reason:
      'an override that stands for nothing, or for a part of itself, is refused before any run; Hydra starts the job',
    covers: (row) => /=[^"]*\$\{/.test(inputText(row)) && failsLater(row as ComposeRow & CliRow),
  },
  {
    name: 'quoted choices',
    reason: "choice('1','2') keeps its texts; Hydra drops the quotes and passes ints",
    covers: (row) => /choice\([^)]*['"]/.test(inputText(row)),
  },
  {
    name: 'variable of another machine',
    reason: 'an override may name a variable of the environment that is set only where the run is',
    covers: (row) => /"[^"]*=\$\{oc\.env:[A-Z]+\}"/.test(JSON.stringify((row as ComposeRow).input.overrides ?? [])),
  },
  {
    name: "sweep of Hydra's own config",
    reason: 'mlx starts a program once per point, so that overrides of hydra.* may be swept',
    covers: (row) => (row as ComposeRow).mode === 'MULTIRUN' && /"hydra\.[^"]*,/.test(inputText(row)),
  },
  {
    name: 'version_base 1.1',
    reason: 'the keywords _name_ and _group_ of package headers ended with version_base 1.2',
    covers: (row) => (row as ComposeRow).version_base === '1.1' && /@package _(?:name|group)_/.test(inputText(row)),
  },
  {
    name: "Hydra's own flags",
    reason: "flags, help, plugins and output directories of Hydra's, and its part of the config, are not mlx's",
    covers: (row) => Array.isArray((row as CliRow).input.argv) && isHydrasOwn(row as CliRow),
  },
];

/** Whether a job was started that could not resolve its config. */
const failsLater = ({ expect: wanted }: ComposeRow & CliRow) =>
  wanted?.resolve_error !== undefined ||
  wanted?.error === 'interpolation' ||
  /Interpolation/.test(wanted?.stderr ?? '');

interface Answer {
  readonly error?: object;
}

interface OverrideRow extends Row, Answer {
  readonly input: string;
  readonly group_options?: readonly string[];
  readonly expect: {
    readonly type: string;
    readonly key_or_group: string;
    readonly package: string | null;
    readonly key_element: string;
    readonly value_kind: string | null;
    readonly value?: unknown;
    readonly value_str?: string;
    readonly value_str_error?: object;
    readonly sweep?: readonly string[];
    readonly sweep_truncated?: boolean;
    readonly sweep_error?: object;
    readonly order?: 'any';
  };
}

interface SweepRow extends Row, Answer {
  readonly input: readonly string[];
  readonly params?: Readonly<Record<string, unknown>>;
  readonly max_batch_size?: number;
  readonly group_options?: readonly string[];
  readonly expect: readonly (readonly string[])[];
  readonly batches: readonly number[];
}

const types = { change: 'CHANGE', add: 'ADD', set: 'FORCE_ADD', delete: 'DEL' } as const;

const valueKind = (value: OverrideValue | undefined) => {
  switch (value?.kind) {
    case undefined:
      return null;
    case 'choice':
      return value.simple ? 'SIMPLE_CHOICE_SWEEP' : 'CHOICE_SWEEP';
    case 'range':
      return 'RANGE_SWEEP';
    case 'interval':
      return 'INTERVAL_SWEEP';
    case 'glob':
      return 'GLOB_CHOICE_SWEEP';
    default:
      return 'ELEMENT';
  }
};

function typedScalar(value: Scalar): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return { int: String(value) };
  return typeof value === 'number' ? { float: floatRepr(value) } : { str: value };
}

function typed(value: OverrideValue): unknown {
  switch (value.kind) {
    case 'plain':
      return typedScalar(value.value);
    case 'quoted':
      return { quoted: value.value, quote: value.quote };
    case 'list':
      return { list: value.items.map(typed) };
    case 'dict':
      return { dict: value.entries.map(({ key, value: item }) => [typedScalar(key), typed(item)]) };
    case 'choice':
      return {
        choice: {
          list: value.items.map(typed),
          simple_form: value.simple,
          shuffle: value.shuffle,
          tags: [...value.tags].sort(),
        },
      };
    case 'range':
      return {
        range: {
          start: typedScalar(value.start),
          stop: typedScalar(value.stop),
          step: typedScalar(value.step),
          shuffle: value.shuffle,
          tags: [...value.tags].sort(),
        },
      };
    case 'interval':
      return {
        interval: { start: typedScalar(value.start), end: typedScalar(value.end), tags: [...value.tags].sort() },
      };
    case 'glob':
      return { glob: { include: value.include.map(typed), exclude: value.exclude.map(typed) } };
  }
}

function overrideAnswer({ input, group_options: options, expect: wanted }: OverrideRow): object | undefined {
  const parsed = attempt(() => parseOverride(input));
  if (!parsed) return undefined;
  const value = parsed.value && typed(parsed.value);
  const facts = {
    type: types[parsed.kind],
    key_or_group: parsed.key,
    package: parsed.package ?? null,
    key_element: keyElement(parsed),
    value_kind: valueKind(parsed.value),
    value: wanted?.order === 'any' ? sortedLists(value ?? null) : (value ?? null),
  };
  if (parsed.value === undefined || parsed.value.kind === 'interval') return facts;
  const texts = attempt(() => textsOf(parsed, options ?? []));
  // The one order that a shuffled list got is not told.
  if (facts.value_kind === 'ELEMENT' && wanted?.order === 'any') return facts;
  if (facts.value_kind === 'ELEMENT') return { ...facts, value_str: texts?.[0] ?? 'refused' };
  const shown = wanted?.sweep_truncated ? texts?.slice(0, 20) : texts;
  return { ...facts, sweep: shown ? inOrder(shown, wanted?.order) : 'refused' };
}

function wantedOverride({ expect: wanted }: OverrideRow): object {
  const { sweep_truncated: _, sweep_error, value_str_error, order, ...rest } = wanted;
  const value = order === 'any' ? sortedLists(wanted.value ?? null) : (wanted.value ?? null);
  return {
    ...rest,
    value,
    ...(value_str_error && { value_str: 'refused' }),
    ...(sweep_error && { sweep: 'refused' }),
    ...(wanted.sweep && { sweep: inOrder(wanted.sweep, order) }),
  };
}

/** Rows tell the elements of what is shuffled sorted. */
const inOrder = (texts: readonly string[], order: 'any' | undefined) => (order === 'any' ? [...texts].sort() : texts);

function sortedLists(value: unknown): unknown {
  const text = JSON.stringify(value, (key, item) =>
    key === 'list' && Array.isArray(item) ? item.map((one) => JSON.stringify(one)).sort() : item,
  );
  return JSON.parse(text);
}

function textsOf(override: Override, options: readonly string[]): string[] {
  const [expanded = override] = expandGlobs([override], () => options);
  const values = valuesOf(expanded, 0);
  if ('kind' in values) return [];
  return Array.from({ length: values.count }, (_, i) => canonicalText(values.at(i) as Element));
}

function sweepAnswer({ input, params = {}, group_options: options }: SweepRow): string[][] | undefined {
  const words = [...Object.entries(params).map(([key, value]) => `${key}=${paramText(value)}`), ...input];
  return attempt(() => {
    const overrides = expandGlobs(
      words.map((word) => parseOverride(word)),
      () => options ?? [],
    );
    const sweep = sweepOf({ overrides });
    if (sweep.drawn.length > 0) return undefined;
    // The basic sweeper writes `~key` as `~key=null`, which deletes `key` only because Hydra takes null for any value.
    const print = ({ override, element }: { override: Override; element: Element | undefined }) =>
      element ? `${keyElement(override)}=${canonicalText(element)}` : `${keyElement(override)}=null`;
    return [...tokens(sweep, print)];
  });
}

/** A value of `hydra.sweeper.params` as a sweep file has it. */
function paramText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Compares what mlx makes of a row with what Hydra answered; undefined for a kind of file that is not known. */
export function compareRow(file: string, row: Row): Outcome | undefined {
  const pair = pairOf(file, row);
  if (!pair) return undefined;
  if (isEqual(pair.actual, pair.expected)) return { kind: 'passed' };
  const divergence = divergences.find(({ covers }) => covers(row));
  return divergence ? { kind: 'divergence', name: divergence.name } : { kind: 'failed', ...pair };
}

function pairOf(file: string, row: Row): { readonly expected: unknown; readonly actual: unknown } | undefined {
  const refused = (row as Answer).error !== undefined;
  if (/^overrides/.test(file)) {
    const given = row as OverrideRow;
    return { expected: refused ? undefined : wantedOverride(given), actual: overrideAnswer(given) };
  }
  if (/^sweeps/.test(file)) {
    const given = row as SweepRow;
    return { expected: refused ? undefined : given.expect, actual: sweepAnswer(given) };
  }
  if (/^cli/.test(file)) {
    const given = row as CliRow;
    return { expected: wantedCli(given), actual: isHydrasOwn(given) ? undefined : cliAnswer(given) };
  }
  if (/^compose/.test(file)) {
    const given = row as ComposeRow;
    return { expected: wantedCompose(given), actual: composeAnswer(given) };
  }
  return undefined;
}

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MlxError } from '../../src/core/failure.js';
import {
  canonicalToken,
  type Element,
  floatRepr,
  keyElement,
  parseOverride,
  points,
  type Scalar,
  sweepOf,
} from '../../src/sweep/index.js';
import { canonicalText } from '../../src/sweep/override.js';

/** Rows where mlx differs from Hydra on purpose, each with its reason. */
const divergences: Readonly<Record<string, string>> = {
  'c={nan:1,nan:2}': 'Python keeps two NaN keys, since NaN differs from itself; mlx keeps one',
};

interface Row {
  readonly id: string;
  readonly input: string;
  readonly error?: object;
  readonly expect: {
    readonly type: string;
    readonly key_or_group: string;
    readonly package: string | null;
    readonly key_element: string;
    readonly value: unknown;
    readonly value_str?: string;
    readonly sweep?: readonly string[];
  };
}

function rows<T>(name: string): T[] {
  const text = readFileSync(new URL(`../conformance/${name}`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const types = { change: 'CHANGE', add: 'ADD', set: 'FORCE_ADD', delete: 'DEL' } as const;

function typedScalar(value: Scalar): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return { int: String(value) };
  return typeof value === 'number' ? { float: floatRepr(value) } : { str: value };
}

function typed(element: Element): unknown {
  switch (element.kind) {
    case 'plain':
      return typedScalar(element.value);
    case 'quoted':
      return { quoted: element.value, quote: element.quote };
    case 'list':
      return { list: element.items.map(typed) };
    case 'dict':
      return { dict: element.entries.map(({ key, value }) => [typedScalar(key), typed(value)]) };
  }
}

function parsed(input: string): object {
  try {
    const { kind, key, package: pkg, choices, ...rest } = parseOverride(input);
    const [first] = choices;
    const many = choices.length > 1;
    return {
      type: types[kind],
      key_or_group: key,
      package: pkg ?? null,
      key_element: keyElement({ kind, key, package: pkg, choices, ...rest }),
      value: many
        ? { choice: { list: choices.map(typed), simple_form: true, shuffle: false, tags: [] } }
        : first
          ? typed(first)
          : null,
      text: choices.map(canonicalText),
    };
  } catch (error) {
    if (error instanceof MlxError) return { failure: error.failure.reason };
    throw error;
  }
}

describe('overrides as Hydra reads them', () => {
  const all = rows<Row>('overrides.jsonl');
  test.for(all)('$id $input', (row) => {
    const answer = row.error
      ? { failure: 'override-syntax' }
      : {
          type: row.expect.type,
          key_or_group: row.expect.key_or_group,
          package: row.expect.package,
          key_element: row.expect.key_element,
          value: row.expect.value ?? null,
          text: row.expect.sweep ?? (row.expect.value_str === undefined ? [] : [row.expect.value_str]),
        };
    if (row.input in divergences) expect(parsed(row.input), divergences[row.input]).not.toEqual(answer);
    else expect(parsed(row.input)).toEqual(answer);
  });
});

describe('sweeps in the order of Hydra', () => {
  test.for(rows<{ id: string; input: string[]; error?: object; expect: string[][] }>('sweeps.jsonl'))(
    '$id $input',
    (row) => {
      const jobs = () => [...points(sweepOf(row.input.map((word) => parseOverride(word))))];
      if (row.error) {
        expect(jobs).toThrow(MlxError);
        return;
      }
      // The basic sweeper writes `~key` as `~key=null`, which deletes `key` only because Hydra takes null for any value.
      const words = jobs().map(({ overrides }) =>
        overrides.map((plain) => canonicalToken(plain) + (plain.element ? '' : '=null')),
      );
      expect(words).toEqual(row.expect);
    },
  );
});

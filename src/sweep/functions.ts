import type { Span } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { fail, type ProblemOf } from '../failures/index.js';
import { floatOfNumber, isNumeric, type Numeric } from '../values/index.js';
import { castValue } from './casts.js';
import { type ChoiceSweep, isSweep, type OverrideValue } from './override.js';
import { permutation } from './random.js';
import { sorted } from './sorted.js';

type CallProblem = ProblemOf<'sweep-function'>;

/** An argument of a call: `value` or `name=value`. */
export interface Argument {
  readonly name: string | undefined;
  readonly value: OverrideValue;
  readonly span: Span;
}

/** A call as it is written: `range(1,10)`. */
interface Call {
  readonly name: string;
  readonly nameSpan: Span;
  readonly args: readonly Argument[];
  readonly span: Span;
}

/** A function that overrides may call (grammar_functions.py of Hydra 1.3). */
interface SweepFunction {
  /** How to call it, for messages. */
  readonly usage: string;
  /** The values that plain arguments may have. Undefined if plain arguments fill the named ones in order. */
  readonly rest?: Kind;
  readonly named: Readonly<Record<string, Kind & { readonly required?: true }>>;
  readonly evaluate: (args: Arguments) => OverrideValue;
}

/** The values that an argument may have. */
interface Kind {
  readonly title: ArgumentKind;
  readonly accepts: (value: OverrideValue) => boolean;
}

type ArgumentKind = Extract<CallProblem, { readonly kind: 'wrong-argument' }>['expected'];

/** The checked arguments of a call. */
interface Arguments {
  readonly call: Call;
  readonly rest: readonly OverrideValue[];
  readonly named: ReadonlyMap<string, OverrideValue>;
  /** Throws `sweep-function`. */
  readonly refuse: (problem: CallProblem, span?: Span) => never;
}

const isNull = (value: OverrideValue | undefined) => value?.kind === 'plain' && value.value === null;
const isNumber = (value: OverrideValue) => value.kind === 'plain' && isNumeric(value.value);
const isText = (value: OverrideValue) => value.kind === 'plain' && typeof value.value === 'string';
const isData = (value: OverrideValue) => !isSweep(value) && !isNull(value);
const isOrderable = (value: OverrideValue) => value.kind === 'choice' || value.kind === 'range';

const number: Kind = { title: 'number', accepts: isNumber };
const optionalNumber: Kind = { title: 'number', accepts: (value) => isNumber(value) || isNull(value) };
const choiceItem: Kind = { title: 'choice-item', accepts: (value) => isData(value) || value.kind === 'choice' };
const sortable: Kind = {
  title: 'sortable',
  accepts: (value) => isData(value) || isOrderable(value),
};
const orderable: Kind = {
  title: 'orderable',
  accepts: (value) => isOrderable(value) || isNull(value),
};
const list: Kind = { title: 'list', accepts: (value) => value.kind === 'list' || isNull(value) };
const flag: Kind = {
  title: 'flag',
  accepts: (value) => value.kind === 'plain' && typeof value.value === 'boolean',
};
const tagged: Kind = {
  title: 'tagged',
  accepts: (value) => isText(value) || (isSweep(value) && value.kind !== 'glob'),
};
const patterns: Kind = {
  title: 'patterns',
  accepts: (value) => isText(value) || value.kind === 'list',
};
const castable: Kind = {
  title: 'castable',
  accepts: (value) => value.kind !== 'glob',
};

const cast = (name: 'int' | 'float' | 'str' | 'bool' | 'json_str'): SweepFunction => ({
  usage: `${name}(VALUE) or ${name}(A,B,…)`,
  rest: castable,
  named: { value: castable },
  evaluate: ({ call, rest, named, refuse }) => {
    const value = named.get('value');
    const given = value !== undefined && !isNull(value);
    if (given && rest.length > 0) refuse({ kind: 'values-and-value' });
    const [only, ...others] = given ? [value] : rest;
    if (only === undefined) return refuse({ kind: 'value-missing' });
    const subject = others.length === 0 ? only : simpleChoice(call, rest, refuse);
    return castValue(name, subject, refuse);
  },
});

/** The seed that shuffles lists, as they are parsed. `--sample-seed` affects only the order of sweeps. */
const listSeed = 0;

const functions: Readonly<Record<string, SweepFunction>> = {
  choice: {
    usage: 'choice(A,B,…)',
    rest: choiceItem,
    named: {},
    evaluate: ({ call, rest, refuse }) => {
      const [only, ...others] = rest;
      if (only === undefined) return refuse({ kind: 'value-missing' });
      if (only.kind !== 'choice' || others.length > 0) return choiceOf(call, rest, false);
      return only.simple ? { ...only, simple: false } : refuse({ kind: 'nested-choice' }, only.span);
    },
  },
  range: {
    usage: 'range(STOP), range(START,STOP) or range(START,STOP,STEP)',
    named: { start: { ...number, required: true }, stop: optionalNumber, step: number },
    evaluate: ({ call, named }) => {
      const start = numeric(named.get('start')) ?? 0n;
      const stop = numeric(named.get('stop'));
      const step = numeric(named.get('step')) ?? 1n;
      const ends = stop === undefined ? { start: 0n, stop: start } : { start, stop };
      return { kind: 'range', ...ends, step, shuffle: false, tags: [], span: call.span };
    },
  },
  interval: {
    usage: 'interval(START,END)',
    named: { start: { ...number, required: true }, end: { ...number, required: true } },
    evaluate: ({ call, named, refuse }) => {
      const float = (name: string) =>
        floatOfNumber(numeric(named.get(name)) ?? 0n) ?? refuse({ kind: 'beyond-floats', end: name });
      return { kind: 'interval', start: float('start'), end: float('end'), tags: [], span: call.span };
    },
  },
  glob: {
    usage: 'glob(PATTERN), glob([A*,B*]) or glob(*,exclude=[A*])',
    named: {
      include: { ...patterns, required: true },
      exclude: { ...patterns, accepts: (value) => patterns.accepts(value) || isNull(value) },
    },
    evaluate: ({ call, named }) => ({
      kind: 'glob',
      include: patternsOf(named.get('include')),
      exclude: patternsOf(named.get('exclude')),
      span: call.span,
    }),
  },
  sort: {
    usage: 'sort(A,B,…), sort([A,B]) or sort(choice(A,B),reverse=true)',
    rest: sortable,
    named: { sweep: orderable, list, reverse: flag },
    evaluate: (args) => {
      const { call, rest, named, refuse } = args;
      const flag = named.get('reverse');
      const reverse = flag?.kind === 'plain' && flag.value === true;
      const [only, ...others] = givenOr(named, rest);
      if (only === undefined) return refuse({ kind: 'value-missing' });
      if (others.length === 0) return sorted(only, reverse, refuse);
      const odd = rest.find((value) => value.kind !== 'plain');
      if (odd) refuse({ kind: 'unsortable-among-several' }, odd.span);
      return sorted(choiceOf(call, rest, true), reverse, refuse);
    },
  },
  shuffle: {
    usage: 'shuffle(A,B,…), shuffle([A,B]) or shuffle(range(10))',
    rest: sortable,
    named: { sweep: orderable, list },
    evaluate: ({ call, rest, named, refuse }) => {
      const given = givenOr(named, rest);
      const [only, ...others] = given;
      if (only === undefined || others.length > 0) return { ...simpleChoice(call, given, refuse), shuffle: true };
      if (only.kind === 'choice' || only.kind === 'range') return { ...only, shuffle: true };
      if (only.kind !== 'list') return { kind: 'list', items: [only], span: call.span, made: true };
      const order = permutation(listSeed, only.items.length);
      return { ...only, items: only.items.map((item, i) => only.items[order(i)] ?? item), made: true };
    },
  },
  tag: {
    usage: 'tag(NAME,…,choice(A,B))',
    rest: tagged,
    named: { sweep: { ...orderable, accepts: (value) => isSweep(value) || isNull(value) } },
    evaluate: ({ rest, named, refuse }) => {
      if (rest.length === 0) return refuse({ kind: 'sweep-missing' });
      const sweep = named.get('sweep');
      const all = sweep === undefined || isNull(sweep) ? rest : [...rest, sweep];
      const last = all.at(-1);
      if (!isSweep(last) || last.kind === 'glob') {
        return refuse({ kind: 'sweep-missing' }, last?.span);
      }
      const tags = all.slice(0, -1).map((value) => {
        return value.kind === 'plain' && typeof value.value === 'string'
          ? value.value
          : refuse({ kind: 'tag-not-word' }, value.span);
      });
      return { ...last, tags: [...new Set(tags)] };
    },
  },
  str: cast('str'),
  int: cast('int'),
  float: cast('float'),
  bool: cast('bool'),
  json_str: cast('json_str'),
};

/**
 * Returns the value of a call. Throws `unknown-function`, or `sweep-function` with the span that is wrong.
 */
export function callFunction(call: Call): OverrideValue {
  const { name, nameSpan, args } = call;
  const known = Object.keys(functions);
  const called = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!called) return fail({ reason: 'unknown-function', name, span: nameSpan, near: nearest(name, known), known });
  const refuse = (problem: CallProblem, span = call.span): never =>
    fail({ reason: 'sweep-function', name, usage: called.usage, problem, span });
  return called.evaluate({ call, refuse, ...bind(called, args, refuse) });
}

function bind(
  { rest: restKind, named: kinds }: SweepFunction,
  args: readonly Argument[],
  refuse: Arguments['refuse'],
): Pick<Arguments, 'rest' | 'named'> {
  const names = Object.keys(kinds);
  const rest: OverrideValue[] = [];
  const named = new Map<string, OverrideValue>();
  for (const [position, { name: given, value: written, span }] of args.entries()) {
    const value = unquoted(written);
    const name = given ?? (restKind ? undefined : names[position]);
    const kind = name === undefined ? restKind : Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (!kind) {
      if (given === undefined) return refuse({ kind: 'too-many-values', most: names.length }, span);
      return refuse({ kind: 'unknown-argument', name: given }, span);
    }
    if (!kind.accepts(value)) refuse({ kind: 'wrong-argument', expected: kind.title }, span);
    if (name === undefined) rest.push(value);
    else if (named.has(name)) refuse({ kind: 'argument-twice', name }, span);
    else named.set(name, value);
  }
  const missing = names.find((name) => kinds[name]?.required && !named.has(name));
  if (missing !== undefined) refuse({ kind: 'argument-missing', name: missing });
  return { rest, named };
}

/** Removes the quotes of an argument, as Hydra does except inside lists. The user's spelling is kept. */
function unquoted(value: OverrideValue): OverrideValue {
  return value.kind === 'quoted' ? { kind: 'plain', value: value.value, span: value.span, made: value.made } : value;
}

/** Returns the value of `list=` or `sweep=`, or else the plain arguments. */
function givenOr(named: Arguments['named'], rest: readonly OverrideValue[]): readonly OverrideValue[] {
  const given = [named.get('list'), named.get('sweep')].find((value) => value !== undefined && !isNull(value));
  return given === undefined ? rest : [given];
}

function numeric(value: OverrideValue | undefined): Numeric | undefined {
  return value?.kind === 'plain' && isNumeric(value.value) ? value.value : undefined;
}

function patternsOf(value: OverrideValue | undefined): readonly OverrideValue[] {
  if (value === undefined || isNull(value)) return [];
  return value.kind === 'list' ? value.items : [value];
}

function choiceOf(call: Call, items: readonly OverrideValue[], simple: boolean): ChoiceSweep {
  return { kind: 'choice', items, simple, shuffle: false, tags: [], span: call.span };
}

function simpleChoice(call: Call, items: readonly OverrideValue[], refuse: Arguments['refuse']): ChoiceSweep {
  const sweep = items.find(isSweep);
  if (sweep) refuse({ kind: 'sweep-among-values' }, sweep.span);
  return choiceOf(call, items, true);
}

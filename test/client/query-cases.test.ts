import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds, type Lookup, parseExpression } from '../../src/expression/index.js';
import { type QueryCase, queryCaseStore, queryCases } from '../fixtures/query-cases/cases.js';

const client = fileURLToPath(new URL('../../dist/python', import.meta.url));

/** Answers all cases at once: `{runs}`, `{error, at}` or `{values}` each. */
const script = `
import json, math, sys, warnings
warnings.simplefilter("ignore")
import mlxread
rows = mlxread.read(sys.argv[1])
names = rows._store_names()
def plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return [plain(one) for one in value] if isinstance(value, list) else value
def answer(case):
    try:
        if "column" in case:
            values = [(str(row["run"]), names.value(row, case["column"])) for row in rows]
            return {"values": dict((run, plain(value)) for run, value in values if value is not mlxread.MISSING)}
        return {"runs": [row["run"] for row in rows.filter(case["expression"])]}
    except mlxread.QueryError as error:
        return {"error": str(error), "at": error.at}
print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
`;

const version = (name: string) => spawnSync(name, ['--version'], { encoding: 'utf8' }).stdout;
const interpreters = ['python3', '/usr/bin/python3'].filter(
  (name, i) => version(name) !== null && (i === 0 || version(name) !== version('python3')),
);

interface Answer {
  readonly runs?: readonly number[];
  readonly error?: string;
  readonly at?: number;
  readonly values?: Readonly<Record<string, unknown>>;
}

function rounded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rounded);
  return typeof value === 'number' ? Number(value.toPrecision(12)) : value;
}

function isRight(one: QueryCase, got: Answer): boolean {
  const text = (values: object = {}) =>
    JSON.stringify(Object.entries(values).map(([run, value]) => [run, rounded(value)]));
  if ('column' in one) return text(got.values) === text(one.values);
  if ('runs' in one) return JSON.stringify(got.runs) === JSON.stringify(one.runs);
  const [message = '', shown = '', caret = ''] = (got.error ?? '').split('\n');
  const { error, at = got.at ?? 0 } = one;
  return (
    message.includes(error) && shown.slice(2) === one.expression && at === got.at && caret === `  ${' '.repeat(at)}^`
  );
}

describe.for(interpreters)('the reader of %s', (interpreter) => {
  test('answers all cases of expressions and columns', () => {
    const answers: Answer[] = JSON.parse(
      execFileSync(interpreter, ['-c', script, queryCaseStore], {
        input: JSON.stringify(queryCases),
        env: { PATH: process.env['PATH'], PYTHONPATH: client, TZ: 'UTC' },
        encoding: 'utf8',
      }),
    );
    const both = queryCases.map((one, i) => ({ one, got: answers[i] ?? {} }));
    const wrong = both.filter(({ one, got }) => !isRight(one, got));
    expect(wrong).toEqual([]);
    expect(queryCases.length).toBeGreaterThan(400);
  });

  test('computes expressions of all kinds as the shell does', () => {
    const values = { a: 1.5, b: 'x', c: [1, 'x'], d: null, e: true, f: -3, g: Number.NaN, h: 2 ** 60 } as const;
    const leaf = fc.oneof(
      fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'missing', 'true', 'False', 'None', 'null', '[]'),
      fc.constantFrom('0', '1', '2', '3.', '.5', '1e3', '9007199254740993', '1e999', '"x"', "'y'", "''", "'it\\'s'"),
      fc.nat(20).map(String),
    );
    const sign = fc.constantFrom(
      '==',
      '!=',
      '<',
      '<=',
      '>',
      '>=',
      'in',
      'not in',
      '+',
      '-',
      '*',
      '/',
      '%',
      '**',
      '&',
      '|',
      'and',
      'or',
    );
    const { any } = fc.letrec<{ any: string }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'medium' },
        leaf,
        fc.tuple(tie('any'), sign, tie('any')).map((parts) => `(${parts.join(' ')})`),
        fc.tuple(tie('any'), sign, tie('any')).map((parts) => parts.join(' ')),
        fc.tuple(fc.constantFrom('-', '+', '~', 'not ', '!'), tie('any')).map(([first, rest]) => `(${first}(${rest}))`),
        fc.array(tie('any'), { minLength: 1, maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
      ),
    }));
    // Always the same ones: the last digit of a power may differ between the two languages.
    const expressions = fc.sample(any, { numRuns: 2000, seed: 20 });
    const lookup: Lookup = (name) => values[name as keyof typeof values];
    const here = expressions.map((expression) => {
      try {
        return holds(parseExpression(expression), lookup);
      } catch {
        return 'refused';
      }
    });
    const there = execFileSync(
      interpreter,
      [
        '-c',
        `
import json, sys
import mlxread as mlxquery
asked = json.load(sys.stdin)
values = dict(asked["values"], g=float("nan"))
def answer(text):
    try: return mlxquery.holds(mlxquery.parse(text), lambda name: values.get(name, mlxquery.MISSING))
    except mlxquery.QueryError: return "refused"
print(json.dumps([answer(text) for text in asked["expressions"]]))`,
      ],
      {
        input: JSON.stringify({ expressions, values }),
        env: { PATH: process.env['PATH'], PYTHONPATH: client },
        encoding: 'utf8',
      },
    );
    const differ = (JSON.parse(there) as unknown[]).flatMap((answer, i) =>
      answer === here[i] ? [] : [{ expression: expressions[i], here: here[i], there: answer }],
    );
    expect(differ).toEqual([]);
    expect(here.filter((one) => one === 'refused').length).toBeLessThan(1500);
  });
});

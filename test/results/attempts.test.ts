import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AttemptChoice,
  type MetricLog,
  readLastMetrics,
  readMetricLog,
  readMetricLogs,
} from '../../src/results/index.js';
import { type MetricValue, parseJson } from '../../src/store/index.js';

type Content = readonly (object | string)[] | { readonly rewrite: string } | { readonly append: string };

/** What the attempts of a run write, one after the other, and what counts of it. */
interface Case {
  readonly name: string;
  readonly attempts: readonly Readonly<Record<string, Content>>[];
  /** Whether lines name their attempt (default), and whether lengths are noted as attempts begin (default). */
  readonly named?: boolean;
  readonly notes?: boolean;
  /** By attempt how many lines of a file its checkpoint knows. */
  readonly checkpoint?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Attempts that passed over a step. */
  readonly steps?: readonly number[];
  readonly expect: Readonly<Record<string, readonly MetricValue[]>>;
  readonly marks: Readonly<Record<string, number>>;
  readonly broken?: Readonly<Record<string, readonly number[]>>;
}

interface TextCase {
  readonly name: string;
  readonly text: string;
  /** As JSON with NaN and Infinity. */
  readonly lines: string;
  readonly broken: readonly number[];
  readonly torn: boolean;
}

const { cases, texts }: { cases: readonly Case[]; texts: readonly TextCase[] } = JSON.parse(
  readFileSync(new URL('../fixtures/attempt-cases.json', import.meta.url), 'utf8'),
);
const client = fileURLToPath(new URL('../../dist/python', import.meta.url));
const store = mkdtempSync(join(tmpdir(), "mlx attempt's "));
afterAll(() => rmSync(store, { recursive: true, force: true }));

const runOf = (kind: string, i: number) => join(store, kind, String(i + 1));

/** Writes a run as its attempts would have, a second apart. */
function writeRun(run: string, one: Pick<Case, 'attempts' | 'named' | 'notes' | 'checkpoint' | 'steps'>): void {
  const metrics = join(run, 'metrics');
  const records = join(run, 'metadata', 'attempts');
  for (const directory of [metrics, records]) mkdirSync(directory, { recursive: true });
  const begin = Math.floor(Date.now() / 1000) - 1000;
  const files = [...new Set(one.attempts.flatMap(Object.keys))];
  const path = (name: string) => join(metrics, `${name}.json`);
  one.attempts.forEach((contents, i) => {
    const attempt = i + 1;
    const time = begin + 10 * attempt;
    writeFileSync(join(records, `${attempt}.yaml`), `attempt: ${attempt}\n...\n`);
    if (attempt > 1 && one.notes !== false) {
      const lengths = files
        .filter((name) => existsSync(path(name)))
        .map((name) => `${statSync(path(name)).size} ${name}.json/\n`);
      const note = join(records, `${attempt}.metrics`);
      writeFileSync(note, `${time}.25\n${lengths.join('')}...\n`);
      utimesSync(note, time, time);
    }
    if (one.steps?.includes(attempt)) {
      writeFileSync(
        join(records, `${attempt}.steps`),
        '- {step: prepare, done_in: 1}\n- {step: train, start: 1795247451}\n',
      );
    }
    const kept = one.checkpoint?.[attempt];
    if (kept) rewind(metrics, attempt, kept);
    for (const [name, content] of Object.entries(contents)) {
      if ('rewrite' in content) writeFileSync(path(name), content.rewrite);
      else
        appendFileSync(
          path(name),
          'append' in content ? content.append : linesText(content, one.named === false ? undefined : attempt),
        );
      utimesSync(path(name), time + 1, time + 1);
    }
  });
}

const linesText = (lines: readonly (object | string)[], attempt: number | undefined) =>
  lines
    .map((line) =>
      typeof line === 'string' ? line : JSON.stringify(attempt === undefined ? line : { ...line, _attempt: attempt }),
    )
    .map((line) => `${line}\n`)
    .join('');

/** Does what a client does when it loads a checkpoint that was saved after this many lines. */
function rewind(metrics: string, attempt: number, kept: Readonly<Record<string, number>>): void {
  const aside = join(metrics, '.superseded');
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, `attempt-${attempt}`), '');
  for (const [name, count] of Object.entries(kept)) {
    const path = join(metrics, `${name}.json`);
    const lines = readFileSync(path, 'utf8').split(/(?<=\n)/);
    appendFileSync(join(aside, `${name}.json`), lines.slice(count).join(''));
    writeFileSync(path, lines.slice(0, count).join(''));
  }
}

/** What Python reads of runs, by choice. */
function readByPython(runs: readonly string[], choices: readonly AttemptChoice[]): Record<string, MetricLog>[][] {
  const script = `
import json, sys
import mlxread as mlxattempts
asked = json.load(sys.stdin)
print(json.dumps([[dict((name, {"lines": log.lines, "broken": log.broken, "torn": log.torn, "earlier": log.earlier})
    for name, log in mlxattempts.read_logs(run, choice).items()) for choice in asked["choices"]] for run in asked["runs"]]))
`;
  const output = execFileSync('python3', ['-c', script], {
    input: JSON.stringify({ runs, choices }),
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: client, PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 1 << 28,
  });
  return parseJson(output) as Record<string, MetricLog>[][];
}

const plain = (logs: ReadonlyMap<string, MetricLog>) =>
  Object.fromEntries(
    [...logs].map(([name, { lines, broken, torn, earlier }]) => [
      name,
      { lines, broken, torn, earlier: earlier ?? null },
    ]),
  );

const valuesOf = (logs: Readonly<Record<string, Pick<MetricLog, 'lines'>>>, metric: string) => {
  const [name = '', ...key] = metric.split('.');
  return (logs[name]?.lines ?? []).flatMap((line) => (Object.hasOwn(line, key.join('.')) ? [line[key.join('.')]] : []));
};

const choices: readonly AttemptChoice[] = ['path', 'last', 1, 2, 3];

describe('what counts of a run with several attempts', () => {
  let python: Record<string, MetricLog>[][] = [];
  beforeAll(() => {
    cases.forEach((one, i) => void writeRun(runOf('cases', i), one));
    python = readByPython(
      cases.map((_, i) => runOf('cases', i)),
      choices,
    );
  }, 60_000);

  test.for(cases.map((one, i) => [one.name, one, i] as const))('%s', ([, one, i]) => {
    const run = runOf('cases', i);
    const logs = plain(readMetricLogs(run));
    for (const [metric, values] of Object.entries(one.expect))
      expect([metric, valuesOf(logs, metric)]).toEqual([metric, values]);
    const measured = Object.entries(logs).flatMap(([name, { lines }]) => (lines.length > 0 ? [name] : []));
    expect(new Set(measured)).toEqual(new Set(Object.keys(one.expect).map((metric) => metric.split('.')[0])));
    const marks = Object.entries(logs).flatMap(([name, { earlier }]) => (earlier === null ? [] : [[name, earlier]]));
    expect(Object.fromEntries(marks)).toEqual(one.marks);
    const broken = Object.entries(logs).flatMap(([name, log]) => (log.broken.length > 0 ? [[name, log.broken]] : []));
    expect(Object.fromEntries(broken)).toEqual(one.broken ?? {});
    expect(python[i]).toEqual(choices.map((choice) => plain(readMetricLogs(run, choice))));
    for (const name of Object.keys(logs))
      expect(plain(new Map([[name, readMetricLog(run, name)]]))[name]).toEqual(logs[name]);
  });

  test('each line is of one attempt, and the last attempt alone is what it has logged', () => {
    cases.forEach((one, i) => {
      const run = runOf('cases', i);
      const count = (choice: AttemptChoice) =>
        [...readMetricLogs(run, choice).values()].reduce((sum, { lines }) => sum + lines.length, 0);
      const written = one.attempts.reduce((sum, contents) => sum + Object.values(contents).flat().length, 0);
      const isPlain = one.attempts.every((contents) => Object.values(contents).every(Array.isArray));
      if (isPlain) expect([one.name, count(1) + count(2) + count(3)]).toEqual([one.name, written]);
    });
  });
});

describe('a metrics file as programs write it', () => {
  let python: Record<string, MetricLog>[][] = [];
  beforeAll(() => {
    texts.forEach(({ text }, i) => {
      mkdirSync(join(runOf('texts', i), 'metrics'), { recursive: true });
      writeFileSync(join(runOf('texts', i), 'metrics', 'train.json'), text);
    });
    python = readByPython(
      texts.map((_, i) => runOf('texts', i)),
      ['path'],
    );
  }, 60_000);

  test.for(texts.map((one, i) => [one.name, one, i] as const))('%s', ([, one, i]) => {
    const log = plain(readMetricLogs(runOf('texts', i)))['train'];
    expect(log).toEqual({ lines: parseJson(one.lines), broken: one.broken, torn: one.torn, earlier: null });
    expect(python[i]?.[0]?.['train']).toEqual(log);
  });
});

test('the last values of metrics are those of the lines that count, however long their files are', () => {
  const long = [
    Array.from({ length: 2000 }, (_, i) => `{"epoch": ${i}, "loss": ${i / 2}}\n`).join(''),
    `${Array.from({ length: 2000 }, (_, i) => `{"epoch": ${i}, "loss": ${i / 2}}\n`).join('')}{"epoch": 2000, "lo`,
    JSON.stringify(Array.from({ length: 2000 }, (_, i) => ({ epoch: i, val: { loss: i } }))),
    JSON.stringify(
      Array.from({ length: 2000 }, (_, i) => ({ epoch: i, loss: i })),
      undefined,
      2,
    ),
    Array.from(
      { length: 2000 },
      (_, i) => `{"epoch": ${i % 1000}, "loss": ${i}, "_attempt": ${i < 1000 ? 1 : 2}}\n`,
    ).join(''),
  ];
  long.forEach((text, i) => {
    mkdirSync(join(runOf('long', i), 'metrics'), { recursive: true });
    writeFileSync(join(runOf('long', i), 'metrics', 'train.json'), text);
  });
  const runs = [
    ...cases.map((_, i) => runOf('cases', i)),
    ...texts.map((_, i) => runOf('texts', i)),
    ...long.map((_, i) => runOf('long', i)),
  ];
  for (const run of runs) {
    const last = new Map<string, MetricValue>();
    for (const [name, { lines }] of readMetricLogs(run)) {
      for (const line of lines) {
        for (const [key, value] of Object.entries(line)) if (!key.startsWith('_')) last.set(`${name}.${key}`, value);
      }
    }
    expect([run, readLastMetrics(run)]).toEqual([run, last]);
  }
});

describe('TypeScript and Python agree', () => {
  const agree = (runs: readonly string[]) => {
    const python = readByPython(runs, choices);
    runs.forEach((run, i) => {
      const own = choices.map((choice) => plain(readMetricLogs(run, choice)));
      expect([run, python[i]]).toEqual([run, own]);
    });
  };

  test('on any attempts', { timeout: 60_000 }, () => {
    const step = fc.record(
      {
        epoch: fc.integer({ min: 0, max: 4 }),
        step: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant('x'), fc.constant(1.5)),
        loss: fc.double({ noNaN: true, noDefaultInfinity: true }),
      },
      { requiredKeys: ['loss'] },
    );
    const content: fc.Arbitrary<Content> = fc.oneof(
      { weight: 4, arbitrary: fc.array(step, { maxLength: 5 }) },
      fc.array(step, { maxLength: 3 }).map((lines) => ({ rewrite: JSON.stringify(lines) })),
      fc.array(step, { maxLength: 3 }).map((lines) => ({ rewrite: linesText(lines, undefined) })),
      fc.tuple(step, fc.nat(30)).map(([line, cut]) => ({ append: JSON.stringify(line).slice(0, cut) })),
    );
    const history = fc.record({
      attempts: fc.array(fc.dictionary(fc.constantFrom('train', 'valid'), content), { minLength: 1, maxLength: 4 }),
      named: fc.boolean(),
      notes: fc.boolean(),
    });
    const runs = fc.sample(history, { numRuns: 300, seed: 20 }).map((one, i) => {
      writeRun(runOf('random', i), one);
      return runOf('random', i);
    });
    agree(runs);
  });

  test('on any text', { timeout: 60_000 }, () => {
    const parts = [
      '{',
      '}',
      '[',
      ']',
      '"a"',
      ':',
      ',',
      '1',
      '-0',
      'NaN',
      '-Infinity',
      '\n',
      '\r\n',
      ' ',
      '{"step": 1}',
      '{"a": NaN}',
    ];
    const more = [
      '[{"a": 1}]',
      '{"a": [1, 2]}',
      '{"a": {"b": 2}}',
      'é',
      '\ufeff',
      '"',
      '\\',
      '1e400',
      '{\n',
      '9007199254740993',
      '"_attempt": 2',
    ];
    const text = fc.oneof(
      fc.array(fc.constantFrom(...parts, ...more), { maxLength: 12 }).map((some) => some.join('')),
      fc
        .array(fc.tuple(fc.json(), fc.constantFrom('\n', '\r\n', '')), { maxLength: 4 })
        .map((some) => some.flat().join('')),
    );
    const runs = fc.sample(text, { numRuns: 1500, seed: 21 }).map((one, i) => {
      mkdirSync(join(runOf('any', i), 'metrics'), { recursive: true });
      writeFileSync(join(runOf('any', i), 'metrics', 'train.json'), one);
      return runOf('any', i);
    });
    agree(runs);
  });
});

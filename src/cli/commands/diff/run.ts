import union from 'lodash/union.js';
import type { ParsedArgs } from '../../../arguments/index.js';
import { jsonText, printable, printableLine } from '../../../core/text.js';
import { fail, problemText } from '../../../failures/index.js';
import { overrideTexts } from '../../../results/index.js';
import {
  codeDifference,
  compareRuns,
  type RunCode,
  type RunDifference,
  requireRun,
  type Sides,
} from '../../../runs/index.js';
import type { MetricValue } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { metricText } from '../../output/metrics-text.js';
import { type Paint, painter, type Style } from '../../output/style.js';
import { type Cell, cutTo, renderTable } from '../../output/table.js';
import { storeOf } from '../../selecting/store.js';
import type { DiffOptions } from './spec.js';

/** `mlx diff ID ID`: prints what differs between two runs. */
export async function run({ positionals, options }: ParsedArgs<DiffOptions>, io: Io): Promise<number> {
  const [first, second, extra] = positionals;
  if (first === undefined || second === undefined)
    return fail({ reason: 'missing-argument', argument: first === undefined ? 'ID' : 'second ID', command: 'diff' });
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'diff' });
  const store = await storeOf(options, io.cwd);
  const [from, to] = [requireRun(store, first, io.cwd), requireRun(store, second, io.cwd)];
  const found = await compareRuns(store, from, to);
  const isJson = options.json;
  const code = await toldDifference(found.code, options.stat);
  if (isJson) {
    io.stdout.write(`${jsonText({ from: from.id, to: to.id, ...found, code: { ...found.code, ...code } })}\n`);
    return 0;
  }
  io.stdout.write(pageOf({ from: from.id, to: to.id }, found, code, io));
  return 0;
}

/** Git's diff of two states of the code, or why there is none. */
type CodeDifference = { readonly diff: string } | { readonly problem: string };

async function toldDifference(code: Sides<RunCode | undefined>, stat: boolean): Promise<CodeDifference> {
  const found = await codeDifference(code, stat);
  if (!found) return { problem: 'it is not known of both runs' };
  return 'diff' in found ? found : { problem: problemText(found.failure) };
}

/** Returns the two runs side by side, key by key, with their code below. */
function pageOf(ids: Sides<number>, found: RunDifference, code: CodeDifference, io: Io): string {
  const paint = painter(io.stdout, io.env);
  const { requirements } = found;
  const versions = requirements && { from: versionsOf(requirements.from), to: versionsOf(requirements.to) };
  const words = { from: overrideTexts(found.overrides.from), to: overrideTexts(found.overrides.to) };
  const sections: [string, readonly Row[]][] = [
    ['overrides', rowsOf(words)],
    ['config', found.config.map(({ key, from, to }) => ({ key, from: valueText(from), to: valueText(to) }))],
    ['last metrics', found.metrics.map(({ key, from, to }) => ({ key, from: lastText(from), to: lastText(to) }))],
    ['requirements', versions ? rowsOf(versions) : []],
  ];
  // On a terminal, cells are cut so that both sides fit.
  const width = io.stdout.isTTY ? Math.max(20, Math.floor((io.stdout.columns ?? 80) / 3)) : Number.POSITIVE_INFINITY;
  const cell = (text: string | undefined, style: Style): Cell => ({
    text: cutTo(printableLine(text ?? ''), width),
    style,
  });
  const cells = sections.flatMap(([title, rows]): Cell[][] =>
    rows.length === 0
      ? []
      : [
          [{ text: title, style: 'dim' }],
          ...rows.map(({ key, from, to }) => [{ text: `  ${key}` }, cell(from, 'red'), cell(to, 'green')]),
        ],
  );
  const table = cells.length === 0 ? '' : renderTable(['', `run ${ids.from}`, `run ${ids.to}`], cells, paint);
  const lines = codeLines(found.code, code, paint);
  const below = lines.length === 0 ? '' : `${paint('dim', 'code')}\n${lines.join('\n')}\n`;
  return `${table}${below}` || `runs ${ids.from} and ${ids.to} differ in nothing that is recorded\n`;
}

/** A key with the value in each run; undefined if a run lacks it. */
type Row = { readonly key: string } & Sides<string | undefined>;

const rowsOf = ({ from, to }: Sides<ReadonlyMap<string, string>>): Row[] =>
  union([...from.keys()], [...to.keys()]).map((key) => ({ key, from: from.get(key), to: to.get(key) }));

const versionsOf = (names: readonly string[]): Map<string, string> =>
  new Map(
    names.map((name): [string, string] => {
      const [, key = name, version = 'installed'] = /^(.+?)==(.*)$/s.exec(name) ?? [];
      return [key, version];
    }),
  );

const valueText = (value: unknown) => {
  if (value === undefined) return undefined;
  // NaN is not JSON.
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
    ? String(value)
    : JSON.stringify(value);
};

const lastText = (value: unknown) => (value === undefined ? undefined : metricText(value as MetricValue));

function codeLines({ from, to }: Sides<RunCode | undefined>, code: CodeDifference, paint: Paint): string[] {
  if ('problem' in code) return from || to ? [`  ${code.problem.replace(/\n/g, '\n  ')}`] : [];
  const unknown = from?.unknown || to?.unknown ? ['  changes that no commit held ran too, and were not kept'] : [];
  if (code.diff === '') return unknown;
  return [
    `  ${stateText(from)} → ${stateText(to)}`,
    ...unknown,
    ...printable(code.diff).trimEnd().split('\n').map(painted),
  ];

  function painted(line: string): string {
    const style = /^(diff|index|---|\+\+\+)/.test(line)
      ? 'dim'
      : ({ '+': 'green', '-': 'red', '@': 'cyan' } as const)[line.charAt(0)];
    return style === undefined ? line : paint(style, line);
  }
}

function stateText(code: RunCode | undefined): string {
  if (!code) return '';
  return `${code.commit.slice(0, 10)}${code.branch === null ? '' : ` (${printableLine(code.branch)})`}${code.patch ? ' with changes' : ''}`;
}

import { fail } from '../../core/failure.js';
import { printable, printableLine } from '../../core/text.js';
import { codeDifference, compareRuns, type RunCode, type RunDifference, type Sides } from '../../jobs/diff.js';
import { requireRun } from '../../jobs/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { type Paint, painter } from '../output/style.js';
import { problemText } from '../render-failure.js';
import { storeOf } from './store-option.js';

/** `mlx diff ID ID`: what differs between two runs. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const [first, second, extra] = parsed.positionals;
  if (first === undefined || second === undefined)
    return fail({ reason: 'missing-argument', argument: first === undefined ? 'ID' : 'second ID', command: 'diff' });
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'diff' });
  const store = await storeOf(parsed, io);
  const [from, to] = [requireRun(store, first, io.cwd), requireRun(store, second, io.cwd)];
  const found = await compareRuns(store, from, to);
  const isJson = parsed.has('json');
  const code = await toldDifference(found.code, parsed.has('stat'));
  if (isJson) {
    io.stdout.write(`${JSON.stringify({ from: from.id, to: to.id, ...found, code: { ...found.code, ...code } })}\n`);
    return 0;
  }
  io.stdout.write(pageOf({ from: from.id, to: to.id }, found, code, io));
  return 0;
}

/** What git tells of two states of the code, or why it can't. */
type CodeDifference = { readonly diff: string } | { readonly problem: string };

async function toldDifference(code: Sides<RunCode | undefined>, stat: boolean): Promise<CodeDifference> {
  const found = await codeDifference(code, stat);
  if (!found) return { problem: 'it is not known of both runs' };
  return 'diff' in found ? found : { problem: problemText(found.failure) };
}

function pageOf(ids: Sides<number>, found: RunDifference, code: CodeDifference, io: Io): string {
  const paint = painter(io.stdout, io.env);
  const minus = (text: string) => paint('red', `  - ${printableLine(text)}`);
  const plus = (text: string) => paint('green', `  + ${printableLine(text)}`);
  const lines = ({ from, to }: Sides<readonly string[]>) => [...from.map(minus), ...to.map(plus)];
  const value = (one: unknown) => (one === undefined ? undefined : JSON.stringify(one));
  const config = found.config.flatMap(({ key, from, to }) =>
    lines({
      from: from === undefined ? [] : [`${key}: ${value(from)}`],
      to: to === undefined ? [] : [`${key}: ${value(to)}`],
    }),
  );
  const sections: [string, readonly string[]][] = [
    ['overrides', lines(found.overrides)],
    ['config', config],
    ['code', codeLines(found.code, code, paint)],
    ['requirements', found.requirements ? lines(found.requirements) : []],
  ];
  const body = sections
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => `${paint('dim', title)}\n${rows.join('\n')}\n`);
  const head = `${minus(`run ${ids.from}`).trimStart()}\n${plus(`run ${ids.to}`).trimStart()}\n`;
  return body.length === 0
    ? `runs ${ids.from} and ${ids.to} differ in nothing that is recorded\n`
    : `${head}${body.join('')}`;
}

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

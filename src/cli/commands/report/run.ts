import { readFileSync } from 'node:fs';
import groupBy from 'lodash/groupBy.js';
import { humanDuration, localIso } from '../../../core/clock.js';
import { ifPresent } from '../../../core/errno.js';
import { displayPath } from '../../../core/paths.js';
import { printable, printableLine } from '../../../core/text.js';
import { type RunBrief, RunRow, readProgramError, readTail } from '../../../results/index.js';
import type { EngineAsker } from '../../../runs/index.js';
import { readRun, runPaths, wentWrong } from '../../../store/index.js';
import type { Io, ParsedArgs } from '../../grammar/command.js';
import { refuseTogether } from '../../grammar/parse-args.js';
import { errorLine, failureKind } from '../../output/failures.js';
import { type Paint, painter, statusStyle } from '../../output/style.js';
import { hasEnded } from '../../selecting/open-runs.js';
import { runData } from '../../selecting/run-data.js';
import { namedRuns } from '../../selecting/selection.js';
import { idsText } from '../../selecting/tell-outcome.js';

/** How many last lines of each log are shown. */
const tailLines = 20;

/** `mlx report [RUNS]`: per run what it ran, where and how long, and what it wrote; failures of one kind read as one. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  refuseTogether(parsed, 'output', 'errors');
  for (const option of ['output', 'errors', 'full', 'each']) refuseTogether(parsed, 'usage', option);
  const { store, view, runs, isNamed } = await namedRuns(parsed, io);
  const briefs = runs.filter(
    (brief) => (isNamed || hasEnded(brief)) && (!parsed.has('errors-only') || wentWrong(brief.status)),
  );
  if (parsed.has('usage')) {
    const { reportUsage } = await import('./report-usage.js');
    const whole = briefs
      .flatMap(({ id }) => readRun(store, id, view.answers) ?? [])
      .filter((one) => one.kind === 'run');
    return reportUsage(store, whole, io, parsed.has('json'));
  }
  if (parsed.has('json')) {
    const pages = briefs.flatMap(({ id }) => pageData(store, id, view, parsed) ?? []);
    io.stdout.write(`${JSON.stringify(pages)}\n`);
    return 0;
  }
  if (briefs.length === 0) io.stderr.write('no run matched\n');
  const paint = painter(io.stdout, io.env);
  for (const [first, ...alike] of groupsOf(briefs, parsed.has('each'))) {
    if (!first) continue;
    io.stdout.write(`${pageText(store, first.id, view, parsed, io, paint)}${alikeText(first, alike, paint)}\n`);
  }
  return 0;
}

/** Runs that failed with one kind of error are one group, every other run is its own. In the order of their first runs. */
function groupsOf(briefs: readonly RunBrief[], each: boolean): RunBrief[][] {
  const kindOf = (brief: RunBrief) =>
    !each && wentWrong(brief.status) && brief.error !== undefined ? failureKind(brief, brief.error) : String(brief.id);
  return Object.values(groupBy(briefs, (brief) => `:${kindOf(brief)}`));
}

function alikeText({ error }: RunBrief, alike: readonly RunBrief[], paint: Paint): string {
  if (alike.length === 0) return '';
  const count = alike.length === 1 ? '1 other run ended alike' : `${alike.length} other runs ended alike`;
  return `${paint('yellow', `  ${count}`)}: ${idsText(alike.map(({ id }) => id))}  ${paint('dim', printableLine(error?.text ?? ''))}\n`;
}

/** Which logs are shown, and what of them. */
function logsOf(directory: string, parsed: ParsedArgs): [name: string, lines: readonly string[]][] {
  const logs: [string, string][] = [
    ...(parsed.has('errors') ? [] : [['stdout', runPaths.stdout(directory)] satisfies [string, string]]),
    ...(parsed.has('output') ? [] : [['stderr', runPaths.stderr(directory)] satisfies [string, string]]),
  ];
  return logs.map(([name, path]) => [
    name,
    parsed.has('full')
      ? (ifPresent(() => readFileSync(path, 'utf8')) ?? '').replace(/\n$/, '').split('\n')
      : readTail(path, tailLines),
  ]);
}

function pageText(store: string, id: number, view: EngineAsker, parsed: ParsedArgs, io: Io, paint: Paint): string {
  const found = readRun(store, id, view.answers);
  if (found?.kind !== 'run') return `run ${id}  ${found?.kind ?? 'gone'}\n`;
  const { columns, times } = new RunRow(found);
  const { status, directory, job, jobId, attempt } = found;
  const error = readProgramError(found, attempt);
  const facts: [string, string][] = [
    ['error', error ? errorLine(error) : ''],
    ['command', String(columns.get('info.command') ?? columns.get('info.current_file_path') ?? '')],
    ['point', found.overrides.join(' ')],
    [
      'where',
      [columns.get('info.hostname'), job && job.engine !== 'here' ? `${job.engine} ${jobId ?? ''}` : '']
        .filter(Boolean)
        .join(', '),
    ],
    [
      'when',
      times.start
        ? `${localIso(times.start)}${times.seconds === undefined ? '' : `, ${humanDuration(times.seconds)}`}`
        : '',
    ],
    ['attempt', (attempt?.number ?? 0) > 1 ? String(attempt?.number) : ''],
    ['directory', displayPath(directory, io.cwd)],
  ];
  const reason = status.reason === undefined ? '' : `  ${printableLine(status.reason)}`;
  const head = `run ${id}  ${paint(statusStyle(status.status), status.status)}${reason}\n`;
  const lines = facts
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `  ${paint('dim', name.padEnd(10))} ${printableLine(text)}\n`);
  const written = logsOf(directory, parsed);
  // What the ends of the logs do not show.
  const isShown = written.some(([, end]) => end.some((line) => line.includes(error?.text ?? '')));
  const excerpt: [string, readonly string[]][] = error && !isShown ? [['error', error.lines]] : [];
  const logs = [...excerpt, ...written].flatMap(([name, written]) =>
    written.filter((line) => line !== '').length === 0
      ? []
      : [`  ${paint('dim', name)}\n`, ...written.map((line) => `    ${printable(line)}\n`)],
  );
  return `${head}${lines.join('')}${logs.join('')}`;
}

function pageData(store: string, id: number, view: EngineAsker, parsed: ParsedArgs): object | undefined {
  const found = readRun(store, id, view.answers);
  if (found?.kind !== 'run') return found && runData(found);
  return { ...runData(found), ...Object.fromEntries(logsOf(found.directory, parsed)) };
}

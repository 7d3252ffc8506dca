import { readFileSync } from 'node:fs';
import groupBy from 'lodash/groupBy.js';
import type { ParsedArgs } from '../../../arguments/index.js';
import { refuseTogether } from '../../../arguments/index.js';
import { humanDuration, localIso } from '../../../core/clock.js';
import { ifPresent } from '../../../core/errno.js';
import { displayPath } from '../../../core/paths.js';
import { jsonText, printable, printableLine } from '../../../core/text.js';
import { type RunBrief, RunRow, readProgramError, readTail } from '../../../results/index.js';
import { badNodes, hasEnded } from '../../../runs/index.js';
import { currentJobId, type Run, runPaths, wentWrong } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { storeWords } from '../../launching/go-on.js';
import { badNodeText } from '../../output/bad-node-text.js';
import { errorLine, failureKind } from '../../output/failures.js';
import { runData } from '../../output/run-data.js';
import { type Paint, painter, statusStyle } from '../../output/style.js';
import { idsText } from '../../selecting/outcome.js';
import { namedRuns } from '../../selecting/selection.js';
import type { ReportOptions } from './spec.js';

/** The number of last lines of each log that are shown. */
const tailLines = 20;

/**
 * `mlx report [RUNS]`: prints what runs did: command, place, time, output. Runs that failed alike are one
 * report.
 */
export async function run(parsed: ParsedArgs<ReportOptions>, io: Io): Promise<number> {
  const { options } = parsed;
  refuseTogether(options, 'output', 'errors');
  for (const option of ['output', 'errors', 'full', 'each'] as const) refuseTogether(options, 'usage', option);
  const { store, view, runs, isNamed } = await namedRuns(parsed, io);
  const readNow = (id: number) => view.read(id);
  const briefs = runs.filter(
    (brief) => (isNamed || hasEnded(brief)) && (!options.errorsOnly || wentWrong(brief.status)),
  );
  if (options.usage) {
    const { reportUsage } = await import('./report-usage.js');
    const whole = briefs.flatMap(({ id }) => readNow(id) ?? []).filter((one) => one.kind === 'run');
    return reportUsage(store, whole, io, options.json);
  }
  if (options.json) {
    const pages = briefs.flatMap(({ id }) => pageData(readNow(id), options) ?? []);
    io.stdout.write(`${jsonText(pages)}\n`);
    return 0;
  }
  if (briefs.length === 0) io.stderr.write('no run matched\n');
  const paint = painter(io.stdout, io.env);
  for (const [first, ...alike] of groupsOf(briefs, options.each)) {
    if (!first) continue;
    io.stdout.write(
      `${pageText(first.id, readNow(first.id), options, { cwd: io.cwd, paint })}${alikeText(first, alike, paint)}\n`,
    );
  }
  const whole = briefs.flatMap(({ id, status }) => (wentWrong(status) ? (readNow(id) ?? []) : []));
  const found = await badNodes(
    store,
    whole.filter((one) => one.kind === 'run'),
  );
  const where = await storeWords(store, io);
  for (const bad of found) io.stdout.write(`${badNodeText(bad, where)}\n`);
  return 0;
}

/**
 * Groups runs that failed with one kind of error; every other run is a group of its own. Ordered by first
 * run.
 */
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

/** Returns the logs to show, by name, with their lines. */
function logsOf(directory: string, options: ReportOptions): [name: string, lines: readonly string[]][] {
  const logs: [string, string][] = [
    ...(options.errors ? [] : [['stdout', runPaths.stdout(directory)] satisfies [string, string]]),
    ...(options.output ? [] : [['stderr', runPaths.stderr(directory)] satisfies [string, string]]),
  ];
  return logs.map(([name, path]) => [
    name,
    options.full
      ? (ifPresent(() => readFileSync(path, 'utf8')) ?? '').replace(/\n$/, '').split('\n')
      : readTail(path, tailLines),
  ]);
}

/** How a report is printed: paths are shown from `cwd`. */
interface PageStyle {
  readonly cwd: string;
  readonly paint: Paint;
}

function pageText(id: number, found: Run | undefined, options: ReportOptions, { cwd, paint }: PageStyle): string {
  if (found?.kind !== 'run') return `run ${id}  ${found?.kind ?? 'gone'}\n`;
  const { columns, times } = new RunRow(found);
  const { status, directory, job, attempt } = found;
  const error = readProgramError(found, attempt);
  const facts: [string, string][] = [
    ['error', error ? errorLine(error) : ''],
    ['command', String(columns.get('info.command') ?? columns.get('info.current_file_path') ?? '')],
    ['point', found.overrides.join(' ')],
    [
      'where',
      [columns.get('info.hostname'), job && job.engine !== 'here' ? `${job.engine} ${currentJobId(found) ?? ''}` : '']
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
    ['directory', displayPath(directory, cwd)],
  ];
  const reason = status.reason === undefined ? '' : `  ${printableLine(status.reason)}`;
  const head = `run ${id}  ${paint(statusStyle(status.status), status.status)}${reason}\n`;
  const lines = facts
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `  ${paint('dim', name.padEnd(10))} ${printableLine(text)}\n`);
  const written = logsOf(directory, options);
  // The error is shown by itself only if the ends of the logs do not have it.
  const isShown = written.some(([, end]) => end.some((line) => line.includes(error?.text ?? '')));
  const excerpt: [string, readonly string[]][] = error && !isShown ? [['error', error.lines]] : [];
  const logs = [...excerpt, ...written].flatMap(([name, written]) =>
    written.filter((line) => line !== '').length === 0
      ? []
      : [`  ${paint('dim', name)}\n`, ...written.map((line) => `    ${printable(line)}\n`)],
  );
  return `${head}${lines.join('')}${logs.join('')}`;
}

function pageData(found: Run | undefined, options: ReportOptions): object | undefined {
  if (found?.kind !== 'run') return found && runData(found);
  return { ...runData(found), ...Object.fromEntries(logsOf(found.directory, options)) };
}

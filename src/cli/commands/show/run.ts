import { readFileSync } from 'node:fs';
import type { ParsedArgs } from '../../../arguments/index.js';
import { humanDuration, localIso } from '../../../core/clock.js';
import { ifPresent } from '../../../core/errno.js';
import { displayPath } from '../../../core/paths.js';
import { jsonText, printable, printableLine } from '../../../core/text.js';
import { type LastMetrics, lastMetricsOf, RunRow, readLogTail, readProgramError } from '../../../results/index.js';
import { requireRunNow } from '../../../runs/index.js';
import {
  type CompleteRun,
  currentJobId,
  readAttempt,
  readLostMetrics,
  readSteps,
  runPaths,
  type StepRecord,
} from '../../../store/index.js';
import { EngineAsker } from '../../../tracking/index.js';
import type { Io } from '../../grammar/command.js';
import { dependencyText } from '../../output/dependency-text.js';
import { errorLine } from '../../output/failures.js';
import { lostText, metricText } from '../../output/metrics-text.js';
import { runData } from '../../output/run-data.js';
import { painter, statusStyle } from '../../output/style.js';
import { oneRunWord } from '../../selecting/selection.js';
import { storeOf } from '../../selecting/store.js';
import { warnOfDamage } from '../../selecting/warn-of-damage.js';
import { warnOfTroubles } from '../../selecting/warn-of-troubles.js';
import type { ShowOptions } from './spec.js';

const errorLines = 15;

/** `mlx show ID`: prints all that is known of one run. */
export async function run({ positionals, options }: ParsedArgs<ShowOptions>, io: Io): Promise<number> {
  const id = oneRunWord(positionals, 'show');
  const view = new EngineAsker(await storeOf(options, io.cwd));
  const asked = await requireRunNow(view.store, id, io.cwd, view);
  const [found = asked] = await view.askQueuePositions([asked]);
  warnOfTroubles(view, io);
  const metrics = lastMetricsOf(found.directory);
  const row = new RunRow(found);
  warnOfDamage(row.problem, io);
  if (options.json) {
    const columns = Object.fromEntries([...row.columns].filter(([, value]) => value !== undefined));
    const lost = readLostMetrics(found.directory);
    const lacking = lost.length === 0 ? {} : { lost_metrics: lost };
    io.stdout.write(`${jsonText({ ...runData(found), columns, ...metricData(metrics), ...lacking })}\n`);
    return 0;
  }
  io.stdout.write(pageOf(row, metrics, io));
  return 0;
}

/** Returns metrics as JSON, with `earlier` if some values are from an earlier attempt. */
function metricData({ values, earlier }: LastMetrics): object {
  const metrics = Object.fromEntries(values);
  return earlier.size === 0 ? { metrics } : { metrics, earlier: Object.fromEntries(earlier) };
}

function pageOf(row: RunRow, { values, earlier }: LastMetrics, io: Io): string {
  const paint = painter(io.stdout, io.env);
  const { run: found, columns } = row;
  const { status, directory, overrides, job } = found;
  const jobId = currentJobId(found);
  const { seconds } = row.times;
  const error = readProgramError(found, found.attempt);
  const facts: [string, string][] = [
    [
      'status',
      paint(statusStyle(status.status), status.status) + (status.reason ? `  ${printableLine(status.reason)}` : ''),
    ],
    ['error', error ? errorLine(error) : ''],
    ['caused by', error?.cause ?? ''],
    ['command', printableLine(String(columns.get('info.command') ?? columns.get('info.current_file_path') ?? ''))],
    ['point', printableLine(overrides.join(' '))],
    ['directory', printableLine(displayPath(directory, io.cwd))],
    ['work dir', printableLine(String(columns.get('info.work_dir') ?? ''))],
    ['code', codeText((name) => columns.get(`info.version_manager.${name}`))],
    ['host', printableLine(String(columns.get('info.hostname') ?? ''))],
    ['engine', [job?.engine, jobId && `job ${jobId}`].filter(Boolean).join(', ')],
    ['expected', startText(found)],
    ['name', printableLine(job?.name ?? '')],
    ['launch', job ? `@${job.launch}, point ${job.point}` : ''],
    ['after', job?.after ? dependencyText(job.after) : ''],
    ['time', seconds === undefined ? '' : humanDuration(seconds)],
  ];
  const sections = [
    facts
      .filter(([, text]) => text !== '')
      .map(([name, text]) => `${paint('dim', name.padEnd(10))} ${text}\n`)
      .join(''),
    section('attempts', attemptLines(found)),
    section(
      'config',
      (ifPresent(() => readFileSync(runPaths.config(directory), 'utf8')) ?? '')
        .replace(/^\.\.\.\n$/m, '')
        .trimEnd()
        .split('\n'),
    ),
    section(
      'last metrics',
      [...values].map(([name, value]) => {
        const attempt = earlier.get(name);
        return `${name}: ${metricText(value)}${attempt === undefined ? '' : `  (of attempt ${attempt})`}`;
      }),
    ),
    section(
      'lost metrics',
      readLostMetrics(directory).map(
        ({ log, attempt, lines }) => `${lostText(lines, `metrics/${log}.json`)}  (of attempt ${attempt})`,
      ),
    ),
    error
      ? section('what it said', error.lines)
      : status.status === 'COMPLETE'
        ? ''
        : section('last lines of its output', readLogTail(directory, errorLines)),
  ];
  return `run ${found.id}\n${sections.join('')}`;

  function section(title: string, lines: readonly string[]): string {
    const body = lines.filter((line) => line !== '').map((line) => `  ${printable(line)}\n`);
    return body.length === 0 ? '' : `${paint('dim', title)}\n${body.join('')}`;
  }
}

/**
 * Returns when a waiting job is expected to start, and its position in the queue; '' if the engine does not
 * say.
 */
function startText({ engine }: CompleteRun): string {
  const { expectedStart, queuePosition: position } = engine ?? {};
  const parts = [
    expectedStart === undefined ? '' : `start at ${localIso(new Date(expectedStart * 1000))}`,
    position ? `place ${position.place} of ${position.of} in the queue` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Returns which version of the code the run used; '' if the version was not fixed. */
function codeText(entry: (name: string) => unknown): string {
  const commit = entry('commit_hash');
  if (typeof commit !== 'string') return '';
  const branch = entry('branch');
  const what = entry('snapshot') === true ? 'snapshot' : 'commit';
  const left = entry('dirty') === true ? '; metadata/uncommitted.patch has what it does not hold' : '';
  return printableLine(`${what} ${commit.slice(0, 10)}${branch ? ` of ${branch}` : ''}${left}`);
}

function attemptLines({ directory, attempt }: CompleteRun): string[] {
  return Array.from({ length: attempt?.number ?? 0 }, (_, i) => i).flatMap((i) => {
    const { number, claim, end, received } = readAttempt(directory, i + 1);
    const parts = [
      `${number}`,
      claim ? localIso(new Date(claim.start * 1000)) : 'no start on record',
      claim?.byHand ? 'by hand' : '',
      claim?.process ? `on ${claim.process.host} as process ${claim.process.pid}` : '',
      end ? `exit code ${end.exitCode}` : 'no end on record',
      received.length > 0 ? `was sent ${received.join(', ')}` : '',
      end?.overTime ? 'at its time limit' : '',
    ];
    return [parts.filter((part) => part !== '').join('  '), ...readSteps(directory, number).map(stepLine)];
  });
}

function stepLine(step: StepRecord): string {
  if ('doneIn' in step) return `   step ${step.name}  done in attempt ${step.doneIn}`;
  const { name, start, end, exitCode } = step;
  const time = end === undefined ? 'no end on record' : humanDuration(end - start);
  return `   step ${name}  ${time}${exitCode ? `  exit code ${exitCode}` : ''}`;
}

import { localIso } from '../../core/clock.js';
import { plural } from '../../core/words.js';
import { plainJson } from '../../expression/index.js';
import { recordProblemText } from '../../failures/index.js';
import { type RunResult, readProgramError } from '../../results/index.js';
import { currentJobId, type Run, readAttempt } from '../../store/index.js';
import { listArtifacts } from '../run-files.js';
import type { AttemptLine, Cell, RunAnswer, RunLine } from '../wire.js';

/** All that is known about one run. `followLinks` lists artifacts that lie elsewhere. */
export async function runAnswer(
  line: Omit<RunLine, 'cells' | 'earlier'>,
  run: Run,
  result: RunResult | undefined,
  followLinks: boolean,
): Promise<RunAnswer> {
  const whole = run.kind === 'run' ? run : undefined;
  const columns = [...(result?.columns ?? [])];
  const under = (prefix: string) =>
    columns.flatMap(([name, value]): [string, Cell][] =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), plainJson(value) as Cell]] : [],
    );
  const info = under('info.');
  const entry = (name: string) => String(info.find(([key]) => key === name)?.[1] ?? '');
  const { files, more } = await listArtifacts({ directory: run.directory, followLinks });
  const job = whole?.job;
  const jobId = whole && currentJobId(whole);
  const error = whole && readProgramError(whole, whole.attempt);
  const { expectedStart } = whole?.engine ?? {};
  const facts: [string, string][] = [
    ['directory', run.directory],
    ['work dir', entry('work_dir')],
    ['host', entry('hostname')],
    ['engine', [job?.engine, jobId && `job ${jobId}`].filter(Boolean).join(', ')],
    ['expected', expectedStart === undefined ? '' : `start at ${localIso(new Date(expectedStart * 1000))}`],
    ['launch', job ? `@${job.launch}, point ${job.point}` : ''],
    ['commit', entry('version_manager.commit_hash')],
  ];
  return {
    ...line,
    directory: run.directory,
    command: entry('command') || entry('current_file_path'),
    overrides: whole?.overrides ?? [],
    facts: facts.filter(([, value]) => value !== '' && value !== 'null'),
    config: under('config.'),
    info,
    metrics: [...(result?.metrics ?? [])].map(([name, { last, min, max, count, nan, earlier = null }]) => {
      const [lastCell, minCell, maxCell] = [last, min, max].map((value) => plainJson(value as number) as Cell);
      return { name, last: lastCell ?? null, min: minCell ?? null, max: maxCell ?? null, count, nan, earlier };
    }),
    attempts: whole?.job ? attemptLines(run.directory, whole.attempt?.number ?? 0) : [],
    artifacts: files,
    moreArtifacts: more,
    error: error ? { text: error.text, place: error.place ?? null, lines: error.lines } : null,
    problems: [
      ...(run.kind === 'damaged' ? [`${run.path}: ${recordProblemText(run.problem)}`] : []),
      ...brokenFiles(result),
    ],
  };
}

function attemptLines(directory: string, count: number): AttemptLine[] {
  return Array.from({ length: count }, (_, i) => {
    const { number, claim, end, received } = readAttempt(directory, i + 1);
    const notes = [
      claim?.byHand ? 'by hand' : '',
      received.length > 0 ? `was sent ${received.join(', ')}` : '',
      end?.overTime ? 'at its time limit' : '',
      end?.outOfMemory ? 'out of memory' : '',
      end?.step === undefined ? '' : `in step ${end.step}`,
    ];
    return {
      number,
      start: claim ? claim.start * 1000 : null,
      seconds: claim && end ? Math.max(0, end.end - claim.start) : null,
      where: claim?.process ? `${claim.process.host}, process ${claim.process.pid}` : null,
      exitCode: end?.exitCode ?? null,
      notes: notes.filter((note) => note !== ''),
    };
  });
}

function brokenFiles(result: RunResult | undefined): string[] {
  return (result?.problems ?? []).map(({ file, lines, torn, lost }) => {
    const parts = [
      lines.length === 0 ? '' : `lines ${lines.slice(0, 5).join(', ')}${lines.length > 5 ? ', …' : ''} are no JSON`,
      torn ? 'it ends in half a line' : '',
      lost > 0 ? `it lacks ${plural(lost, 'line')} that could not be written` : '',
    ];
    return `${file}: ${parts.filter((part) => part !== '').join('; ')}; the rest is used`;
  });
}

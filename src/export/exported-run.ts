import type { ExpressionValue } from '../expression/index.js';
import { type MetricLine, type RunResult, RunRow, readMetricLogs, usualSteps } from '../results/index.js';
import type { CompleteRun, Status } from '../store/index.js';

/** The values of a metric of a run by step. Steps are whole numbers. */
interface ExportedSeries {
  /** The name of the metrics file, such as `train`, and the key in it, such as `loss`. */
  readonly log: string;
  readonly key: string;
  /** Values may be NaN or infinite. */
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

/** The parts of a run that other tools can show. */
export interface ExportedRun {
  readonly id: number;
  readonly directory: string;
  readonly status: Status;
  /** `run 3 lr=0.1 seed=2`. It is the same in each export. */
  readonly name: string;
  /** The values of its config by dotted key. */
  readonly config: ReadonlyMap<string, ExpressionValue>;
  readonly info: ReadonlyMap<string, ExpressionValue>;
  /** The words of its overrides. */
  readonly overrides: readonly string[];
  /** Milliseconds since 1970; 0 if not known. */
  readonly start: number;
  /** Milliseconds since 1970; undefined if not known. */
  readonly end: number | undefined;
  readonly series: readonly ExportedSeries[];
  /** The number of logged values that are no numbers, and so in no series. */
  readonly leftOut: number;
}

/** Reads the metrics of a run, and returns it with its results in the form for an export. */
export function exportedRun(run: CompleteRun, result: RunResult): ExportedRun {
  const { start, seconds } = new RunRow(run).times;
  const begin = start?.getTime() ?? 0;
  const logs = [...readMetricLogs(run.directory, result.attempts)].map(([log, { lines }]) => seriesOfLog(log, lines));
  return {
    id: run.id,
    directory: run.directory,
    status: run.status.status,
    name: [`run ${run.id}`, ...run.overrides].join(' '),
    config: under('config.', result.columns),
    info: under('info.', result.columns),
    overrides: run.overrides,
    start: begin,
    end: start && seconds !== undefined ? Math.round(begin + seconds * 1000) : undefined,
    series: logs.flatMap(({ series }) => series),
    leftOut: logs.reduce((sum, { leftOut }) => sum + leftOut, 0),
  };
}

const under = (prefix: string, columns: RunResult['columns']) =>
  new Map(
    [...columns].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])),
  );

/**
 * Returns the series of a log by the first usual step key that every line has as a whole number, else by line
 * number.
 */
function seriesOfLog(log: string, lines: readonly MetricLine[]): { series: ExportedSeries[]; leftOut: number } {
  const along = usualSteps.find((step) => lines.every((line) => Number.isSafeInteger(line[step])));
  const series = new Map<string, ExportedSeries['points'][number][]>();
  let leftOut = 0;
  lines.forEach((line, i) => {
    const step = along === undefined ? i + 1 : Number(line[along]);
    for (const [key, value] of Object.entries(line)) {
      if (key === along || key === '_attempt') continue;
      if (typeof value !== 'number') {
        leftOut++;
        continue;
      }
      const points = series.get(key) ?? [];
      series.set(key, points);
      points.push({ step, value });
    }
  });
  return { series: [...series].map(([key, points]) => ({ log, key, points })), leftOut };
}

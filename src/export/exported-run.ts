import type { ExpressionValue } from '../expression/index.js';
import { type MetricLine, type RunResult, RunRow, readMetricLogs, usualSteps } from '../results/index.js';
import type { CompleteRun, Status } from '../store/index.js';

/** A metric of a run along its steps, which are whole numbers. */
export interface ExportedSeries {
  /** The metrics file, `train`, and the key in it, `loss`. */
  readonly log: string;
  readonly key: string;
  /** Values may be NaN and infinite. */
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

/** What of a run other tools have a place for. */
export interface ExportedRun {
  readonly id: number;
  readonly directory: string;
  readonly status: Status;
  /** `run 3 lr=0.1 seed=2`: with its overrides, so that it is the same in each export. */
  readonly name: string;
  /** Leaves of its config by dotted keys. */
  readonly config: ReadonlyMap<string, ExpressionValue>;
  readonly info: ReadonlyMap<string, ExpressionValue>;
  /** The words of its overrides. */
  readonly overrides: readonly string[];
  /** In milliseconds since 1970; 0 where it is not known. */
  readonly start: number;
  readonly end: number | undefined;
  readonly series: readonly ExportedSeries[];
  /** How many logged values are no numbers, and have no place in a series. */
  readonly leftOut: number;
}

/** Reads a run for an export. */
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

/** Along the first of the usual steps of which each line has a whole one, else along the lines, from 1. */
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

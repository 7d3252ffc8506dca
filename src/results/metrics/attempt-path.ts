import type { MetricLine } from './parse-text.js';
import { usualSteps } from './steps.js';

/** A line of a metrics file, and the attempt that wrote it. */
export interface AttemptLine {
  readonly record: MetricLine;
  readonly attempt: number;
}

/** The lines of a metrics file that count. */
export interface KeptLines {
  readonly lines: readonly AttemptLine[];
  /**
   * The attempt that wrote them, if the last attempt has not written to the file and may have started over.
   */
  readonly earlier: number | undefined;
}

/** What the metrics of a run need to know about its attempts. */
export interface AttemptsOfRun {
  /** The last attempt, whether it has ended or not. */
  readonly last: number;
  /** Those that loaded a checkpoint through a client: it has set aside the lines that no longer count. */
  readonly continued: ReadonlySet<number>;
  /**
   * Those that skipped steps done by an earlier attempt: files that they did not write may belong to those
   * steps.
   */
  readonly skippedSteps: ReadonlySet<number>;
}

/**
 * The lines on the way to the last attempt, by file: see "Runs with several attempts" in docs/reading.md. The
 * Python client has the same rule (mlxattempts.py).
 */
export function linesOnTheWay(
  files: ReadonlyMap<string, readonly AttemptLine[]>,
  { last, continued, skippedSteps }: AttemptsOfRun,
): Map<string, KeptLines> {
  const kept = new Map([...files.keys()].map((name): [string, AttemptLine[]] => [name, []]));
  const ascending = new Map([...files].map(([name, lines]) => [name, withoutLate(lines)]));
  const attempts = new Set([...ascending.values()].flatMap((lines) => lines.map(({ attempt }) => attempt)));
  let fitted = new Set<string>();
  for (const attempt of [...attempts].sort((a, b) => a - b)) {
    const own = new Map(
      [...ascending].map(([name, lines]) => [name, lines.filter((line) => line.attempt === attempt)]),
    );
    fitted = new Set(kept.keys());
    if (!continued.has(attempt)) fitted = setAside(kept, own, skippedSteps.has(attempt));
    for (const [name, lines] of own) for (const line of lines) kept.get(name)?.push(line);
  }
  const marks = !continued.has(last) && !skippedSteps.has(last);
  return new Map(
    [...kept].map(([name, lines]) => {
      const latest = lines.at(-1)?.attempt ?? last;
      const isCurrent = latest === last || (attempts.has(last) && fitted.has(name));
      return [name, { lines, earlier: marks && !isCurrent ? latest : undefined }];
    }),
  );
}

/** Drops lines that follow a line of a later attempt: a process that was believed dead wrote them. */
function withoutLate(lines: readonly AttemptLine[]): AttemptLine[] {
  let latest = 0;
  return lines.filter(({ attempt }) => {
    if (attempt < latest) return false;
    latest = attempt;
    return true;
  });
}

type Files = ReadonlyMap<string, AttemptLine[]>;

/**
 * Removes from the kept lines those that an attempt did not continue from; with `keepsOthers`, only in files
 * that it has written. Returns the names of the files in which a step decided.
 */
function setAside(kept: Files, own: Files, keepsOthers: boolean): Set<string> {
  const cuts = firstSteps(own);
  const fitted = new Set<string>();
  for (const [name, lines] of kept) {
    const added = own.get(name) ?? [];
    if (added.length === 0 && keepsOthers) continue;
    const common = usualSteps.filter((key) => cuts.has(key) && hasStep(lines, key));
    const keys = added.length === 0 ? common : common.filter((key) => hasStep(added, key));
    const key = finest(keys, [...lines, ...added]);
    if (key === undefined) {
      if (added.length > 0) lines.length = 0;
      continue;
    }
    const begin = cuts.get(key) ?? 0;
    lines.length = 1 + lines.findLastIndex(({ record }) => (stepOf(record, key) ?? begin) < begin);
    fitted.add(name);
  }
  return fitted;
}

/** By step key: the smallest step with which an attempt began a file. */
function firstSteps(own: Files): Map<string, number> {
  const first = new Map<string, number>();
  for (const lines of own.values()) {
    for (const key of usualSteps) {
      const line = lines.find(({ record }) => stepOf(record, key) !== undefined);
      const step = line && stepOf(line.record, key);
      if (step !== undefined) first.set(key, Math.min(step, first.get(key) ?? step));
    }
  }
  return first;
}

/**
 * The step key that fits best: it descends least often within an attempt; then it has the most distinct
 * values; then it comes first. A key that descends as often as it ascends is no step but, say, a speed.
 * Undefined if none fits.
 */
function finest(keys: readonly string[], lines: readonly AttemptLine[]): string | undefined {
  let best: { readonly key: string; readonly descents: number; readonly distinct: number } | undefined;
  for (const key of keys) {
    let descents = 0;
    let ascents = 0;
    let before: { readonly step: number; readonly attempt: number } | undefined;
    const values = new Set<number>();
    for (const { record, attempt } of lines) {
      const step = stepOf(record, key);
      if (step === undefined) continue;
      if (before?.attempt === attempt && step < before.step) descents++;
      if (before?.attempt === attempt && step > before.step) ascents++;
      before = { step, attempt };
      values.add(step);
    }
    const distinct = values.size;
    if (descents > 0 && descents >= ascents) continue;
    if (!best || descents < best.descents || (descents === best.descents && distinct > best.distinct)) {
      best = { key, descents, distinct };
    }
  }
  return best?.key;
}

const hasStep = (lines: readonly AttemptLine[], key: string) =>
  lines.some(({ record }) => stepOf(record, key) !== undefined);

function stepOf(record: MetricLine, key: string): number | undefined {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

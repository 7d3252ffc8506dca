import { printableLine } from '../../core/text.js';
import { kindOf, type RunValues } from './kind.js';
import { type Found, isNoise, isSummary, linesOfLastAttempt, type Weight } from './lines.js';
import { lastWords, messageError } from './messages.js';
import { isLibraryFile, joinCauses, pythonError } from './python.js';
import { isLibraryFrame, juliaError, rError, stackError } from './stacks.js';

/** Why a program failed, as it said it. */
export interface ProgramError {
  /** On one line: `ValueError: bad seed 9`. */
  readonly text: string;
  /** Where in the user's code: `train.py:12`. */
  readonly place: string | undefined;
  /** What errors of one kind have in common: the text without its values. */
  readonly kind: string;
  /** The error that led to this one. */
  readonly cause: string | undefined;
  /** The error as it stands in the log, without frames of libraries. */
  readonly lines: readonly string[];
}

/** What is known of the run whose logs are read. */
export interface ErrorContext extends RunValues {
  /** Directories that places are shown relative to. */
  readonly roots: readonly string[];
  /** Counted only if this sure: a program that was killed has not said why. */
  readonly sure: 'verdict' | 'exception' | 'any';
}

const mostText = 300;
const mostLines = 12;
const mostMessageLines = 3;

/** An exception without a message is known by where it was raised, except these, which may come anywhere. */
const placeless: ReadonlySet<string> = new Set(['MemoryError', 'KeyboardInterrupt', 'Killed', 'Aborted', 'Terminated']);

const recognisers = [pythonError, stackError, juliaError, rError, messageError];
const order: readonly Weight[] = ['verdict', 'exception', 'aside', 'guess', 'summary'];
const accepted: Readonly<Record<ErrorContext['sure'], readonly Weight[]>> = {
  verdict: ['verdict'],
  exception: ['verdict', 'exception', 'aside'],
  any: order,
};

/**
 * Finds why a program failed, in the ends of its logs, the more telling log first (stderr, stdout): an error that is certain in any of
 * them, else the last words of the first that holds anything.
 */
export function findProgramError(logs: readonly string[], context: ErrorContext): ProgramError | undefined {
  const read = logs.map(linesOfLastAttempt);
  const weights = accepted[context.sure];
  const certain = read.map((lines) => ({ lines, found: findCertain(lines, weights) }));
  const best = bestOf(certain.flatMap(({ lines, found }) => (found ? { lines, found } : [])));
  if (best) return errorOf(best.lines, best.found, context);
  const spoken = read.find((lines) => lines.some((line) => line.trim() !== ''));
  const found = spoken && lastWords(spoken);
  return found && weights.includes(found.weight) ? errorOf(spoken, found, context) : undefined;
}

/** The heaviest; of those that weigh the same the one in the log that comes first. */
function bestOf<T extends { readonly found: Found }>(all: readonly T[]): T | undefined {
  return order.flatMap((weight) => all.filter(({ found }) => found.weight === weight))[0];
}

/** The last of the surest errors in a log; of several processes that fail together, the one that a launcher says failed first. */
function findCertain(lines: readonly string[], weights: readonly Weight[]): Found | undefined {
  const all: Found[] = [];
  for (let i = 0; i < lines.length; i++) {
    const found = recognise(lines, i);
    if (!found) continue;
    all.push(found);
    // Among the lines of one process are those of others.
    if (found.prefix === undefined) i = Math.max(i, found.end);
  }
  const sure = joinCauses(all).filter(({ weight }) => weight !== 'summary' && weights.includes(weight));
  const weight = order.find((one) => sure.some((found) => found.weight === one));
  const heaviest = sure.filter((found) => found.weight === weight);
  const root = rootRank(lines);
  return (
    heaviest.findLast(({ prefix }) => root !== undefined && prefix?.startsWith(`[rank${root}]`)) ?? heaviest.at(-1)
  );
}

function recognise(lines: readonly string[], i: number): Found | undefined {
  for (const recogniser of recognisers) {
    const found: Found | undefined = recogniser(lines, i);
    if (found) return found;
  }
  return undefined;
}

/** The rank that torchrun's summary names as the first that failed. */
function rootRank(lines: readonly string[]): string | undefined {
  const at = lines.findLastIndex((line) => /^Root Cause \(first observed failure\):/.test(line));
  return at < 0
    ? undefined
    : /^\s+rank\s+: (\d+)/.exec(lines.slice(at).find((line) => /^\s+rank\s+: /.test(line)) ?? '')?.[1];
}

function errorOf(lines: readonly string[], found: Found, context: ErrorContext): ProgramError {
  const text = oneLine(found.text);
  const place = found.place && shortPlace(found.place, context.roots);
  const kind = kindOf(text, context);
  const isBare = /^[\p{L}_][\p{L}\p{N}_.<>]*$/u.test(text) && !placeless.has(text);
  return {
    text,
    place,
    kind: isBare && place ? `${kind} ${place}` : kind,
    cause: found.cause === undefined ? undefined : oneLine(found.cause),
    lines: excerpt(lines, found),
  };
}

/** What torch adds about memory, and any message that does not end, is cut. */
function oneLine(text: string): string {
  const line = printableLine(text.replace(/(Tried to allocate \S+ \w+\.?).*/, '$1').replace(/\s+/g, ' ')).trim();
  return line.length > mostText ? `${line.slice(0, mostText - 1)}…` : line;
}

function shortPlace(place: string, roots: readonly string[]): string {
  const path = place.startsWith('file://') ? unescaped(place.slice('file://'.length)) : place;
  const root = roots.find((one) => path.startsWith(`${one}/`));
  return root === undefined ? path : path.slice(root.length + 1);
}

/** A URL's path as a file name; as it is where it is no URL's. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The lines of an error without frames of libraries; of many the first and those beside the error. */
function excerpt(lines: readonly string[], found: Found): string[] {
  const kept: { readonly line: string; readonly isError: boolean }[] = [];
  let isLeftOut: boolean = false;
  for (let k = found.start; k <= messageEnd(lines, found); k++) {
    const line = lines[k] ?? '';
    if (line.trim() === '' || !line.startsWith(found.prefix ?? '')) continue;
    const [, indent, file] = /^(.*?)File "(.+?)", line \d+/.exec(line) ?? [];
    const isUnderFrame: boolean =
      isLeftOut && indent === undefined && /^[\s|]*\s{4}/.test(line) && !/^\s+at /.test(line);
    isLeftOut = file !== undefined ? isLibraryFile(file) : isLibraryFrame(line) || (isUnderFrame && k !== found.at);
    if (!isLeftOut) kept.push({ line, isError: k === found.at });
    else if (kept.at(-1)?.line.trim() !== '…') kept.push({ line: `${indent ?? '    '}…`, isError: false });
  }
  const texts = kept.map(({ line }) => line);
  if (texts.length <= mostLines) return texts;
  const error = kept.findIndex(({ isError }) => isError);
  if (error < mostLines - 1) return [...texts.slice(0, mostLines - 1), '    …'];
  const last = Math.min(texts.length, error + 1 + mostMessageLines);
  const from = last - (mostLines - 2);
  // Not in the middle of a frame.
  const frame = texts.findIndex((line, k) => k >= from && k < error && /^[\s|]*File "/.test(line));
  return [...texts.slice(0, 1), '  …', ...texts.slice(frame < 0 ? from : frame, last)];
}

/** A message of several lines, or notes on an exception, go on below its first line. */
function messageEnd(lines: readonly string[], { weight, at, end }: Found): number {
  if (weight !== 'exception' || end > at) return end;
  const after = lines.slice(at + 1, at + 1 + mostMessageLines);
  const stop = after.findIndex((line) => line.trim() === '' || isNoise(line) || isSummary(line));
  return at + (stop < 0 ? after.length : stop);
}

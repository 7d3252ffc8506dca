import { printableLine } from '../../core/text.js';
import { kindOf, type RunValues } from './kind.js';
import { type Found, isNoise, isSummary, linesOfLastAttempt, type Weight } from './lines.js';
import { lastWords, messageError } from './messages.js';
import { isLibraryFile, joinCauses, pythonError } from './python.js';
import { isLibraryFrame, juliaError, rError, stackError } from './stacks.js';

/** Why a program failed, in its own words. */
export interface ProgramError {
  /** On one line: `ValueError: bad seed 9`. */
  readonly text: string;
  /** The line of the user's code: `train.py:12`. Undefined if unknown. */
  readonly place: string | undefined;
  /** The text without its values: errors of one kind have the same. */
  readonly kind: string;
  /** The error that led to this one. */
  readonly cause: string | undefined;
  /** The error's lines in the log, without frames of libraries. */
  readonly lines: readonly string[];
}

/** What is known about the run whose logs are read. */
export interface ErrorContext extends RunValues {
  /** Source files below these directories are shown relative to them. */
  readonly roots: readonly string[];
  /** The least certainty that counts: a program that was killed has not said why. */
  readonly sure: 'verdict' | 'exception' | 'any';
}

const mostText = 300;
const mostLines = 12;
const mostMessageLines = 3;

/**
 * The kind of an exception without a message includes where it was raised, except for these, which can be
 * raised anywhere.
 */
const withoutPlace: ReadonlySet<string> = new Set([
  'MemoryError',
  'KeyboardInterrupt',
  'Killed',
  'Aborted',
  'Terminated',
]);

const recognisers = [pythonError, stackError, juliaError, rError, messageError];
const order: readonly Weight[] = ['verdict', 'exception', 'aside', 'guess', 'summary'];
const accepted: Readonly<Record<ErrorContext['sure'], readonly Weight[]>> = {
  verdict: ['verdict'],
  exception: ['verdict', 'exception', 'aside'],
  any: order,
};

/**
 * Finds why a program failed in the ends of its logs, given in the order stderr, stdout. A certain error in
 * any of them wins; else the last line of the first log that is not empty. Undefined if nothing is certain
 * enough.
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

/** The error with the most weight; of equal ones, that of the first log. */
function bestOf<T extends { readonly found: Found }>(all: readonly T[]): T | undefined {
  return order.flatMap((weight) => all.filter(({ found }) => found.weight === weight))[0];
}

/**
 * The last of the most certain errors in a log. If several processes failed together, the error of the one
 * that the launcher reports as the first to fail.
 */
function findCertain(lines: readonly string[], weights: readonly Weight[]): Found | undefined {
  const all: Found[] = [];
  for (let i = 0; i < lines.length; i++) {
    const found = recognise(lines, i);
    if (!found) continue;
    all.push(found);
    // With a prefix, the lines of other processes are in between.
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

/** The rank that torchrun's summary reports as the first to fail. */
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
  const isBare = /^[\p{L}_][\p{L}\p{N}_.<>]*$/u.test(text) && !withoutPlace.has(text);
  return {
    text,
    place,
    kind: isBare && place ? `${kind} ${place}` : kind,
    cause: found.cause === undefined ? undefined : oneLine(found.cause),
    lines: excerpt(lines, found),
  };
}

/** The text on one line, without torch's details about memory, and cut if it is very long. */
function oneLine(text: string): string {
  const line = printableLine(text.replace(/(Tried to allocate \S+ \w+\.?).*/, '$1').replace(/\s+/g, ' ')).trim();
  return line.length > mostText ? `${line.slice(0, mostText - 1)}…` : line;
}

function shortPlace(place: string, roots: readonly string[]): string {
  const path = place.startsWith('file://') ? unescaped(place.slice('file://'.length)) : place;
  const root = roots.find((one) => path.startsWith(`${one}/`));
  return root === undefined ? path : path.slice(root.length + 1);
}

/** Decodes a URL's path; returns it unchanged if it is not a valid one. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * The lines of an error without frames of libraries. If they are many: the first and those around the error.
 */
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
  // Start at the beginning of a frame.
  const frame = texts.findIndex((line, k) => k >= from && k < error && /^[\s|]*File "/.test(line));
  return [...texts.slice(0, 1), '  …', ...texts.slice(frame < 0 ? from : frame, last)];
}

/** The last line of an error, with further lines of its message and notes on the exception. */
function messageEnd(lines: readonly string[], { weight, at, end }: Found): number {
  if (weight !== 'exception' || end > at) return end;
  const after = lines.slice(at + 1, at + 1 + mostMessageLines);
  const stop = after.findIndex((line) => line.trim() === '' || isNoise(line) || isSummary(line));
  return at + (stop < 0 ? after.length : stop);
}

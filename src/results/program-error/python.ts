import { type Found, isSummary, joinedMessage, type Weight } from './lines.js';

// The forms are those of CPython 3.8 to 3.13, captured (test/fixtures/errors).

const header = /^(.*?)Traceback \(most recent call last\):\s*$/;
const frame = /^(\s*)File "(.+?)", line (\d+)(?:, in .*)?$/;
/** A class with its modules, as Python's `traceback` prints it, and the message. */
const exception =
  /^((?:[\p{L}_][\p{L}\p{N}_]*|<locals>)(?:\.(?:[\p{L}_][\p{L}\p{N}_]*|<locals>))*(?:\([\w.]+\))?)(?::(?: (.*))?)?$/u;

/** Foreign lines that a traceback may contain if two processes write to one log. */
const mostStrays = 20;
const mostLines = 5000;
const deepestGroup = 5;
/** The most lines if the heading is missing: frames further down can be the beginning, too. */
const mostLinesHeadless = 100;

/** Exceptions that only say that another process, which printed its own, has failed. */
const wrappers =
  /(?:^|\.)(?:CalledProcessError|ChildFailedError|_?RemoteTraceback|ProcessExitedException|ProcessRaisedException)$/;
/** Exceptions that are a consequence of the end of the program or of another process. */
const asides = /(?:^|\.)(?:KeyboardInterrupt|SystemExit|GeneratorExit|CancelledError)$/;
const fromNeighbours = /\b(?:Connection (?:closed|reset) by (?:remote )?peer|Broken pipe|NCCL|Gloo|TCPStore)\b/i;
/** Lines that Python prints above a traceback that did not end the program. */
const notFatal =
  /^(?:Exception in thread |Exception ignored |Task exception was never retrieved|--- Logging error ---|Unraisable exception)/;
const directCause = 'The above exception was the direct cause of the following exception:';

/** Whether a file is not the user's: part of the standard library or an installed package. */
export const isLibraryFile = (file: string): boolean =>
  /[\\/](?:site|dist)-packages[\\/]|[\\/]lib(?:64)?[\\/](?:python|pypy)[\d.]+[\\/]|^<frozen |[\\/]bin[\\/](?:torchrun|accelerate|deepspeed)$/.test(
    file,
  );

interface Frame {
  readonly file: string;
  readonly line: string;
}

/**
 * The error of the traceback that begins at line `i`, with or without its heading; undefined if there is
 * none.
 */
export function pythonError(lines: readonly string[], i: number, depth = 0): Found | undefined {
  const line = lines[i] ?? '';
  if (line.startsWith('Fatal Python error: ')) return fatalError(lines, i);
  const [, before] = header.exec(line) ?? [];
  if (before === undefined && !frame.test(line)) return undefined;
  const margin = marginOf(before ?? '', lines.slice(i + 1, i + 1 + mostStrays));
  const isGroup = /Exception Group $/.test(before ?? '');
  const frames: Frame[] = [];
  let base = margin === '' ? (/^\s*/.exec(before ?? '')?.[0].length ?? 0) : 0;
  let strays = 0;
  for (
    let k = before === undefined ? i : i + 1;
    k < Math.min(lines.length, i + (before === undefined ? mostLinesHeadless : mostLines));
    k++
  ) {
    const raw = lines[k] ?? '';
    if (margin !== '' && !raw.startsWith(margin)) {
      // The margin of a group ends with the group; any other line without it is from another process.
      if (isGroup) return undefined;
      continue;
    }
    const text = raw.slice(margin.length);
    const found = frame.exec(text);
    if (found) {
      const [, indent = '', file = '', number = ''] = found;
      base = Math.max(0, indent.length - 2);
      frames.push({ file, line: number });
      continue;
    }
    const indent = /^\s*/.exec(text)?.[0].length ?? 0;
    if (text.trim() === '' || indent > base) continue;
    if (header.test(text)) return undefined;
    if (isSummary(text) || /^(?:srun|slurmstepd[\w.-]*): /.test(text)) continue;
    const [, name, message] = exception.exec(text.trim()) ?? [];
    const isException = name !== undefined && (frames.length > 0 || /(?:Error|Exception|Exit|Interrupt)$/.test(name));
    if (isException) return foundAt(lines, { start: i, at: k, name, message, margin, frames, isGroup, depth });
    if (++strays > mostStrays) return undefined;
  }
  return undefined;
}

/** The prefix of all lines of a traceback: that of a process, or the rule beside an exception group. */
function marginOf(before: string, below: readonly string[]): string {
  const group = /^(\s*)\+ Exception Group $/.exec(before);
  const margin = group ? `${group[1]}| ` : before.replace(/Exception Group $/, '');
  return margin.trim() !== '' && below.some((line) => line.startsWith(margin)) ? margin : '';
}

interface Traceback {
  readonly start: number;
  readonly at: number;
  readonly name: string;
  /** Undefined for an exception without one. */
  readonly message: string | undefined;
  readonly margin: string;
  readonly frames: readonly Frame[];
  readonly isGroup: boolean;
  /** How many exception groups it is within. */
  readonly depth: number;
}

function foundAt(lines: readonly string[], traceback: Traceback): Found {
  const { start, at, name, message, margin, frames, isGroup, depth } = traceback;
  const next = lines[at + 1] ?? '';
  const joined =
    message === undefined ? '' : joinedMessage(message, next.startsWith(margin) ? next.slice(margin.length) : '');
  const text = joined === '' ? name : `${name}: ${joined}`;
  const { prefix } = margin.trim() === '' || margin.includes('|') ? { prefix: undefined } : { prefix: margin };
  const own: Found = { weight: weightOf(lines, traceback), start, at, end: at, text, place: placeOf(frames), prefix };
  if (isGroup) return withFirstOfGroup(lines, own, depth);
  return { ...own, isCaused: chainedTo(lines, start) };
}

function weightOf(lines: readonly string[], { start, name, message = '' }: Traceback): Weight {
  if (wrappers.test(name)) return 'summary';
  const above = lines.slice(Math.max(0, start - 2), start);
  const isAside = asides.test(name) || fromNeighbours.test(message) || above.some((line) => notFatal.test(line));
  return isAside ? 'aside' : 'exception';
}

/** Whether Python says that the traceback above line `start` is the cause of the one there. */
function chainedTo(lines: readonly string[], start: number): boolean {
  return lines.slice(Math.max(0, start - 2), start).some((line) => line.endsWith(directCause));
}

/** The deepest frame of the user's own code, else the deepest of all. */
function placeOf(frames: readonly Frame[]): string | undefined {
  const own = frames.findLast(({ file }) => !isLibraryFile(file)) ?? frames.at(-1);
  return own && `${own.file}:${own.line}`;
}

/** Takes text and place of an exception group from its first exception. */
function withFirstOfGroup(lines: readonly string[], group: Found, depth: number): Found {
  const after = lines.slice(group.at + 1).findIndex((line) => !/^\s*[|+]/.test(line));
  const end = after < 0 ? lines.length - 1 : group.at + after;
  const opening = lines.findIndex((line, k) => k > group.at && k <= end && /^\s*\+-\+-+ 1 -+$/.test(line));
  if (opening < 0) return { ...group, end };
  const first = depth < deepestGroup ? pythonError(lines, opening + 1, depth + 1) : undefined;
  const bare = /^\s*\| (.*)$/.exec(lines[opening + 1] ?? '')?.[1];
  const text = first?.text ?? bare;
  return {
    ...group,
    at: first?.at ?? group.at,
    end,
    text: text ? `${group.text}: ${text}` : group.text,
    place: first?.place ?? group.place,
  };
}

/** `Fatal Python error: Segmentation fault`, by `faulthandler`: its frames follow, the deepest first. */
function fatalError(lines: readonly string[], i: number): Found {
  const end = lines.findIndex((line, k) => k > i + 2 && line.trim() === '');
  const frames = lines.slice(i, end < 0 ? undefined : end).flatMap((line) => {
    const [, file, number] = /^\s+File "(.+)", line (\d+) in /.exec(line) ?? [];
    return file && number ? { file, line: number } : [];
  });
  const text = (lines[i] ?? '').trim();
  return {
    weight: 'exception',
    start: i,
    at: i,
    end: end < 0 ? lines.length - 1 : end,
    text,
    place: placeOf(frames.reverse()),
  };
}

/**
 * Adds their causes to errors. An exception that is raised again in another process keeps its first place.
 */
export function joinCauses(found: readonly Found[]): Found[] {
  return found.map((one, k) => {
    const before = found[k - 1];
    if (!one.isCaused || !before) return one;
    if (before.text !== one.text) return { ...one, cause: before.text };
    return { ...one, start: before.start, at: before.at, end: before.end, place: before.place };
  });
}

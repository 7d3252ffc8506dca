import { type Found, joinedMessage, nextFilled } from './lines.js';

// Node 16 to 22 and R 4.2: captured (test/fixtures/errors). Java: the Java Language Specification's
// Throwable.printStackTrace. Julia: "Stack traces" of the Julia manual.

const nodeFrame = /^\s+at .*(?:\([^)]*\)|:\d+)/;
const omittedFrames = /^\s+\.\.\. \d+ (?:lines matching|more)/;
const sourcePlace = /^((?:file:\/\/\/|\/|node:|[A-Za-z]:\\|\[eval\]|\[worker eval\]).*):(\d+)$/;
const carets = /^\s*\^+\s*$/;
const errorName =
  /^(?:Uncaught |Exception in thread "[^"]*" |\[)?[A-Za-z_$][\w$.]*(?:Error|Exception|Rejection|Fault)\b/;
const anyName = /^(?:Uncaught |\[)?[A-Z_$][\w$.]*(?: \[\w+\])?(?::|$)/;
const mostMessageLines = 30;
/** Most lines between R's error and `Execution halted`, or of the object below Node's error. */
const mostLinesBelow = 200;

/** Whether a frame is not the user's: in Node's or Java's own modules, or an installed package. */
export const isLibraryFrame = (line: string): boolean =>
  nodeFrame.test(line) && /node:|[\\/]node_modules[\\/]|<anonymous>\)?$|\bat (?:new )?(?:java|jdk|sun)\./.test(line);

/**
 * The error that begins at line `i`: one that ended a Node program, or one printed with its stack, as by
 * Java. Undefined if there is none.
 */
export function stackError(lines: readonly string[], i: number): Found | undefined {
  const [, file, number] = sourcePlace.exec(lines[i] ?? '') ?? [];
  const caret = file === undefined ? -1 : lines.slice(i + 1, i + 5).findIndex((line) => carets.test(line));
  if (caret >= 0) {
    const at = nextFilled(lines, i + caret + 2);
    if (at !== undefined) return stackAt(lines, { start: i, at, place: `${file}:${number}` });
  }
  // Without frames below, such a line is an ordinary message.
  if (!errorName.test(lines[i] ?? '') && !anyName.test(lines[i] ?? '')) return undefined;
  const end = messageEnd(lines, i);
  return nodeFrame.test(lines[end + 1] ?? '') ? stackAt(lines, { start: i, at: i, place: undefined }) : undefined;
}

/** The last line of the message that begins at `at`: before frames, an empty line or another error. */
function messageEnd(lines: readonly string[], at: number): number {
  for (let k = at + 1; k < Math.min(lines.length, at + mostMessageLines); k++) {
    const line = lines[k] ?? '';
    if (nodeFrame.test(line) || /^Node\.js v|^\(Use `node /.test(line)) return k - 1;
    if (line.trim() === '' && !nodeFrame.test(lines[k + 1] ?? '') && !isFollowedByFrames(lines, k)) return k - 1;
    if (k > at && errorName.test(line)) return k - 1;
  }
  return at;
}

/** Whether frames follow an empty line: `assert` has empty lines in its messages. */
const isFollowedByFrames = (lines: readonly string[], k: number) =>
  lines.slice(k + 1, k + 12).some((line) => nodeFrame.test(line)) &&
  !lines.slice(k + 1, k + 12).some((line) => errorName.test(line));

function stackAt(
  lines: readonly string[],
  { start, at, place }: { start: number; at: number; place: string | undefined },
): Found {
  const first = (lines[at] ?? '').replace(/ \{$/, '').replace(/^\[(.*)\]$/, '$1');
  const bottom = messageEnd(lines, at);
  const message = lines[bottom === at ? at : (nextFilled(lines, at + 1) ?? at)];
  const head = bottom > at || first.endsWith(':') ? joinedMessage(first, message) : first;
  let end = bottom;
  while (
    nodeFrame.test(lines[end + 1] ?? '') ||
    omittedFrames.test(lines[end + 1] ?? '') ||
    /^Caused by: /.test(lines[end + 1] ?? '')
  )
    end++;
  // The error's other properties: `{ code: …, [cause]: … }`.
  if (/ \{$/.test(lines[end] ?? '')) {
    const close = lines.slice(end + 1, end + 1 + mostLinesBelow).findIndex((line) => line.startsWith('}'));
    end += close + 1;
  }
  const block = lines.slice(at, end + 1);
  const isWrapper = /^Error: Command failed: /.test(head);
  return {
    weight: isWrapper ? 'summary' : /^\w*Warning\b/.test(head) ? 'summary' : 'exception',
    start,
    at,
    // The message contains the failed command's own output, which is read on its own.
    end: isWrapper ? at : end,
    text: `${plainText(head)}${firstOfSeveral(block)}`,
    place: ownPlace(place, block, head),
    cause: causeOf(block),
  };
}

/** What was thrown, without the fixed words around it. */
function plainText(head: string): string {
  const [, reason] =
    /^UnhandledPromiseRejection: This error originated .* The promise rejected with the reason (.*?)\.?$/.exec(head) ??
    [];
  if (reason !== undefined) return `UnhandledPromiseRejection: ${reason}`;
  return head.replace(/^(?:Uncaught |Exception in thread "[^"]*" )/, '').trim();
}

/** `: Error: …` for the first error of an AggregateError; empty for any other. */
function firstOfSeveral(block: readonly string[]): string {
  const opening = block.findIndex((line) => /^ {2}\[errors\]: \[$/.test(line));
  const first = opening < 0 ? undefined : block[opening + 1]?.trim();
  return first ? `: ${first}` : '';
}

function causeOf(block: readonly string[]): string | undefined {
  const causes = block.flatMap((line) => /^(?:\s+\[cause\]|Caused by): (.*?)(?: \{)?$/.exec(line)?.[1] ?? []);
  return causes.at(-1);
}

/** The place in the user's own code: the line that Node shows, else the first frame outside of libraries. */
function ownPlace(shown: string | undefined, block: readonly string[], head: string): string | undefined {
  const isOwn = (place: string) => !/^node:|[\\/]node_modules[\\/]/.test(place);
  if (shown !== undefined && isOwn(shown)) return shown;
  for (const line of block) {
    if (!nodeFrame.test(line) || isLibraryFrame(line)) continue;
    const [, file, number] =
      /(?:\(|at (?:async )?)((?:file:\/\/\/|\/|[A-Za-z]:\\)[^()]*?|\w+\.(?:java|kt|scala)):(\d+)(?::\d+)?\)?(?: \{|,)?$/.exec(
        line,
      ) ?? [];
    if (file !== undefined) return `${file}:${number}`;
  }
  return / imported from (.+)$/.exec(head)?.[1] ?? (shown !== undefined && isOwn(shown) ? shown : undefined);
}

/**
 * An error of R: `Error in f(9) : bad seed 9`; or of rlang: `Error in \`f()\`:` with `! bad seed 9` below.
 */
export function rError(lines: readonly string[], i: number): Found | undefined {
  const line = lines[i] ?? '';
  const [, call, location, message = ''] =
    /^Error(?: in (.+?))?(?: \((?:from|at) (\S+?#\d+)\))? ?: ?(.*)$/.exec(line) ?? [];
  const isError = call !== undefined || /^Error ?:/.test(line);
  if (!isError) return undefined;
  const below = lines.slice(i + 1, i + 1 + mostLinesBelow).findIndex((one) => one.startsWith('Execution halted'));
  if (below < 0) return undefined;
  const halted = i + 1 + below;
  const next = (lines[i + 1] ?? '').replace(/^! /, '');
  const whole = joinedMessage(message, halted === i + 1 ? '' : next);
  return {
    weight: 'exception',
    start: i,
    at: i,
    end: halted - 1,
    text: call === undefined ? `Error: ${whole}` : `Error in ${call} : ${whole}`,
    place: location?.replace('#', ':'),
  };
}

const juliaFrame = /^\s+(?:@ (?:\S+ )?|\[\d+\] .* at )(\S+?):(\d+)(?: \[inlined\])?$/;

/** An error of Julia: `ERROR: LoadError: bad seed 9`, with its `Stacktrace:` below. */
export function juliaError(lines: readonly string[], i: number): Found | undefined {
  const [, message] = /^ERROR: (.*)$/.exec(lines[i] ?? '') ?? [];
  const trace =
    message === undefined
      ? -1
      : lines.slice(i, i + 50).findIndex((line) => /^Stacktrace:$|^in expression starting at /.test(line));
  if (message === undefined || trace < 0) return undefined;
  let end = i + trace;
  // Without frames, Julia prints no heading.
  while (/^\s+\[\d+\]|^\s+@ |^in expression starting at |^\s+⋮/.test(lines[end + 1] ?? '')) end++;
  const places = lines.slice(i, end + 1).flatMap((line) => {
    const [, file = '', number] = juliaFrame.exec(line) ?? [];
    const isLibrary = /^\.\/|\/\.julia\/|\/share\/julia\/|^~\/\.julia\//.test(file);
    return number === undefined || isLibrary ? [] : `${file}:${number}`;
  });
  const [, starting] = /^in expression starting at (.*)$/.exec(lines[end] ?? '') ?? [];
  return {
    weight: 'exception',
    start: i,
    at: i,
    end,
    text: joinedMessage(message, lines[i + 1]),
    place: places[0] ?? starting,
  };
}

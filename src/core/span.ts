import sortedLastIndex from 'lodash/sortedLastIndex.js';

/** A parsed text, and its name for people (`configs/config.yaml`, `override`). */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/**
 * A part of a source; `offset` and `length` count UTF-16 units. Line, column and caret are computed when it
 * is printed.
 */
export interface Span {
  readonly source: Source;
  readonly offset: number;
  readonly length: number;
}

/** The span of a value that no text contains. */
export const nowhere: Span = { source: { name: 'the config', text: '' }, offset: 0, length: 0 };

/** The line and column of a span (from 1, in code points), and the whole line on which it starts. */
interface Location {
  readonly line: number;
  readonly column: number;
  readonly lineText: string;
  /** The part of `lineText` before the span, for drawing a caret by display width. */
  readonly before: string;
  /** The part of `lineText` that the span covers; empty at the end of a line. */
  readonly covered: string;
}

/** Returns the line and column of a span. */
export function locate({ source, offset, length }: Span): Location {
  const { text } = source;
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const lineEnd = newline === -1 ? text.length : newline;
  const before = text.slice(lineStart, offset);
  return {
    line: sortedLastIndex(lineStarts(source), lineStart),
    column: [...before].length + 1,
    lineText: text.slice(lineStart, lineEnd).replace(/\r$/, ''),
    before,
    covered: text.slice(offset, Math.min(offset + length, lineEnd)),
  };
}

const startsOfLines = new WeakMap<Source, readonly number[]>();

/** Returns the offsets at which the lines of a source start. A source is asked for many of its spans. */
function lineStarts(source: Source): readonly number[] {
  const known = startsOfLines.get(source);
  if (known) return known;
  const starts = [0];
  for (let at = source.text.indexOf('\n'); at !== -1; at = source.text.indexOf('\n', at + 1)) starts.push(at + 1);
  startsOfLines.set(source, starts);
  return starts;
}

import type { Source, Span } from '../core/span.js';
import { fail, type ProblemOf } from '../failures/index.js';
import type { BatchEngine } from './engine.js';
import type { HeaderDialect } from './header.js';

/** What a script's header asks for. */
export interface Header {
  /** Native options, one per item, in order. */
  readonly options: readonly string[];
  /** Options that are left out because mlx sets the same for each run. */
  readonly replaced: readonly string[];
  /** The job's working directory, as written. */
  readonly directory: string | undefined;
  readonly shell: string | undefined;
  /** The lines that were read. */
  readonly lines: readonly Span[];
  /** Lines that look like options, but stand where the engine does not read them. */
  readonly unread: readonly Span[];
}

/**
 * Returns the lines that an engine reads options from, and lines after the first command (`headEnd`, an
 * offset in the text) that it does not read.
 */
export function headerLines(
  { line, anywhere }: HeaderDialect,
  source: Source,
  headEnd: number,
): { readonly read: readonly Span[]; readonly unread: readonly Span[] } {
  const read: Span[] = [];
  const unread: Span[] = [];
  let offset = 0;
  for (const text of source.text.split('\n')) {
    const counts = anywhere || offset < headEnd;
    if (line.test(text)) (counts ? read : unread).push({ source, offset, length: text.length });
    offset += text.length + 1;
  }
  return { read, unread };
}

/**
 * Reads the header of a script as an engine does. Throws `bad-directive` for a line that the engine would
 * reject or misread, and for options that make no sense if each point is a job of its own.
 */
export function readHeader(engine: BatchEngine, source: Source, headEnd: number): Header {
  const { header: dialect, nativeOptions, title } = engine;
  const nothing = { options: [], replaced: [], directory: undefined, shell: undefined, lines: [], unread: [] };
  if (!dialect) return nothing;
  const { read, unread } = headerLines(dialect, source, headEnd);
  const options: string[] = [];
  const replaced: string[] = [];
  let directory: string | undefined;
  let shell: string | undefined;
  for (const span of read) {
    const refuse = (problem: ProblemOf<'bad-directive'>) =>
      fail({ reason: 'bad-directive', span, engine: title, problem });
    const line = source.text.slice(span.offset, span.offset + span.length);
    const parted = dialect.split((dialect.line.exec(line)?.[1] ?? '').trim());
    if (typeof parted === 'string') return refuse({ kind: 'said', words: parted });
    if (!isOptions(parted)) return refuse(parted);
    for (const option of parted) {
      const [, given] = dialect.directory?.exec(option) ?? [];
      const [, path] = dialect.shell?.exec(option) ?? [];
      if (given !== undefined) directory = unquoted(given);
      else if (path !== undefined) shell = unquoted(path);
      else if (dialect.replaced.test(option)) replaced.push(option);
      else if (dialect.array.test(option)) refuse({ kind: 'array' });
      else if (nativeOptions.reserved?.test(option)) refuse({ kind: 'unfit-for-points' });
      else options.push(option);
    }
  }
  return { options, replaced, directory, shell, lines: read, unread };
}

const isOptions = (parted: readonly string[] | ProblemOf<'bad-directive'>): parted is readonly string[] =>
  Array.isArray(parted);

const unquoted = (text: string) => text.trim().replace(/^(["'])(.*)\1$/s, '$2');

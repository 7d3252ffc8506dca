import { flatMetrics, type MetricValue, parseJson, parseMetricLine } from '../../store/index.js';

/** What was logged together: values by key. */
export type MetricLine = Readonly<Record<string, MetricValue>>;

/** The text of a metrics file, parsed. */
export interface MetricText {
  readonly lines: readonly MetricLine[];
  /** The offset at which each line begins. Lines from one JSON document have the document's offsets. */
  readonly starts: readonly number[];
  /** The offset at which each line ends. */
  readonly ends: readonly number[];
  /** Numbers of lines, from 1, that are no JSON objects; they are skipped. */
  readonly broken: readonly number[];
  /** Whether it ends in a part of a line or document: one that is still being written, or was cut short. */
  readonly torn: boolean;
}

/** For a text whose offsets must be byte offsets: each of its characters is one byte. */
interface TextOffsets {
  /** Turns a part of such a text into real text. */
  readonly decode?: (part: string) => string;
  /** Offsets at which a later attempt may have continued the file in the middle of a line. */
  readonly cuts?: readonly number[];
}

type Found = { -readonly [Key in keyof MetricText]: MetricText[Key] extends readonly (infer T)[] ? T[] : boolean };

const nothing = (): Found => ({ lines: [], starts: [], ends: [], broken: [], torn: false });

/**
 * Parses JSON lines or JSON documents. An array of objects becomes one line per object. An object of arrays
 * of equal length (Keras's history) becomes one line per index. Any other object becomes one line.
 */
export function parseMetricText(text: string, offsets: TextOffsets = {}): MetricText {
  const begin = text.startsWith('\ufeff') ? 1 : text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0;
  const first = /[^ \t\r\n]/g;
  first.lastIndex = begin;
  const at = first.exec(text)?.index;
  if (at === undefined) return nothing();
  if (text[at] === '[') return readDocuments(text, at, offsets);
  const end = text.indexOf('\n', at);
  const opening = text.slice(at, end === -1 ? undefined : end).replace(/[ \t\r]+$/, '');
  if (opening === '{') return readDocuments(text, at, offsets);
  const lines = readLines(text, begin, offsets);
  if (lines.torn || lines.broken.length > 0) {
    const startsBroken = text[at] === '{' && (lines.starts[0] ?? text.length) > at;
    const documents = startsBroken ? readDocuments(text, at, offsets) : undefined;
    return documents && !documents.torn && documents.broken.length === 0 ? documents : lines;
  }
  return lines.lines.length === 1 ? splitColumns(lines) : lines;
}

function readLines(text: string, begin: number, { decode, cuts = [] }: TextOffsets): Found {
  const found = nothing();
  const take = (start: number, end: number): boolean => {
    const part = text.slice(start, end);
    const line = parseMetricLine(decode ? decode(part) : part);
    if (!line) return false;
    found.lines.push(line);
    found.starts.push(start);
    found.ends.push(end);
    return true;
  };
  let number = 0;
  for (let at = begin; at < text.length; ) {
    const next = text.indexOf('\n', at);
    const end = next === -1 ? text.length : next;
    const start = at;
    number++;
    at = end + 1;
    if (isBlank(text, start, end) || take(start, end)) continue;
    // An attempt may have been killed within this line, and the next one have appended to it.
    const inside = cuts.filter((cut) => cut > start && cut < end);
    const bounds = [start, ...new Set([...inside].sort((a, b) => a - b)), end];
    const parts = bounds.slice(1).filter((bound, i) => !take(bounds[i] ?? bound, bound));
    if (parts.length === 0) continue;
    // An unfinished last line may still be completed.
    if (next === -1) found.torn = true;
    else found.broken.push(number);
  }
  return found;
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) > 32) return false;
  return true;
}

/** Parses JSON values that follow each other; each may span several lines. */
function readDocuments(text: string, begin: number, { decode }: TextOffsets): Found {
  const found = nothing();
  let number = 1 + countLines(text, 0, begin);
  let values = 0;
  const token = /"(?:[^"\\]|\\.)*"|[[\]{}"]|[^ \t\r\n"[\]{}]+/gs;
  token.lastIndex = begin;
  let depth = 0;
  let start = begin;
  let counted = begin;
  const isBroken = () => {
    number += countLines(text, counted, start);
    counted = start;
    if (found.broken.at(-1) !== number) found.broken.push(number);
  };
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [sign] = match;
    if (depth === 0) start = match.index;
    if (sign === '[' || sign === '{') depth++;
    else if (depth === 0) isBroken();
    else if (sign === ']' || sign === '}') depth--;
    else continue;
    if (depth > 0 || (sign !== ']' && sign !== '}')) continue;
    values++;
    const end = match.index + 1;
    const part = text.slice(start, end);
    const value = parseJson(decode ? decode(part) : part);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one !== 'object' || one === null || Array.isArray(one)) {
        isBroken();
        continue;
      }
      found.lines.push(flatMetrics(one));
      found.starts.push(start);
      found.ends.push(end);
    }
  }
  found.torn = depth > 0;
  const isAlone = values === 1 && found.lines.length === 1 && text[found.starts[0] ?? 0] === '{';
  return isAlone && !found.torn && found.broken.length === 0 ? splitColumns(found) : found;
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Splits a single line of arrays, `{"loss": [3, 2], "acc": [0.1, 0.2]}`, into two lines. */
function splitColumns(found: Found): Found {
  const [line] = found.lines;
  const columns = Object.entries(line ?? {}).filter(([key]) => key !== '_attempt') as [string, unknown][];
  const [first] = columns;
  const length = Array.isArray(first?.[1]) ? first[1].length : 0;
  const isTable = length > 0 && columns.every(([, values]) => Array.isArray(values) && values.length === length);
  if (!isTable) return found;
  const attempt = line?.['_attempt'];
  const lines = Array.from({ length }, (_, i) => {
    const entries = columns.map(([key, values]) => [key, (values as unknown[])[i]]);
    return flatMetrics(Object.fromEntries(attempt === undefined ? entries : [...entries, ['_attempt', attempt]]));
  });
  const repeated = (which: readonly number[]) => lines.map(() => which[0] ?? 0);
  return { ...found, lines, starts: repeated(found.starts), ends: repeated(found.ends) };
}

import { overrideTexts } from '../columns/overrides.js';

/** Values of a run that may be part of an error's text. */
export interface RunValues {
  readonly directory: string;
  readonly overrides: readonly string[];
  /** The host that it ran on. */
  readonly host?: string | undefined;
}

const blank = '#';

/** Parts of any text that are values; each becomes `#`. The order matters: longer ones first. */
const values: readonly RegExp[] = [
  // Universally unique ids, addresses.
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  /\b0x[0-9a-f]+\b/gi,
  // Dates and times of day.
  /\b\d{4}-\d\d-\d\d(?:[T _]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?/g,
  /\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b/g,
  // Hosts with ports.
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
  /\b(?:[a-z][\w-]*\.)*[a-z][\w-]*:\d{4,5}\b/gi,
  // Shapes, `3x4`, then amounts and plain numbers; then hashes; digits that are part of a name (`conv1`)
  // stay.
  /(?<![\p{L}\d_])\d+(?:x\d+)+\b/gu,
  /(?<![\p{L}\d_])[-+]?(?:\d[\d_]*(?:,\d{3})*(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?(?:\s?(?:[KMGTP]i?B|bytes|%))?(?![\p{L}\d_])/giu,
  /\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,64}\b/g,
  /(?<![\p{L}\d_])\d+(?=[\p{L}_])/gu,
  /(?<==\s?|: )[-+]?(?:nan|inf|infinity|NaN|Infinity)\b/g,
];

/** The node in Slurm's messages: `ON n1 CANCELLED`, `srun: error: n1: task 0`. */
const slurmNode = /(?<=\bON )\S+(?= CANCELLED)|(?<=\berror: )\S+(?=: tasks? )/g;

/** A path in a message, with or without quotes. */
const path =
  /(?:file:\/\/)?(?:~|\.{1,2}|[\w.@#-]*)(?:\/[^\s'"`:,;()<>[\]]+)+|[\w.@#-]+\.(?:npz|npy|pth?|ckpt|h5|hdf5|csv|tsv|jsonl?|ya?ml|txt|pkl|pickle|parquet|png|jpe?g|mat|bin|dat|gz|zip|tar|log|safetensors|tfrecord|root|nc)\b/g;
const temporary = /^(?:file:\/\/)?(?:\/var)?\/tmp\/|^\/dev\/shm\/|\/tmp[\w-]{6,}\/|^\/var\/folders\//;

/**
 * The text of an error without its values: errors of one kind have the same. Quoted names stay (`KeyError:
 * 'lr'` is not `KeyError: 'wd'`) unless they are values of the run's own overrides.
 */
export function kindOf(text: string, run: RunValues): string {
  // Keep the name of the exception.
  const [head = ''] = /^[\p{L}_][\p{L}\p{N}_.<>:]*?(?: \[\w+\])?: /u.exec(text) ?? [];
  const owned = withoutOwn(text.slice(head.length), run);
  const short = owned.replace(path, withoutPathValues).replace(slurmNode, blank);
  const blanked = values.reduce((rest, value) => rest.replace(value, blank), short);
  // Lists of values differ in length, and torch adds details about memory.
  const whole = blanked.replace(/#(?:\s*[,x×]\s*#)+,?/g, blank).replace(/(Tried to allocate #).*/, '$1');
  return `${head}${whole}`;
}

/** Removes the run's directory, its host and the values of its overrides. */
function withoutOwn(text: string, { directory, overrides, host }: RunValues): string {
  const given = [...overrideTexts(overrides)].map(([key, value]) => ({
    key,
    value: value.replace(/^(['"])(.*)\1$/, '$2'),
  }));
  let rest = text.replaceAll(directory, blank);
  if (host !== undefined && host !== '') rest = rest.replace(wordOf(host), blank);
  for (const { key, value } of given) {
    if (value === '') continue;
    // The key with its value: `seed9`, `seed_9`.
    const name = key.split(/[./@]/).at(-1) ?? key;
    rest = rest.replace(
      new RegExp(`(?<![\\p{L}\\d])(${escaped(name)}[-_=]?)${escaped(value)}(?![\\p{L}\\d])`, 'gu'),
      `$1${blank}`,
    );
    if (/^[-+.\d]/.test(value) && Number.isFinite(Number(value))) continue;
    rest = rest.replace(value.length > 2 ? wordOf(value) : delimited(value), blank);
  }
  return rest;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const wordOf = (text: string) => new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(text)}(?![\\p{L}\\p{N}_])`, 'gu');
/** Matches a short word only in quotes, after `=` or at the end: elsewhere it can be anything. */
const delimited = (text: string) =>
  new RegExp(`(?<=['"\`=])${escaped(text)}(?=['"\`]|$)|(?<=\\s)${escaped(text)}$`, 'gu');

/** Blanks the numbers of a path. For a path in a temporary directory, only its last part stays. */
function withoutPathValues(found: string): string {
  const numberless = (text: string) => text.replace(/\d+/g, blank);
  if (!temporary.test(found)) return numberless(found);
  const parts = found.split('/').filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  const isRandom = parts.length < 3 || /^tmp[\w]{6,}$/.test(last);
  return isRandom ? blank : `${blank}/${numberless(last)}`;
}

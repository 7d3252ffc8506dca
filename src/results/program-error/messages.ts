import { type Found, isNoise, isSummary, joinedMessage, type Weight, withoutBanners } from './lines.js';

interface MessageRule {
  readonly weight: Weight;
  /** Named groups: `text`, `file` and `line`. */
  readonly find: RegExp;
  /** Whether the message may be on the next line. */
  readonly continues?: boolean;
}

/** Errors that are one line; the first rule that matches wins. Each says where its text comes from. */
const rules: readonly MessageRule[] = [
  // Slurm 22.05, captured; older words from slurm.schedmd.com's FAQ.
  {
    weight: 'verdict',
    find: /slurmstepd[\w.-]*: error: (?:\*\*\* )?(?<text>(?:JOB|STEP) \S+ ON \S+ CANCELLED AT \S+ DUE TO [A-Z ]*[A-Z])/,
  },
  { weight: 'verdict', find: /slurmstepd[\w.-]*: error: (?<text>Detected \d+ oom[-_]kill event.*)/ },
  {
    weight: 'verdict',
    find: /slurmstepd[\w.-]*: error: (?<text>(?:Exceeded (?:job|step) memory limit|Job \S+ exceeded memory limit).*)/,
  },
  { weight: 'verdict', find: /srun: error: \S+: tasks? [\d,[\]-]+: (?<text>Out Of Memory)/ },
  // The kernel's, as dmesg(1) has it.
  { weight: 'verdict', find: /(?<text>(?:Out of memory|Memory cgroup out of memory): Killed process .*)/ },
  // C++: libstdc++ 12, captured; libc++.
  { weight: 'exception', find: /^(?<text>terminate called .*)/ },
  {
    weight: 'exception',
    find: /^libc\+\+abi: (?:terminating due to |terminating with )uncaught exception of type (?<text>.*)/,
  },
  { weight: 'exception', find: /^(?:\S+: )?(?<file>[^\s:]+):(?<line>\d+): .*?(?<text>Assertion [`'].*' failed\.?)/ },
  { weight: 'exception', find: /^(?<text>Assertion failed: .*), file (?<file>\S+), line (?<line>\d+)\.?$/ },
  // glibc 2.36's malloc and fortify, captured in part.
  {
    weight: 'exception',
    find: /^(?<text>(?:double free or corruption|free\(\): |malloc\(\): |realloc\(\): |malloc_consolidate\(\): |munmap_chunk\(\): |corrupted (?:size|double)|\*\*\* (?:stack smashing|buffer overflow) detected).*)/,
  },
  { weight: 'exception', find: /^(?:=+\d+=+)ERROR: (?<text>\w+Sanitizer: .*)/ },
  { weight: 'exception', find: /^(?<file>[^\s:]+):(?<line>\d+):\d+: (?<text>runtime error: .*)/ },
  // bash 5.2 of a command that a signal ended, captured.
  {
    weight: 'exception',
    find: /^(?:(?<file>\S.*?): line (?<line>\d+): +\d+ )(?<text>Segmentation fault|Bus error|Floating point exception|Illegal instruction|Killed)\b/,
  },
  {
    weight: 'exception',
    find: /^(?<text>(?:Segmentation fault|Bus error|Floating point exception|Illegal instruction|Killed)(?: \(core dumped\))?)$/,
  },
  { weight: 'exception', find: /^(?<text>Program received signal SIG\w+: .*)/ },
  // Rust, Go, Perl, Ruby, gfortran: their manuals.
  {
    weight: 'exception',
    find: /^thread '.*' (?:\(\d+\) )?panicked at (?:'(?<text>.*)', )?(?<file>[^\s:]+):(?<line>\d+):\d+:?$/,
    continues: true,
  },
  { weight: 'exception', find: /^(?<text>panic: .*)/ },
  { weight: 'exception', find: /^(?<text>Fortran runtime error: .*)/ },
  { weight: 'exception', find: /^(?<file>[^\s:]+\.rb):(?<line>\d+):in [`'].*?': (?<text>.*)/ },
  { weight: 'exception', find: /^(?<text>\S.*) at (?<file>\S+\.p[lm]) line (?<line>\d+)\.$/ },
  // argparse, which prints its usage above.
  {
    weight: 'exception',
    find: /^(?<text>\S+(?: \S+)?: error: (?:argument|the following arguments|unrecognized arguments|ambiguous option|one of the arguments|expected) .*)/,
  },
];

/** The error in the single line `i`; undefined if there is none. */
export function messageError(lines: readonly string[], i: number): Found | undefined {
  const line = (lines[i] ?? '').trimEnd();
  for (const { weight, find, continues } of rules) {
    const { groups } = find.exec(line) ?? {};
    if (!groups) continue;
    const { text = '', file, line: number } = groups;
    const next = lines[i + 1] ?? '';
    const [, what] = /^ {2}what\(\): {2}(.*)$/.exec(next) ?? [];
    const end = what !== undefined || (continues && text === '') ? i + 1 : i;
    const whole = continues && text === '' ? next.trim() : thrownText(text, what);
    return { weight, start: i, at: i, end, text: whole, place: file && `${file}:${number}` };
  }
  return undefined;
}

/** `std::runtime_error: bad seed 9`. */
function thrownText(text: string, what: string | undefined): string {
  const [, type] = /^terminate called after throwing an instance of '(.*)'$/.exec(text) ?? [];
  return type !== undefined && what !== undefined ? `${type}: ${what}` : text;
}

/** The message of bash and dash about a failed line of a script, captured. */
const shellLine = /^(?<file>\S[^:]*)(?:: line |: )(?<line>\d+): (?<text>.+)$/;
/** A line that is logged as an error, or begins with that word. */
const errorLine = /^(?:\S+[ :]\s*){0,4}?\[?(?:ERROR|CRITICAL|FATAL|[Ee]rror|[Ff]atal|[Pp]anic)\b\]?[ :]/;
const timestamp = /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?(?: - |\s*[|:]\s*|\s+)?/;

/** Among this many last lines, one that says "error" wins over the last one. */
const linesBelowAnError = 3;
const linesOfContext = 7;

/** The last line that can say why a program failed; undefined if there is none. */
export function lastWords(lines: readonly string[]): Found | undefined {
  const kept = withoutBanners(lines);
  const said = kept.flatMap((line, k) => (line !== undefined && isWord(lines, k) ? k : []));
  const last = said.slice(-linesBelowAnError);
  const at = last.findLast((k) => errorLine.test(lines[k] ?? '')) ?? last.at(-1);
  if (at === undefined) {
    const summary = kept.findLastIndex((line) => line !== undefined && isSummary(line));
    return summary < 0 ? undefined : guessAt(lines, summary, 'summary');
  }
  return guessAt(lines, at, 'guess');
}

function isWord(lines: readonly string[], k: number): boolean {
  const line = lines[k] ?? '';
  if (isNoise(line) || isSummary(line)) return false;
  // The source line below a warning, and the one that bash prints below a syntax error.
  const above = lines[k - 1] ?? '';
  if (/^\s/.test(line) && /Warning: /.test(above)) return false;
  return !(/: line \d+: `.*'$/.test(line) && /: syntax error/.test(above));
}

function guessAt(lines: readonly string[], at: number, weight: Weight): Found {
  const above = lines[at - 1] ?? '';
  // A message that continues below its first line.
  const goesOn = /^\s/.test(lines[at] ?? '') && above.trimEnd().endsWith(':');
  const line = `${goesOn ? `${above.trim()} ` : ''}${(lines[at] ?? '').trim()}`;
  const { text = line.replace(timestamp, ''), file, line: number } = shellLine.exec(line)?.groups ?? {};
  const start = Math.max(0, at - linesOfContext);
  // bash prints `12345 Aborted  ./program`.
  const [, ended] = /^\s*\d+ (Aborted|Terminated)\b/.exec(text) ?? [];
  return {
    weight,
    start,
    at,
    end: at,
    text: ended ?? joinedMessage(text, lines[at + 1]),
    place: file && `${file}:${number}`,
  };
}

import type { CommandResult } from './engine.js';

// Which lines of a submitting command's output say why it failed. Each engine has its own `Wording`.

/** What is special about the lines that an engine's submitting command prints when it fails. */
export interface Wording {
  /** Lines that never say why. */
  readonly noise?: RegExp;
  /** Lines that matter only if the command printed no other: `Try "sbatch --help" for more information`. */
  readonly vague?: RegExp;
  /** The first line of a usage text, which reaches to the end of the output. */
  readonly usage?: RegExp;
  /** Lines of stdout that matter beside stderr. Others matter only if stderr says nothing. */
  readonly alsoStdout?: RegExp;
  /** The part to remove from the beginning of each line. */
  readonly prefix?: RegExp;
}

/** A site's plug-in may print a page; more lines than this are cut in the middle. */
const mostLines = 20;

/**
 * Returns the lines that say why a submission failed, in the order in which they were printed, stderr first:
 * the first error, what plug-ins and rules of the site say, and the last word. No line occurs twice.
 */
export function reasonLines({ stderr, stdout }: CommandResult, wording: Wording): string[] {
  const { alsoStdout, vague } = wording;
  const said = linesIn(stderr, wording);
  const beside = linesIn(stdout, wording);
  const both = said.length === 0 ? beside : [...said, ...beside.filter((line) => alsoStdout?.test(line))];
  const clear = both.filter((line) => !vague?.test(line));
  const { prefix } = wording;
  const lines = (clear.length > 0 ? clear : both).map((line) => (prefix ? line.replace(prefix, '') : line).trim());
  const once = [...new Set(lines)].filter((line) => line !== '');
  return once.length <= mostLines ? once : [...once.slice(0, mostLines - 5), '…', ...once.slice(-4)];
}

/** Returns these lines as one text, for a message and for the record of the run; '' if there are none. */
export function reasonText(result: CommandResult, wording: Wording): string {
  return reasonLines(result, wording).join('; ');
}

function linesIn(text: string, { noise, usage }: Wording): string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const end = usage ? lines.findIndex((line) => usage.test(line)) : -1;
  const said = (end > 0 ? lines.slice(0, end) : lines).filter((line) => !noise?.test(line));
  return said;
}

/**
 * Matches the words of site rules (OAR's admission rules, Grid Engine's JSV, Slurm's job_submit plug-ins)
 * that turn a job away because there are too many: `only 2 jobs are allowed per user`, `no more than 5 jobs`,
 * `Max is 3 besteffort jobs`, `too many jobs`.
 */
const tooManyJobs =
  /\btoo many (?:\w+ ){0,2}(?:jobs|tasks|submissions)|\b(?:only|at most|more than|up to|max(?:imum)?(?: is| of)?|limit(?:ed)?(?: is| of| to)?|have|has)(?: already)? \(?\d+\)? (?:\w+ ){0,2}jobs\b|max(?:imum)? (?:number|count) of (?:\w+ ){0,2}jobs|jobs? (?:count |number )?(?:limit|quota)|(?:limit|quota) (?:of|on|for) (?:the )?(?:number of |your |\w+ )?jobs/i;

/** Returns whether words turn a job away because of the number of jobs, which goes down by itself. */
export function saysTooManyJobs(words: string): boolean {
  return tooManyJobs.test(words);
}

import type { CommandResult } from '../engine.js';
import { reasonLines, type Wording } from '../words.js';

// What oarsub of OAR 2.5 prints when it refuses a job, seen on a real one with PostgreSQL. The words of MySQL
// are from its manual.

const wording: Wording = {
  noise:
    /^#|^Use of uninitialized|^perl: warning|^(?:LC_\w+|LANG\w*) =|are supported and installed|^OAR_(?:JOB|ARRAY)_ID=|job array submission is used|^Ignore script value/,
  // The rules that OAR comes with say what they have added to every job.
  vague:
    /^\[ADMISSION RULE\] (?:Set default walltime|Modify resource description|Automatically )|Oarsub failed, please verify your request/,
  usage: /^usage/i,
  alsoStdout: /^\[ADMISSION RULE\]/,
  prefix: /^\[?(?:ADMISSION RULE|ERROR)\] (?:Error: )?|^\/!\\ /,
};

/** Returns why OAR refused a job: what its rules and its errors say, without its SQL. */
export function refusalText(result: CommandResult): string {
  const sql = sqlText(result.stderr);
  const lines = reasonLines(result, wording);
  const shown = sql === undefined ? lines : [sql, ...lines.filter((line) => ruleOf(line, result))];
  return shown.join('; ');
}

/** Whether a line is one of a site's rules, which may stand beside an error of the database. */
const ruleOf = (line: string, { stderr, stdout }: CommandResult) =>
  `${stdout}\n${stderr}`.split('\n').some((whole) => whole.startsWith('[ADMISSION RULE]') && whole.includes(line));

/** Returns an error of OAR's database in plain words; undefined if there is none. */
function sqlText(stderr: string): string | undefined {
  const [, quoted, bare, mysql] =
    /column (?:"([^"]+)"|(\S+)) does not exist|Unknown column '([^']+)'/.exec(stderr) ?? [];
  const property = quoted ?? bare ?? mysql;
  if (property !== undefined) return `this OAR has no resource property ${property}`;
  const [, most] = /value too long for type character varying\((\d+)\)/.exec(stderr) ?? [];
  if (most !== undefined)
    return `a name or another text of the job is longer than the ${most} characters that OAR keeps`;
  const [, error] = /DBD::\S+ .* failed: (?:ERROR:\s+)?(.*)/.exec(stderr) ?? [];
  if (error === undefined) return undefined;
  return `OAR can't read a condition or a text of the job: ${error.replace(/\s+at \/\S+ line \d+\.?\s*$/, '')}`;
}

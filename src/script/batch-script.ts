import { basename } from 'node:path';
import type { Span } from '../core/span.js';
import type { ShellCommand, ShellScript, ShellWord } from './shell.js';

/** A user's script, and the changes that make it the script of one point's job. */
interface BodySpec {
  readonly script: ShellScript;
  /** The command that this job runs. */
  readonly command: ShellCommand;
  /** The commands that other jobs run. */
  readonly others: readonly ShellCommand[];
  /** Words of the command with their replacements, quoted for the shell; undefined removes the word. */
  readonly words: ReadonlyMap<ShellWord, string | undefined>;
  /** Words to add after the last one, quoted for the shell. */
  readonly added: readonly string[];
  /** Lines to remove: directives that the job's own header repeats. */
  readonly dropped: readonly Span[];
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Returns the body of a job's script: the user's script with this job's command in its position, without the
 * commands of other jobs, and otherwise unchanged. The lines after the command run too; the job's exit code
 * is the command's.
 */
export function renderBody(spec: BodySpec): string {
  const { script, command, others, dropped } = spec;
  const { text } = script.source;
  const edits = wordEdits(spec);
  for (const span of dropped) edits.push(wholeLines(text, span));
  const shebang = /^#![^\n]*(?:\n|$)/.exec(text)?.[0];
  if (shebang !== undefined) edits.push({ start: 0, end: shebang.length, text: '' });
  for (const other of others) edits.push(...takenOut(text, other));
  const gone = new Set(others.filter((other) => hasOwnLines(text, other)).map(({ statement }) => statement.offset));
  const { offset: own } = command.statement;
  const isFollowed = script.statements.some(({ offset }) => offset > own && !gone.has(offset));
  edits.push(...kept(spec, isFollowed));
  const body = applied(text, edits).replace(/^\n+/, '').replace(/\s*$/, '\n');
  return isFollowed ? `${keeper}${body}exit "$mlx_status"\n` : body;
}

/** Returns the command as the body has it, on one line. */
export function commandText(spec: CommandWords): string {
  const { source, offset, length } = spec.command.span;
  const own = wordEdits(spec).map((edit) => ({ ...edit, start: edit.start - offset, end: edit.end - offset }));
  return applied(source.text.slice(offset, offset + length), own).replace(/\\\n\s*/g, '');
}

type CommandWords = Pick<BodySpec, 'command' | 'words' | 'added'>;

function wordEdits({ command, words, added }: CommandWords): Edit[] {
  const { text } = command.span.source;
  const last = command.words.at(-1)?.span ?? command.span;
  const end = last.offset + last.length;
  return [
    ...[...words].map(([word, other]) => replaced(text, word.span, other)),
    { start: end, end, text: added.map((word) => ` ${word}`).join('') },
  ];
}

/** A shell function that keeps the command's exit code for the job, and leaves it in `$?`. */
const keeper = 'mlx_keep() { mlx_status=$?; return "$mlx_status"; }\n';

/** Orders edits by their start: insertions first, then the longer edit before the ones inside it. */
const byStart = (a: Edit, b: Edit) =>
  a.start - b.start || Number(b.start === b.end) - Number(a.start === a.end) || b.end - a.end;

function applied(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  // An edit inside another one is dropped.
  for (const { start, end, text: other } of [...edits].sort(byStart)) {
    if (start < at) continue;
    result += text.slice(at, start) + other;
    at = end;
  }
  return result + text.slice(at);
}

/** Returns the edit that replaces a word, or removes it with the blanks before it. */
function replaced(text: string, { offset, length }: Span, other: string | undefined): Edit {
  if (other !== undefined) return { start: offset, end: offset + length, text: other };
  const before = /[ \t]*$/.exec(text.slice(0, offset))?.[0].length ?? 0;
  return { start: offset - before, end: offset + length, text: '' };
}

function wholeLines(text: string, { offset, length }: Span): Edit {
  const newline = text.indexOf('\n', offset + length);
  return { start: text.lastIndexOf('\n', offset - 1) + 1, end: newline === -1 ? text.length : newline + 1, text: '' };
}

/** True if a command has its lines to itself, so that they can be removed. */
function hasOwnLines(text: string, { unit, statement, lineEnd }: ShellCommand): boolean {
  const end = unit.offset + unit.length;
  const before = text.slice(text.lastIndexOf('\n', unit.offset - 1) + 1, unit.offset);
  const after = text.slice(end, Math.max(end, lineEnd));
  return (
    unit.offset === statement.offset &&
    unit.length === statement.length &&
    /^\s*$/.test(before) &&
    /^\s*;?\s*(#.*)?$/.test(after)
  );
}

function takenOut(text: string, other: ShellCommand): Edit[] {
  const { unit, hereDocuments } = other;
  const documents = hereDocuments.map((span) => wholeLines(text, span));
  if (hasOwnLines(text, other)) return [wholeLines(text, unit), ...documents];
  return [{ start: unit.offset, end: unit.offset + unit.length, text: ':' }, ...documents];
}

/** Programs that are never shell functions, so that `exec` works. */
const programs =
  /^(python[\d.]*|pypy3?|Rscript|julia|node|bash|sh|perl|ruby|java|srun|mpirun|mpiexec|torchrun|accelerate|deepspeed|env)$/;

/**
 * Returns the edits that make the command's exit code the job's. A program that nothing follows replaces the
 * shell (`exec`), so that signals reach it. Otherwise the shell waits for it, and traps the signals that
 * would end the shell.
 */
function kept({ script, command }: BodySpec, isFollowed: boolean): Edit[] {
  const { statement, words, alone } = command;
  const [name] = words;
  const start = statement.offset;
  const end = start + statement.length;
  const program = name?.value ?? '';
  const mayReplace = programs.test(program) || /^\.{0,2}\//.test(program);
  const isFunction = script.functions.includes(basename(program));
  if (!isFollowed && alone && name && mayReplace && !isFunction && script.traps.length === 0) {
    return [{ start: name.span.offset, end: name.span.offset, text: 'exec ' }];
  }
  const ownTraps = script.traps.some((word) => /^(SIG)?(HUP|INT|TERM|USR1|USR2)$|^(1|2|10|12|15)$/.test(word));
  const { text } = script.source;
  const isFirst = /^\s*$/.test(text.slice(text.lastIndexOf('\n', start - 1) + 1, start));
  return [
    ...(ownTraps ? [] : [{ start, end: start, text: `trap : HUP INT TERM USR1 USR2${isFirst ? '\n' : '; '}` }]),
    ...(isFollowed ? [{ start: end, end, text: '; mlx_keep' }] : []),
  ];
}

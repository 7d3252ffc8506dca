import sortedIndex from 'lodash/sortedIndex.js';
import sortedIndexBy from 'lodash/sortedIndexBy.js';
import { type Command, forEachChild, parse, type SyntaxNode, type Word, type WordPart } from 'unbash';
import type { Source, Span } from '../core/span.js';
import { fail } from '../failures/index.js';

/** A shell script as sweeps need it: its simple commands and their spans. */
export interface ShellScript {
  readonly source: Source;
  /** The first line after `#!`; undefined without one. */
  readonly shebang: string | undefined;
  /** The offset of the first command; the length of the text without one. */
  readonly headEnd: number;
  /** All simple commands with a name, in order. */
  readonly commands: readonly ShellCommand[];
  /** The arguments of all `trap` commands. */
  readonly traps: readonly string[];
  /** The statements at the top of the script. */
  readonly statements: readonly Span[];
  /** The bodies of here-documents, which are data. */
  readonly hereDocuments: readonly Span[];
  /** The names of the functions that it defines. */
  readonly functions: readonly string[];
}

/** A simple command of a script. */
export interface ShellCommand {
  readonly span: Span;
  /** The statement at the top of the script that contains it, without its separator. */
  readonly statement: Span;
  /** The pipeline that it belongs to, or the command itself: a part of a list of `&&` and `||`. */
  readonly unit: Span;
  /** The here-documents of its unit with their closing lines. They have their own lines. */
  readonly hereDocuments: readonly Span[];
  /** The offset of the end of its last word's line, after a comment. */
  readonly lineEnd: number;
  /** The name and the arguments. */
  readonly words: readonly ShellWord[];
  /**
   * The construct around it, such as a loop. Undefined for a command that runs exactly once, in the script's
   * shell.
   */
  readonly inside: Surrounding | undefined;
  /** True if the statement is this command alone: no pipeline, no list. */
  readonly alone: boolean;
  /** The mark after it: `# mlx: sweep` or `# mlx: setup`. */
  readonly mark: 'sweep' | 'setup' | undefined;
}

/** A construct that makes its commands run several times, perhaps, or in another shell. */
interface Surrounding {
  readonly kind: 'loop' | 'condition' | 'function' | 'subshell' | 'group' | 'substitution' | 'background';
  readonly span: Span;
}

/** A word of a command. */
export interface ShellWord {
  /** The word as written, with its quotes. */
  readonly text: string;
  readonly span: Span;
  /** The value that the shell gives it. Undefined if only running the script would show it. */
  readonly value: string | undefined;
  /** The word without its quotes, for messages. Unknown parts are as written. */
  readonly shown: string;
  /** Its variables that the script does not set. */
  readonly unknown: readonly string[];
  /** Whether the shell expands it to several words (`braces`) or to file names (`glob`). */
  readonly expands: 'braces' | 'glob' | undefined;
}

const maxLength = 16 * 2 ** 20;

/**
 * Parses a shell script. Throws `script-unreadable` for binary data or more than 16 MiB, and `shell-syntax`
 * with the span of the first error.
 */
export function parseShell(source: Source): ShellScript {
  const { text, name } = source;
  if (text.includes('\0')) fail({ reason: 'script-unreadable', name, problem: { kind: 'nul-bytes' } });
  if (text.length > maxLength) fail({ reason: 'script-unreadable', name, problem: { kind: 'too-long' } });
  const script = parse(text);
  const [error] = script.errors ?? [];
  if (error) {
    const offset = Math.min(error.pos, text.length);
    fail({
      reason: 'shell-syntax',
      span: { source, offset, length: offset < text.length ? 1 : 0 },
      problem: { kind: 'parser', message: error.message },
    });
  }
  const reader = new Reader(source);
  for (const statement of script.commands) {
    const { command } = statement;
    reader.statement = reader.spanOf(statement.pos, command.end);
    const background = statement.background ? surrounding('background', statement, source) : undefined;
    for (const unit of command.type === 'AndOr' ? command.commands : [command]) {
      reader.unit = { span: reader.spanOf(unit.pos, unit.end), hereDocuments: [] };
      reader.visit(unit, background, command.type === 'Command');
    }
  }
  const [first] = script.commands;
  return {
    source,
    shebang: /^#!([^\n]*)/.exec(text)?.[1]?.trim(),
    headEnd: first?.pos ?? text.length,
    commands: reader.commands,
    traps: reader.traps,
    statements: script.commands.map(({ pos, command }) => reader.spanOf(pos, command.end)),
    hereDocuments: reader.hereDocuments,
    functions: reader.functions,
  };
}

function surrounding(kind: Surrounding['kind'], node: { pos: number; end: number }, source: Source): Surrounding {
  return { kind, span: { source, offset: node.pos, length: node.end - node.pos } };
}

/** The construct that a node of the syntax tree is for the commands inside it. */
const surroundings: Readonly<Record<string, Surrounding['kind']>> = {
  If: 'condition',
  Case: 'condition',
  For: 'loop',
  ArithmeticFor: 'loop',
  While: 'loop',
  Select: 'loop',
  Function: 'function',
  Subshell: 'subshell',
  Coproc: 'background',
  BraceGroup: 'group',
  CommandExpansion: 'substitution',
  ProcessSubstitution: 'substitution',
};

const declarations = new Set(['export', 'declare', 'typeset', 'readonly', 'local']);

/** Walks the syntax tree in the order of the text, and tracks the values of variables. */
class Reader {
  readonly commands: ShellCommand[] = [];
  readonly traps: string[] = [];
  readonly functions: string[] = [];
  readonly hereDocuments: Span[] = [];
  statement: Span;
  unit: { readonly span: Span; readonly hereDocuments: Span[] };
  /** The value of each variable that the script sets; undefined if the value is not known. */
  readonly #variables = new Map<string, string | undefined>();

  /** The offsets of the ends of lines, and the marks in comments. */
  readonly #lineEnds: readonly number[];
  readonly #marks: readonly { readonly at: number; readonly says: string }[];

  constructor(readonly source: Source) {
    const { text } = source;
    this.#lineEnds = Array.from(text.matchAll(/\n|$/g), ({ index }) => index);
    this.#marks = Array.from(text.matchAll(/#[ \t]*mlx:[ \t]*(sweep|setup)\b/g), ({ index, 1: says = '' }) => ({
      at: index,
      says,
    }));
    this.statement = this.spanOf(0, 0);
    this.unit = { span: this.statement, hereDocuments: [] };
  }

  spanOf(start: number, end: number): Span {
    return { source: this.source, offset: start, length: end - start };
  }

  visit(node: SyntaxNode, inside: Surrounding | undefined, alone: boolean): void {
    if (node.type === 'Statement') {
      const background = node.background ? surrounding('background', node, this.source) : undefined;
      this.visit(node.command, inside ?? background, false);
      return;
    }
    if (node.type === 'HereDoc') {
      const { pos, end, body, closing } = node;
      if (!closing) {
        fail({ reason: 'shell-syntax', span: this.spanOf(pos, end), problem: { kind: 'endless-here-document' } });
      } else {
        this.hereDocuments.push(this.spanOf(body.pos, closing.end));
        this.unit.hereDocuments.push(this.spanOf(body.pos, closing.end));
      }
    }
    if (node.type === 'Function') this.functions.push(node.name.value);
    if (node.type === 'For' || node.type === 'Select') this.#variables.set(node.name.value, undefined);
    if (node.type === 'Command') this.#command(node, inside, alone);
    const kind = surroundings[node.type];
    const within = inside ?? (kind && surrounding(kind, node, this.source));
    forEachChild(node, (child) => this.visit(child, within, false));
  }

  #command(command: Command, inside: Surrounding | undefined, alone: boolean): void {
    const { name, prefix, args, pos, end } = command;
    const assignments = [...prefix, ...(declarations.has(name?.value ?? '') ? args : [])];
    for (const assignment of assignments) {
      if (assignment.type !== 'Assignment') continue;
      // An assignment before a command is for that command only.
      if (name && !declarations.has(name.value)) continue;
      const word = assignment.value.type === 'Word' ? this.#word(assignment.value) : undefined;
      const whole = !inside && !assignment.append && !assignment.index;
      this.#variables.set(assignment.name, whole ? word?.value : undefined);
    }
    if (!name) return;
    if (name.value === 'trap') this.traps.push(...args.map((word) => ('value' in word ? String(word.value) : '')));
    if (name.value === 'read')
      for (const word of args) if ('value' in word) this.#variables.set(String(word.value), undefined);
    const lineEnd = this.#lineEnds[sortedIndex(this.#lineEnds, end)] ?? this.source.text.length;
    const marked = this.#marks[sortedIndexBy(this.#marks, { at: end, says: '' }, 'at')];
    this.commands.push({
      span: this.spanOf(pos, end),
      statement: this.statement,
      unit: this.unit.span,
      hereDocuments: this.unit.hereDocuments,
      lineEnd,
      words: [name, ...args].map((word) => (word.type === 'Word' ? this.#word(word) : this.#assignmentWord(word))),
      inside,
      alone,
      mark: marked && marked.at < lineEnd ? (marked.says as 'sweep' | 'setup') : undefined,
    });
  }

  /** A `key=value` after `export` and the like, which is no argument of a program. */
  #assignmentWord({ text, pos, end }: { text: string; pos: number; end: number }): ShellWord {
    return {
      text,
      span: this.spanOf(pos, end),
      value: undefined,
      shown: text,
      unknown: [],
      expands: undefined,
    };
  }

  #word(word: Word): ShellWord {
    const found = { unknown: [] as string[], dynamic: false, braces: false, glob: false };
    const value = word.parts ? word.parts.map((part) => this.#part(part, found, false)).join('') : word.value;
    return {
      text: word.text,
      span: this.spanOf(word.pos, word.end),
      value: found.dynamic || found.unknown.length > 0 ? undefined : value,
      shown: value,
      unknown: found.unknown,
      expands: found.braces ? 'braces' : found.glob ? 'glob' : undefined,
    };
  }

  #part(
    part: WordPart,
    found: { unknown: string[]; dynamic: boolean; braces: boolean; glob: boolean },
    quoted: boolean,
  ): string {
    switch (part.type) {
      case 'Literal':
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        return part.value;
      case 'Glob':
        found.glob = true;
        return part.value;
      case 'ExtendedGlob':
        found.glob = true;
        return part.text;
      case 'BraceExpansion':
        found.braces = true;
        return part.text;
      case 'DoubleQuoted':
        return part.parts.map((child) => this.#part(child, found, true)).join('');
      case 'SimpleExpansion':
        return this.#variable(part.text.slice(1), part.text, found, quoted);
      case 'ParameterExpansion':
        if (!part.operation && !part.prefix && !part.index)
          return this.#variable(part.parameter, part.text, found, quoted);
        found.dynamic = true;
        return part.text;
      default:
        found.dynamic = true;
        return part.text;
    }
  }

  #variable(name: string, text: string, found: { unknown: string[]; dynamic: boolean }, quoted: boolean): string {
    const value = this.#variables.get(name);
    // Without quotes, a value with blanks becomes several words, and a pattern becomes file names.
    if (value === undefined || (!quoted && /[\s*?[\]]/.test(value))) {
      if (this.#variables.has(name)) found.dynamic = true;
      else found.unknown.push(name);
      return text;
    }
    return value;
  }
}

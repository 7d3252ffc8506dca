import sortedIndex from 'lodash/sortedIndex.js';
import sortedIndexBy from 'lodash/sortedIndexBy.js';
import { type Command, forEachChild, parse, type SyntaxNode, type Word, type WordPart } from 'unbash';
import type { Source, Span } from '../core/span.js';
import { fail } from '../failures/index.js';

/** A shell script as far as sweeping it needs to know: its simple commands, and where they stand. */
export interface ShellScript {
  readonly source: Source;
  /** The first line behind `#!`; undefined without one. */
  readonly shebang: string | undefined;
  /** Where the first command begins; the length of the text where there is none. */
  readonly headEnd: number;
  /** All simple commands with a name, in order. */
  readonly commands: readonly ShellCommand[];
  /** What `trap` commands name, for all of the script. */
  readonly traps: readonly string[];
  /** The statements at the top of the script. */
  readonly statements: readonly Span[];
  /** The bodies of here-documents: data, whatever it looks like. */
  readonly hereDocuments: readonly Span[];
  /** The functions that it defines. */
  readonly functions: readonly string[];
}

export interface ShellCommand {
  readonly span: Span;
  /** The statement at the top of the script that holds it, without what ends it. */
  readonly statement: Span;
  /** The pipeline that it is a stage of, or the command itself: what can be taken out of `&&` and `||`. */
  readonly unit: Span;
  /** The here-documents of its unit, ends included: they stand on lines of their own. */
  readonly hereDocuments: readonly Span[];
  /** Where the line ends on which its last word stands, comment included. */
  readonly lineEnd: number;
  /** The name and the arguments. */
  readonly words: readonly ShellWord[];
  /** What makes it run often, perhaps, or apart from the script; undefined for a command that runs once, as it is read. */
  readonly inside: Surrounding | undefined;
  /** Whether the statement is this command alone, no pipeline, no list. */
  readonly alone: boolean;
  /** What `# mlx: sweep` or `# mlx: setup` behind it says. */
  readonly mark: 'sweep' | 'setup' | undefined;
}

export interface Surrounding {
  readonly kind: 'loop' | 'condition' | 'function' | 'subshell' | 'group' | 'substitution' | 'background';
  readonly span: Span;
}

export interface ShellWord {
  /** As it is written, quotes included. */
  readonly text: string;
  readonly span: Span;
  /** What the shell makes of it, where that can be told without running anything. */
  readonly value: string | undefined;
  /** What stands for the value's unknown parts as well: the word with its quotes gone. */
  readonly shown: string;
  /** The variables in it whose values the script does not tell. */
  readonly unknown: readonly string[];
  /** Whether the shell would make several words of it, or the names of files. */
  readonly expands: 'braces' | 'glob' | undefined;
}

const maxLength = 16 * 2 ** 20;

/**
 * Reads a shell script. Throws `script-unreadable` for what is no text, or too long, and `shell-syntax` with the first place that is
 * wrong.
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

/** What a kind of node does to the commands inside of it. */
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

/** Walks the syntax tree in the order of the text, and keeps what variables are known to be. */
class Reader {
  readonly commands: ShellCommand[] = [];
  readonly traps: string[] = [];
  readonly functions: string[] = [];
  readonly hereDocuments: Span[] = [];
  statement: Span;
  unit: { readonly span: Span; readonly hereDocuments: Span[] };
  /** Undefined for one that is set to what can't be told. */
  readonly #variables = new Map<string, string | undefined>();

  /** Where lines end, and what the marks in comments say. */
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
      // Before a command it holds for that command alone.
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

  /** `key=value` behind `export` and its like: no argument of a program. */
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
    // Unquoted, a value with blanks becomes several words, one with patterns the names of files.
    if (value === undefined || (!quoted && /[\s*?[\]]/.test(value))) {
      if (this.#variables.has(name)) found.dynamic = true;
      else found.unknown.push(name);
      return text;
    }
    return value;
  }
}

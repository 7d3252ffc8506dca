import type { OptionSpec } from './option-spec.js';

export type { OptionSpec } from './option-spec.js';

export interface PositionalSpec {
  readonly name: string;
  readonly help: string;
}

/** One command as data. What it does is loaded only when it is called. */
export interface CommandSpec {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly usage: string;
  readonly positionals: readonly PositionalSpec[];
  readonly options: readonly OptionSpec[];
  /** With so many positionals its own options end: what follows belongs to a program. */
  readonly programAfter?: number;
  /** Whether its options may be written with underscores. */
  readonly underscores?: true;
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  readonly load: () => Promise<{ readonly run: (parsed: ParsedArgs, io: Io) => Promise<number> }>;
}

/** A command line after parsing, each option checked against its spec. */
export interface ParsedArgs {
  readonly positionals: readonly string[];
  /** The words after `--`; undefined where there is no `--`. */
  readonly rest: readonly string[] | undefined;
  readonly has: (option: string) => boolean;
  readonly text: (option: string) => string | undefined;
  readonly number: (option: string) => number | undefined;
  readonly list: (option: string) => readonly string[];
}

/** The world that a command sees. */
export interface Io {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly version: string;
}

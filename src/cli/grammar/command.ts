import { type OptionSpec, type OptionsOf, type ParsedArgs, parseArgs } from '../../arguments/index.js';

/** A word of a command that is not an option, as help shows it. */
interface PositionalSpec {
  readonly name: string;
  readonly help: string;
}

/** One command as data. Parsing, help, completion and the type of its options come from this. */
export interface CommandSpec {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly usage: string;
  readonly positionals: readonly PositionalSpec[];
  readonly options: readonly OptionSpec[];
  /** After this many positionals, the command's own options end: the following words belong to a program. */
  readonly programAfter?: number;
  /** True if its options may be written with underscores. */
  readonly underscores?: true;
  readonly examples: readonly (readonly [line: string, meaning: string])[];
}

/** A command with what it does. */
export interface Command extends CommandSpec {
  /** Parses the words after the command's name, and runs the command. Resolves to the exit code. */
  readonly run: (words: readonly string[], io: Io, commands: readonly Command[]) => Promise<number>;
}

/** The module of a command that does the work; `commands` are all of mlx's. */
interface CommandModule<Options> {
  readonly run: (parsed: ParsedArgs<Options>, io: Io, commands: readonly Command[]) => Promise<number>;
}

/** The surroundings that a command runs in. */
export interface Io {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly version: string;
  /** True with `--yes`: questions of yes or no are answered with yes, and others are not asked. */
  readonly answersYes?: boolean;
}

/** Returns the spec itself, with the literal types of its options. */
export const commandSpec = <const Spec extends CommandSpec>(spec: Spec): Spec => spec;

/** The values of a command's options. */
export type OptionsOfCommand<Spec extends CommandSpec> = OptionsOf<Spec['options']>;

/**
 * Returns the command of a spec. Its module is loaded when the command runs, after its words were checked.
 */
export function defineCommand<Spec extends CommandSpec>(
  spec: Spec,
  load: () => Promise<CommandModule<OptionsOfCommand<Spec>>>,
): Command {
  return {
    ...spec,
    run: async (words, io, commands) => {
      const parsed = parseArgs<Spec['options']>(words, spec);
      const { run } = await load();
      return run(parsed, { ...io, answersYes: 'yes' in parsed.options && parsed.options.yes === true }, commands);
    },
  };
}

import { type OptionSpec, type OptionsOf, refuseTogether } from '../../arguments/index.js';

export const jsonOption = {
  name: 'json',
  type: 'flag',
  help: 'print JSON instead of text',
  group: 'output',
} as const satisfies OptionSpec;

export const quietOption = {
  name: 'quiet',
  short: 'q',
  type: 'flag',
  help: 'print errors only',
  group: 'output',
} as const satisfies OptionSpec;

export const streamOption = {
  name: 'stream',
  type: 'flag',
  help: 'show the output of runs here, each line with its run',
  group: 'output',
} as const satisfies OptionSpec;

export const notifyOption = {
  name: 'notify',
  type: 'text',
  shape: 'CMD',
  help: 'start this command when all have ended, with the summary on its standard input and in MLX_SUMMARY; of jobs, this is --wait too',
  group: 'output',
} as const satisfies OptionSpec;

export const yesOption = {
  name: 'yes',
  short: 'y',
  type: 'flag',
  help: 'do not ask',
  group: 'output',
} as const satisfies OptionSpec;

export const helpOption = {
  name: 'help',
  short: 'h',
  type: 'flag',
  help: 'show this help',
  group: 'output',
} as const satisfies OptionSpec;

/** How much a command prints: everything, errors only, or JSON. */
export type Output = 'text' | 'quiet' | 'json';

export type OutputOptions = Partial<OptionsOf<[typeof jsonOption, typeof quietOption]>>;

/** Returns what `--quiet` and `--json` ask for. Throws `options-exclude` if both are given. */
export function outputOf(options: OutputOptions): Output {
  refuseTogether(options, 'quiet', 'json');
  return options.json ? 'json' : options.quiet ? 'quiet' : 'text';
}

export type FollowOptions = OutputOptions & Partial<OptionsOf<[typeof streamOption, typeof notifyOption]>>;

/** How a launch is shown, as `--stream`, `--quiet`, `--json` and `--notify` have it. */
export interface FollowChoices {
  readonly stream: boolean;
  readonly output: Output;
  /** The command to start once all runs have ended. */
  readonly notify: string | undefined;
}

/** Returns what the options of the commands that start runs ask for. Throws `options-exclude`. */
export function followChoices(options: FollowOptions): FollowChoices {
  return { stream: options.stream ?? false, output: outputOf(options), notify: options.notify };
}

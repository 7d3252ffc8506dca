/** How one option is written. Parsing, help, completion and the type of its value come from this row. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /**
   * `flag`: no value. `text`, `count` (1, 2, …), `index` (0, 1, …), `integer`, `number`, `duration`
   * (seconds): one value. `list`: may be repeated; with `accepts`, it also takes the following words that
   * `accepts` knows. `optional`: takes a value as `--name=value`, or as the next word if `accepts` knows that
   * word.
   */
  readonly type: 'flag' | 'text' | 'count' | 'index' | 'integer' | 'number' | 'duration' | 'list' | 'optional';
  /** The value's name in help: `N`, `DIR`. */
  readonly shape?: string;
  /** The only values that the option takes. */
  readonly choices?: readonly string[];
  readonly accepts?: (word: string) => boolean;
  readonly help: string;
  /** The group that several commands share; a command's own options have none. */
  readonly group?: OptionGroup;
}

/** The groups of options that several commands share. */
type OptionGroup =
  | 'points'
  | 'program'
  | 'config'
  | 'here'
  | 'engine'
  | 'resources'
  | 'jobs'
  | 'waiting'
  | 'code'
  | 'selection'
  | 'metrics'
  | 'templates'
  | 'store'
  | 'output';

/**
 * A value after parsing. An option that was not given is false, an empty list, or undefined, as its type has
 * it.
 */
export type OptionValue = string | number | boolean | readonly string[] | undefined;

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type ValueOf<Row extends OptionSpec> = Row['type'] extends 'flag'
  ? boolean
  : Row['type'] extends 'list'
    ? readonly string[]
    : Row['type'] extends 'count' | 'index' | 'integer' | 'number' | 'duration'
      ? number | undefined
      : Row extends { readonly choices: readonly (infer Choice extends string)[] }
        ? Choice | undefined
        : Row['type'] extends 'text' | 'optional'
          ? string | undefined
          : OptionValue;

/** The values of some options by their names in camel case: `--after-any` is `afterAny`. */
export type OptionsOf<Rows extends readonly OptionSpec[]> = {
  readonly [Row in Rows[number] as CamelCase<Row['name']>]: ValueOf<Row>;
};

/** The same rows, each knowing its group. */
export function inGroup<const Rows extends readonly OptionSpec[], const Group extends OptionGroup>(
  group: Group,
  rows: Rows,
): { readonly [Index in keyof Rows]: Rows[Index] & { readonly group: Group } } {
  return rows.map((row) => ({ ...row, group })) as unknown as {
    readonly [Index in keyof Rows]: Rows[Index] & { readonly group: Group };
  };
}

/** The key of an option's value: `afterAny` for `after-any`. */
export const optionKey = (name: string): string =>
  name.replace(/-+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? '');

/** The option as it is typed: `--after-any` for the key `afterAny`. */
export const optionText = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** True if the command line has the option. */
export function isGiven(value: OptionValue): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}

/** How one option of a command is written; parsing, help and suggestions all come from this. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /**
   * `flag`: no value. `text`, `count` (1, 2, …), `index` (0, 1, …), `integer`, `number`, `duration`: one value. `list`: may be given several times;
   * with `accepts`, one time takes as many words as it knows. `optional`: takes a value as `--name=value` only, or as the next
   * word where `accepts` knows it.
   */
  readonly type: 'flag' | 'text' | 'count' | 'index' | 'integer' | 'number' | 'duration' | 'list' | 'optional';
  /** What the value is, for help: `N`, `DIR`. */
  readonly shape?: string;
  readonly choices?: readonly string[];
  readonly accepts?: (word: string) => boolean;
  readonly help: string;
}

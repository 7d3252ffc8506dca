import type { OptionSpec } from '../../arguments/index.js';
import type { AttemptMode } from '../../results/index.js';
import type { Settings } from '../../settings/index.js';

const attemptsHelp =
  'metrics of runs that were started more than once: path, the lines on the way to the last attempt (default: the setting results.attempts); last, the last attempt alone';

/** Which attempts the metrics of runs are of. */
export const attemptsOption = {
  name: 'attempts',
  type: 'text',
  shape: 'WHICH',
  choices: ['path', 'last'],
  help: attemptsHelp,
  group: 'metrics',
} as const satisfies OptionSpec;

/** The same for commands that can keep the attempts of a run apart. */
export const allAttemptsOption = {
  ...attemptsOption,
  choices: ['path', 'last', 'all'],
  help: `${attemptsHelp}; all, each attempt by itself`,
} as const satisfies OptionSpec;

/** Returns which attempts metrics are of: `--attempts`, else the setting. */
export const attemptModeOf = (asked: AttemptMode | undefined, { results }: Settings): AttemptMode =>
  asked ?? results.attempts;

import type { OptionSpec } from '../../arguments/index.js';

export const dryRunOption = {
  name: 'dry-run',
  short: 'n',
  type: 'flag',
  help: 'show the plan, the runs and one script; write nothing',
  group: 'output',
} as const satisfies OptionSpec;

export const maxRunsOption = {
  name: 'max-runs',
  type: 'count',
  shape: 'N',
  help: 'refuse a larger sweep (default: 10000)',
  group: 'points',
} as const satisfies OptionSpec;

export const failFastOption = {
  name: 'fail-fast',
  type: 'flag',
  help: 'stop the rest when a run ends badly: --max-failures 1',
  group: 'points',
} as const satisfies OptionSpec;

export const maxFailuresOption = {
  name: 'max-failures',
  type: 'count',
  shape: 'N',
  help: 'start no further run when N have ended badly; here, end those that run',
  group: 'points',
} as const satisfies OptionSpec;

export const logIdOption = {
  name: 'log-id',
  type: 'index',
  shape: 'ID',
  help: 'continue in run ID, as a new attempt (setting logger.forced_log_id)',
  group: 'store',
} as const satisfies OptionSpec;

export const logDirOption = {
  name: 'log-dir',
  type: 'text',
  shape: 'DIR',
  help: 'the directory of the runs, as --store; mlx execute then shows no output',
  group: 'store',
} as const satisfies OptionSpec;

import type { OptionSpec, OptionsOf } from '../../arguments/index.js';

/** `--store DIR`. */
export const storeOption = {
  name: 'store',
  type: 'text',
  shape: 'DIR',
  help: 'the directory of the runs (default: the setting logger.parent_log_dir, ./logs)',
  group: 'store',
} as const satisfies OptionSpec;

export type StoreOptions = OptionsOf<[typeof storeOption]>;

import { inGroup, type OptionsOf } from '../../arguments/index.js';

/** Where the config of a program comes from. */
export const configOptions = inGroup('config', [
  {
    name: 'config-path',
    type: 'text',
    shape: 'DIR',
    help: 'where the config and its groups are (default: configs, beside PROGRAM or here)',
  },
  {
    name: 'config-name',
    type: 'text',
    shape: 'NAME',
    help: 'which config (default: config)',
  },
  {
    name: 'config-dir',
    type: 'list',
    shape: 'DIR',
    help: 'a further directory of configs and groups; may be repeated',
  },
  {
    name: 'no-config',
    type: 'flag',
    help: 'use no config file: the overrides are the config',
  },
]);

export type ConfigOptions = OptionsOf<typeof configOptions>;

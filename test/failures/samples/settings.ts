import type { SettingsFailure } from '../../../src/failures/settings.js';
import { at, type Samples } from './samples.js';

export const samples: Samples<SettingsFailure> = {
  'unknown-setting': [
    [
      { key: 'gracee', span: at('gracee: 1', 'gracee', 'configs/mlx.yaml'), near: 'grace' },
      2,
      [
        "mlx: unknown setting 'gracee', did you mean 'grace'?",
        '    gracee: 1',
        '    ^^^^^^',
        '  configs/mlx.yaml in the package lists all settings',
      ],
    ],
  ],
  'bad-setting': [
    [
      { key: 'grace', span: at('grace: x', 'x', 'configs/mlx.yaml'), expected: 'seconds' },
      2,
      ["mlx: the setting 'grace' is not right", '    grace: x', '           ^ expected seconds'],
    ],
  ],
  'unsupported-setting': [
    [
      { key: 'use_logger' },
      2,
      ["mlx: this version can't do what 'use_logger' asks for", '  mlx always keeps a directory per run; leave it out'],
    ],
  ],
};

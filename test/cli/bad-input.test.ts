import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRig, type Rig } from '../rig/rig.js';

function project(): Rig {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\n');
  rig.write('plain', 'no program\n');
  rig.write('configured/main.sh', '#!/bin/bash\n');
  rig.write('configured/configs/config.yaml', 'seed: 0\noptimizer:\n  lr: 0.1\n');
  rig.write('configured/configs/broken.yaml', 'a: 1\nb: [1, 2\n');
  rig.write('configured/configs/list.yaml', '- 1\n');
  return rig;
}

/** What is typed, and the whole answer. Exit code 2, and nothing is written. */
const table: Record<string, [args: string[], stderr: string]> = {
  'no program': [
    ['run'],
    `mlx: no program to run
  write mlx run PROGRAM OVERRIDES… or mlx run OVERRIDES… -- COMMAND ARGS…
`,
  ],
  'only overrides': [
    ['run', 'lr=1,2'],
    `mlx: no program to run
  write mlx run PROGRAM OVERRIDES… or mlx run OVERRIDES… -- COMMAND ARGS…
`,
  ],
  'a missing program': [
    ['run', 'mian.sh', 'lr=1'],
    `mlx: there is no program 'mian.sh', did you mean 'main.sh'?
  a command that is found on PATH goes after --: mlx run OVERRIDES… -- COMMAND
`,
  ],
  'a program that is not executable': [
    ['run', 'plain'],
    `mlx: the program 'plain' is not executable
  chmod +x plain, or say what runs it with --interpreter
`,
  ],
  'a directory as program': [
    ['run', 'configured'],
    `mlx: the program 'configured' is not a file
  name the file to run
`,
  ],
  'a command that is not on PATH': [
    ['run', 'a=1', '--', 'no-such-command'],
    `mlx: command 'no-such-command' is not on PATH
  install it, or give its full path
`,
  ],
  'a missing config': [
    ['run', 'configured/main.sh', '--config-name', 'nope'],
    `mlx: there is no config 'nope.yaml'
  looked for 'configured/configs/nope.yaml' and 'configs/nope.yaml'; --no-config runs without one
`,
  ],
  'broken YAML': [
    ['run', 'configured/main.sh', '--config-name', 'broken'],
    `mlx: 'configured/configs/broken.yaml' is not valid YAML
  configured/configs/broken.yaml:3:1
    3 | 
        ^ flow sequence in block collection must be sufficiently indented and end with a ]
  mend it there
`,
  ],
  'a config that is no mapping': [
    ['run', 'configured/main.sh', '--config-name', 'list'],
    `mlx: 'configured/configs/list.yaml' holds no mapping at its top
  expected lines such as key: value
`,
  ],
  'an unknown key': [
    ['run', 'configured/main.sh', 'optimizer.lrr=1,2'],
    `mlx: 'configured/configs/config.yaml' has no key 'optimizer.lrr', did you mean 'optimizer.lr'?
    optimizer.lrr=1,2
    ^^^^^^^^^^^^^
  a new key is added with +optimizer.lrr=1,2
`,
  ],
  'an empty choice': [
    ['run', 'main.sh', 'lr=1,,2'],
    `mlx: can't read the override 'lr=1,,2'
    lr=1,,2
         ^ expected a value
`,
  ],
  'a word that is no override': [
    ['run', 'main.sh', 'lr=1', 'train'],
    `mlx: can't read the override 'train'
    train
         ^ expected '=' and a value
  words meant for the program go after --: -- train
`,
  ],
  'too many runs': [
    ['run', 'main.sh', 'a=1,2,3', '--max-runs', '2'],
    `mlx: this sweep has 3 runs, more than the limit of 2
  --max-runs 3 says that it is meant; --sample draws some of them
`,
  ],
  '--parallel 0': [
    ['run', 'main.sh', '--parallel', '0'],
    `mlx: option '--parallel' can't be '0'
  expected a whole number, 1 or more
`,
  ],
  'a placeholder sweep with an unused key': [
    ['run', 'seed=1,2', 'lr=1,2', '--', 'true', '{seed}'],
    `mlx: 'lr' is swept, but the command has placeholders and '{lr}' is not among them
    lr=1,2
    ^^
  put {lr} into the command, or take all placeholders out to have overrides appended
`,
  ],
  'a store below a file': [
    ['run', 'main.sh', '--store', 'plain/logs'],
    `mlx: can't keep runs in '<DIR>/plain/logs': a part of the path is no directory
  choose another directory with --store DIR
`,
  ],
  'an unknown option': [
    ['run', 'main.sh', '--paralel', '2'],
    `mlx: unknown option '--paralel', did you mean '--parallel'?
  mlx run --help lists the options; words meant for the program go after --
`,
  ],
  'an option without its value': [
    ['run', 'main.sh', '--walltime'],
    `mlx: option '--walltime' needs a value
  write --walltime=TIME
`,
  ],
  'a value for a flag': [
    ['run', 'main.sh', '--dry-run=yes'],
    `mlx: option '--dry-run' takes no value, found 'yes'
  write --dry-run alone
`,
  ],
  'a wrong choice': [
    ['run', 'main.sh', '--args', 'flag'],
    `mlx: option '--args' can't be 'flag', did you mean 'flags'?
  expected overrides, flags, canonical, none
`,
  ],
  'options that exclude each other': [
    ['run', 'main.sh', '--no-config', '--config-name', 'x'],
    `mlx: options '--no-config' and '--config-name' exclude each other
  keep one of them
`,
  ],
  'an unknown short option': [
    ['run', 'main.sh', '-x4'],
    `mlx: unknown option '-x4'
  mlx run --help lists the options; words meant for the program go after --
`,
  ],
  'an unknown command': [
    ['rnu', 'main.sh'],
    `mlx: unknown command 'rnu', did you mean 'run'?
  mlx --help lists the commands
`,
  ],
  'a swept setting': [
    ['run', 'main.sh', '+mlx.grace=1,2'],
    `mlx: a setting of mlx takes one value, not a sweep
    +mlx.grace=1,2
    ^^^^^^^^^^^^^^
  keep one of the values
`,
  ],
  'an unknown setting': [
    ['run', 'main.sh', '+mlx.gracee=3'],
    `mlx: unknown setting 'gracee', did you mean 'grace'?
    +mlx.gracee=3
     ^^^^^^^^^^
  configs/mlx.yaml in the package lists all settings
`,
  ],
  'a run that is not there': [
    ['show', '5'],
    `mlx: there are no runs in 'logs'
  mlx run makes some; --store DIR looks elsewhere
`,
  ],
};

describe('bad input is answered once, with exit code 2, and nothing is written:', () => {
  test.for(Object.entries(table))('%s', async ([, [args, stderr]]) => {
    const rig = project();
    const before = rig.tree();
    const result = await rig.mlx(...args);
    expect(result.stderr.replaceAll(rig.directory, '<DIR>')).toBe(stderr);
    expect([result.stdout, result.exitCode]).toEqual(['', 2]);
    expect(rig.tree()).toEqual(before);
  });

  test('an unreadable config', async (context) => {
    if (process.getuid?.() === 0) return context.skip('root may read any file');
    const rig = project();
    chmodSync(join(rig.directory, 'configured/configs/config.yaml'), 0);
    const { stderr, exitCode } = await rig.mlx('run', 'configured/main.sh');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('permission denied')]);
  });

  test('a config that is a directory', async () => {
    const rig = project();
    rig.write('configured/configs/dir.yaml/x', '');
    const { stderr, exitCode } = await rig.mlx('run', 'configured/main.sh', '--config-name', 'dir');
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining("can't read 'configured/configs/dir.yaml': it is a directory"),
    ]);
  });

  test('bytes that are no UTF-8', async () => {
    const rig = project();
    const { execa } = await import('execa');
    const { mlxBin } = await import('../rig/rig.js');
    const { stderr, exitCode } = await execa(
      'bash',
      ['-c', `exec "$0" "$1" run main.sh -- $'a\\377b'`, process.execPath, mlxBin],
      { cwd: rig.directory, reject: false },
    );
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is not UTF-8')]);
    expect(rig.tree()).not.toContain('logs/');
  });

  test('an existing store says which run is the last', async () => {
    const rig = project();
    await rig.mlx('run', 'main.sh', '-q');
    const { stderr, exitCode } = await rig.mlx('logs', '9');
    expect([exitCode, stderr]).toEqual([
      2,
      "mlx: there is no run '9' in 'logs'\n  the last one is 1; mlx list shows all\n",
    ]);
    expect((await rig.mlx('list', '5-2')).exitCode).toBe(2);
    expect((await rig.mlx('list', '--where', 'config.x = 1')).exitCode).toBe(2);
  });
});

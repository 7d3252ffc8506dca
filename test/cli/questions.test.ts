import { chmodSync, existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeRig, pathOf, type Rig } from '../rig/rig.js';
import { inTerminal, keys } from '../rig/terminal.js';

const yesNo = 'Please enter your answer (y/n): ';
const choice = 'Please enter your choice (or hit Enter to skip): ';
const ends = [
  ['Ctrl-C', keys.ctrlC],
  ['Ctrl-D', keys.ctrlD],
] as const;

function project(): Rig {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\ntouch "$MLX_LOG_DIR/../../ran"\n');
  return rig;
}

/** A PATH on which oarsub is the only engine, and refuses each job. */
function withOar(rig: Rig): string {
  const bin = join(dirname(rig.directory), 'bin');
  mkdirSync(bin);
  for (const command of ['oarsub', 'oarstat']) {
    writeFileSync(join(bin, command), '#!/bin/bash\necho "ERROR: no jobs today" >&2\nexit 1\n');
    chmodSync(join(bin, command), 0o755);
  }
  symlinkSync(process.execPath, join(bin, 'node'));
  return `${bin}:${pathOf('bash', 'git', 'env', 'uname')}`;
}

test('Ctrl-C takes back the answers that were typed ahead', async () => {
  const rig = project();
  const ahead = [[yesNo, `y\rlsf\r${keys.ctrlC}`]] as const;
  const { text, exitCode } = await inTerminal(rig, ['run', 'main.sh', 'a=1', '--scheduler'], ahead);
  expect([exitCode, text]).toEqual([130, expect.stringContaining('interrupted at the question')]);
  expect(rig.tree()).toEqual(['main.sh']);
});

describe.for(ends)('%s at a question', ([, key]) => {
  test.for([
    ['the first of the scheduler dialogue', [[yesNo, key]]],
    [
      'its second',
      [
        [yesNo, 'y\r'],
        [choice, key],
      ],
    ],
    [
      'a question that is asked again',
      [
        [yesNo, 'y\r'],
        [choice, 'nonsense\r'],
        [choice, key],
      ],
    ],
  ] as const)('%s ends the launch, with nothing written', async ([, steps]) => {
    const rig = project();
    for (const words of [
      ['run', 'main.sh', 'a=1', '--scheduler'],
      ['run', 'main.sh', '+mlxpy.use_scheduler=True'],
      ['submit', './main.sh'],
    ]) {
      const { text, exitCode } = await inTerminal(rig, words, steps);
      expect([exitCode, text]).toEqual([130, expect.stringContaining('interrupted at the question')]);
    }
    expect(rig.tree()).toEqual(['main.sh']);
  });

  test('a question about the code ends the launch, with nothing written', async () => {
    const rig = project();
    const git = (...words: string[]) => execa('git', words, { cwd: rig.directory });
    await git('init', '-q');
    await git('add', '.');
    await git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'one');
    rig.write('.gitignore', '*.o');
    rig.write('new.txt', 'x');
    const { text, exitCode } = await inTerminal(
      rig,
      ['run', './main.sh', '--versioned'],
      [
        ['into .gitignore? (y/n): ', 'y\r'],
        ['Please enter your choice (a/b/c): ', key],
      ],
    );
    expect([exitCode, text]).toEqual([130, expect.stringContaining('nothing was changed')]);
    expect(rig.read('.gitignore')).toBe('*.o');
    expect(existsSync(join(rig.directory, '.git/mlx/ignore-asked'))).toBe(false);
    expect(rig.tree().filter((path) => !path.startsWith('.git/'))).toEqual(['.gitignore', 'main.sh', 'new.txt']);
  });

  test('whether to stop, delete or collect leaves all as it is', async () => {
    const rig = project();
    await rig.mlx('run', 'main.sh', 'a=1,2', '--quiet');
    await rig.mlx('submit', '--local', './main.sh');
    const stale = rig.write('logs/.mlx/info.yaml.elsewhere.1.tmp', '');
    utimesSync(stale, 1e9, 1e9);
    const before = rig.tree('logs');
    for (const words of [['delete', '1', '2'], ['stop'], ['delete'], ['gc'], ['hold']]) {
      const { text, exitCode } = await inTerminal(rig, words, [['? [y/N] ', key]]);
      expect([words, exitCode, text]).toEqual([words, 130, expect.stringContaining('nothing was changed')]);
    }
    expect(rig.tree('logs')).toEqual(before);
  });
});

describe('the answer of the scheduler dialogue', () => {
  const chosen = [
    [yesNo, 'y\r'],
    [choice, 'OARScheduler\r'],
  ] as const;

  test('is not written if the launch can not be checked', async () => {
    const rig = project();
    const path = withOar(rig);
    rig.write('configs/config.yaml', 'a: 1\n');
    for (const words of [
      ['run', 'main.sh', '+a=1', '--scheduler'],
      ['run', 'main.sh', 'a=1', '--scheduler', '--mem', '1G'],
      ['run', 'nowhere.sh', 'a=1', '--scheduler'],
    ]) {
      const { text, exitCode } = await inTerminal(rig, words, chosen, { PATH: path });
      expect([exitCode, text]).toEqual([2, expect.not.stringContaining('created in')]);
    }
    const without = await inTerminal(rig, ['run', 'main.sh', '--scheduler'], chosen, {
      PATH: pathOf('bash', 'git', 'env'),
    });
    expect([without.exitCode, without.text]).toEqual([expect.any(Number), expect.stringContaining('oarsub')]);
    expect(rig.tree()).toEqual(['configs/', 'configs/config.yaml', 'main.sh']);
  });

  test('is written once everything has been checked', async () => {
    const rig = project();
    const { text } = await inTerminal(rig, ['run', 'main.sh', 'a=1', '--scheduler'], chosen, { PATH: withOar(rig) });
    expect(text).toContain(
      'Setting Scheduler to OARScheduler\n\nDefault settings for mlx were created in configs/mlx.yaml',
    );
    expect(rig.read('configs/mlx.yaml')).toMatch(/^scheduler:\n {2}name: OARScheduler # /m);
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeRig, mlxBin, type Rig, waitUntil } from '../rig/rig.js';

/** A project whose program shows its environment, and runs until there is a file `go`. */
function project(): Rig {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\nenv > "$1.env"\nuntil [ -e go ]; do sleep 0.05; done\n');
  return rig;
}

/** The process that carries out the launch. */
function launcherOf(rig: Rig): number {
  const [owner = ''] = rig.tree('logs/.mlx/launches').filter((path) => path.endsWith('process.yaml'));
  const [, pid] = /^pid: (\d+)$/m.exec(rig.read(`logs/.mlx/launches/${owner}`)) ?? [];
  return Number(pid);
}

/** Starts a launch of two runs as a shell does, and sends it a signal while the first one runs; then `next`. */
async function signalled(rig: Rig, line: string, signal: NodeJS.Signals, next = () => {}) {
  const launch = execa('bash', ['-c', line, mlxBin, 'run', 'main.sh', 'i=1,2', '--parallel', '1', '-q'], {
    cwd: rig.directory,
    env: { CI: 'true', NO_COLOR: '1' },
    reject: false,
    stdin: 'ignore',
  });
  await waitUntil(() => existsSync(join(rig.directory, 'i=1.env')), 'the first run');
  process.kill(launcherOf(rig), signal);
  next();
  return launch;
}

describe('a signal that was ignored when mlx was started stays ignored', () => {
  test.for([
    ['nohup', 'nohup "$0" "$@"', 'SIGHUP'],
    ['nohup and node', 'nohup node "$0" "$@"; exit $?', 'SIGHUP'],
    ['a trap for HUP', `trap '' HUP; "$0" "$@"`, 'SIGHUP'],
    ['a script that goes on in the background', '"$0" "$@" & wait $!', 'SIGINT'],
    ['a trap for QUIT', `trap '' QUIT; "$0" "$@"`, 'SIGQUIT'],
  ] as const)('%s', async ([, line, signal]) => {
    const rig = project();
    const { exitCode } = await signalled(rig, line, signal, () => void rig.write('go', ''));
    expect(exitCode).toBe(0);
    const runs = JSON.parse((await rig.mlx('list', '--json')).stdout);
    expect(runs.map(({ status }: { status: string }) => status)).toEqual(['COMPLETE', 'COMPLETE']);
    expect(rig.read('i=2.env')).not.toContain('MLX_IGNORED_SIGNALS');
  });
});

test.for([
  ['SIGHUP', `trap '' INT; "$0" "$@"`, 129],
  ['SIGINT', `trap '' HUP; "$0" "$@"`, 130],
] as const)('%s that was not ignored ends the launch', async ([signal, line, code]) => {
  const rig = project();
  expect((await signalled(rig, line, signal)).exitCode).toBe(code);
  expect((await rig.mlx('list', '--json')).stdout).toMatch(new RegExp(`"reason":\\s*"interrupted by ${signal}`));
});

test('a terminal that is closed ends the launch, and is no crash', async () => {
  const rig = project();
  const close = `
import os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
while not os.path.exists('i=1.env'):
    if select.select([terminal], [], [], 0.05)[0]: os.read(terminal, 65536)
os.close(terminal)
status = os.waitpid(pid, 0)[1]
print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status))
`;
  const words = [mlxBin, 'run', 'main.sh', 'i=1,2', '--parallel', '1'];
  const { stdout } = await execa('python3', ['-c', close, ...words], { cwd: rig.directory, env: { TERM: 'xterm' } });
  expect(stdout).toBe('1');
  expect((await rig.mlx('list', '--json')).stdout).toContain('"interrupted by SIGHUP, which a closed terminal sends"');
});

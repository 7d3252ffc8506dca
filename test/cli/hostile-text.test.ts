import { expect, test } from 'vitest';
import { unprintable } from '../../src/core/unprintable.js';
import { makeRig } from '../rig/rig.js';

const hostile = 'q\u202eevil\u2066\x1b[31mred\x9b31m\u200f\u061c';

test('no name, value or error brings a control character to a terminal; JSON has each as an escape', async () => {
  const rig = makeRig();
  rig.write(
    'p\u202e.py',
    `import sys, mlxrun
run = mlxrun.start()
run.log_metrics({"lo\\u202ess": 1.0, "x\\x1b[31m": 2.0, "loss": 1, "text": "v\\u202e\\x1b[31m"})
print("RuntimeError: boom\\u202e\\x1b[31m", file=sys.stderr)
sys.exit(int(run.config["fail"]))
`,
  );
  rig.write('configs/config.yaml', 'z: 1\nfail: 0\n"k\u202ey": 1\nm: {"k\u202ey\\e[31m": 2}\n');
  const value = `z="${hostile}"`;
  const commands = [
    ['run', 'p\u202e.py', value, 'fail=0,1'],
    ['run', 'p\u202e.py', value, '--dry-run'],
    ['run', 'p\u202e.py', value, '--dry-run', '--json'],
    ['run', 'p\u202e.py', value, 'other\u202e=1'],
    ['run', `p.py${hostile}`],
    ['config', 'p\u202e.py', value],
    ['config', 'p\u202e.py', value, '--show', 'origin'],
    ['list', '--json'],
    ['list', '--columns', 'run,config.z,error,command,point'],
    ['list', '--where', `z == "${hostile}"`, '--sort', hostile],
    ['show', '2'],
    ['report', '2'],
    ['why', '2', '--json'],
    ['why', '2'],
    ['watch', '2'],
    ['diff', '1', '2'],
    ['query'],
    ['query', '--jsonl'],
    ['query', '--group-by', 'z'],
    ['best', 'loss', '--min'],
    ['best', hostile, '--min'],
    ['plot', 'loss'],
    ['doctor', '--store', hostile],
    ['queues', hostile],
  ];
  for (const words of commands) {
    const { stdout, stderr } = await rig.mlx(...words);
    expect(stdout + stderr, words.join(' ')).not.toMatch(unprintable);
    expect(stdout + stderr).not.toBe('');
  }
  const [, listed] = JSON.parse((await rig.mlx('query', '--json', '--select', 'z')).stdout);
  expect(listed.z).toBe(hostile);
  // What a file or another program gets is the value.
  expect((await rig.mlx('query', '--csv', '--select', 'z', '2')).stdout).toContain(hostile);
  expect((await rig.mlx('logs', '2')).stderr + (await rig.mlx('logs', '2')).stdout).toContain('boom\u202e\x1b[31m');
});

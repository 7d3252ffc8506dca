import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { makeRig, mlxBin, type Rig, waitUntil } from '../rig/rig.js';

/** Starts of the three shells, without the settings of whoever runs the tests, and with mlx's completion. */
const shells = {
  bash: {
    command: 'bash --noprofile --norc -i',
    setup: 'PS1="<ready>"; eval "$(mlx completion bash)"',
  },
  zsh: {
    command: 'zsh -f -i',
    setup: 'PS1="<ready>"; PROMPT_SP=; autoload -Uz compinit; compinit -u -D; eval "$(mlx completion zsh)"',
  },
  fish: {
    command: 'fish --no-config --private -i',
    setup: 'function fish_prompt; printf "<ready>"; end; mlx completion fish | source',
  },
} as const;

type ShellName = keyof typeof shells;

/** The shells that are installed; where `MLX_SHELLS=required`, all. */
const shellNames = (['bash', 'zsh', 'fish'] as const).filter(
  (shell) =>
    process.env['MLX_SHELLS'] === 'required' ||
    (process.env['PATH'] ?? '').split(':').some((directory) => existsSync(join(directory, shell))),
);

/** What ends a word and a command line in the file that the stand-in for mlx writes. */
const [endOfWord, endOfLine] = ['\u001e', '\u001d'];

interface ShellSession {
  /** Types a line, in which a tab completes, and returns the words that mlx is called with. */
  type(line: string): Promise<string[]>;
}

/** Starts a shell in a terminal; `mlx` is there, and writes down its words unless it completes. */
async function startShell(rig: Rig, shell: ShellName): Promise<ShellSession> {
  const parent = dirname(rig.directory);
  const [bin, seen] = [join(parent, `bin-${shell}`), join(parent, `seen-${shell}`)];
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'mlx'),
    `#!/bin/sh
[ "$1" = completion ] && exec '${process.execPath}' '${mlxBin}' "$@"
{ printf '%s\\036' "$@"; printf '\\035'; } >> '${seen}'
`,
    { mode: 0o755 },
  );
  const { command, setup } = shells[shell];
  const child = execa('script', ['-qec', command, '/dev/null'], {
    cwd: rig.directory,
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      TERM: 'xterm',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      HOME: parent,
      PS1: '<ready>',
    },
    reject: false,
    buffer: false,
    stdin: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const until = (condition: () => boolean, what: string) =>
    waitUntil(condition, what).catch((error: Error) => {
      throw new Error(`${shell}: ${error.message}\n${text}`);
    });
  const lines = () => (existsSync(seen) ? readFileSync(seen, 'utf8').split(endOfLine).slice(0, -1) : []);
  await until(() => text !== '', 'starts');
  child.stdin.write(`${setup}; mlx ready\r`);
  await until(() => lines().length === 1, 'is ready');
  return {
    async type(line) {
      const count = lines().length;
      child.stdin.write(`${line}\r`);
      await until(() => lines().length > count, `runs ${JSON.stringify(line)}`);
      return (lines().at(-1) ?? '').split(endOfWord).slice(0, -1);
    },
  };
}

/** Names of options of a config group as a stranger may choose them, and as an override has them. */
const names: readonly (readonly [name: string, written: string])[] = [
  ['plain', 'plain'],
  ['$(touch PWNED)', "'$(touch PWNED)'"],
  ['`touch PWNED`', "'`touch PWNED`'"],
  ['x;touch PWNED', "'x;touch PWNED'"],
  ['x&&touch PWNED', "'x&&touch PWNED'"],
  ['x\ntouch PWNED\n', "'x\ntouch PWNED\n'"],
  ['(touch PWNED)', "'(touch PWNED)'"],
  ['two  blanks', 'two  blanks'],
  ["it's", "'it\\'s'"],
  ['a"b', "'a\"b'"],
  ['a,b', "'a,b'"],
  ['a[1]{b}', "'a[1]{b}'"],
  ['-dash', '-dash'],
  ['back\\slash', 'back\\slash'],
  ['~root', "'~root'"],
  ['*', '*'],
  ['!!', "'!!'"],
  ['#x', "'#x'"],
  ['größe 日本', "'größe 日本'"],
  ['null', "'null'"],
];

test.for(shellNames)(
  '%s completes options of a group as single words, whatever their names',
  { timeout: 180_000 },
  async (shell) => {
    const rig = makeRig();
    names.forEach(([name], at) => {
      rig.write(`${at}/train.py`, '');
      rig.write(`${at}/configs/config.yaml`, 'lr: 1\n');
      rig.write(`${at}/configs/model/${name}.yaml`, 'a: 1\n');
    });
    const session = await startShell(rig, shell);
    const found: string[][] = [];
    for (const at of names.keys()) {
      await session.type(`cd ${at === 0 ? '' : '../'}${at}; mlx there`);
      found.push(await session.type('mlx run train.py model=\t'));
    }
    expect(found).toEqual(names.map(([, written]) => ['run', 'train.py', `model=${written}`]));
    expect(rig.tree().filter((path) => path.endsWith('PWNED'))).toEqual([]);
  },
);

/** What is typed, and what mlx is then called with: in all shells the same. */
const lines: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['mlx run tr\t', ['run', 'train.py']],
  ['mlx run train.py optimizer=a\t', ['run', 'train.py', 'optimizer=adam']],
  ['true; mlx run train.py optimizer=a\t', ['run', 'train.py', 'optimizer=adam']],
  ['true && mlx run train.py "optimizer=a\t', ['run', 'train.py', 'optimizer=adam']],
  ["mlx run train.py 'optimizer=a\t", ['run', 'train.py', 'optimizer=adam']],
  ['mlx run train.py opti\tad\t', ['run', 'train.py', 'optimizer=adam']],
  ['mlx run train.py +optimizer=a\t', ['run', 'train.py', '+optimizer=adam']],
  // Several options: a sweep, and a list.
  ['mlx run train.py optimizer=adam,s\t', ['run', 'train.py', 'optimizer=adam,sgd']],
  ["mlx run train.py 'optimizer=[adam,s\t", ['run', 'train.py', 'optimizer=[adam,sgd']],
  ['mlx run train.py optimizer=\\[adam,s\t', ['run', 'train.py', 'optimizer=[adam,sgd']],
  // Within quotes of the shell, a name with quotes for mlx.
  ["mlx run train.py 'model=\t", ['run', 'train.py', "model='it\\'s $(touch PWNED) `!!`, \"[x]'"]],
  ['mlx run train.py "model=\t', ['run', 'train.py', "model='it\\'s $(touch PWNED) `!!`, \"[x]'"]],
  ['mlx run train.py model=it\t', ['run', 'train.py', "model='it\\'s $(touch PWNED) `!!`, \"[x]'"]],
  ['mlx run train.py zed\t1', ['run', 'train.py', 'zed$x=1']],
  ['mlx list complete,faile\t', ['list', 'complete,failed']],
  ['mlx show @la\t', ['show', '@last']],
  ['mlx list --columns run,train.lo\t', ['list', '--columns', 'run,train.loss']],
  ["mlx list --where 'run < 3 & train.val\t", ['list', '--where', 'run < 3 & `train.val/loss`']],
  ["mlx list --where 'run < 3 & `train.val\t", ['list', '--where', 'run < 3 & `train.val/loss`']],
];

test.for(shellNames)('%s completes in quotes, lists and expressions', { timeout: 180_000 }, async (shell) => {
  const rig = makeRig();
  rig.write('train.py', 'import mlxrun\nmlxrun.start().log_metrics({"loss": 1, "val/loss": 2})\n');
  rig.write('configs/config.yaml', '"-rf": 1\n"$(touch PWNED)": 1\n"zed$x": 1\n"a b": 1\n');
  for (const option of ['adam', 'sgd']) rig.write(`configs/optimizer/${option}.yaml`, 'lr: 1\n');
  rig.write(`configs/model/it's $(touch PWNED) \`!!\`, "[x].yaml`, 'a: 1\n');
  rig.write('configs/-group/x.yaml', 'a: 1\n');
  rig.write('configs/$(touch PWNED)/x.yaml', 'a: 1\n');
  expect((await rig.mlx('run', 'train.py', '--no-config', '-q')).exitCode).toBe(0);
  const session = await startShell(rig, shell);
  const found: [string, string[]][] = [];
  for (const [line] of lines) found.push([line, await session.type(line)]);
  expect(found).toEqual(lines);
  // What can be no override is not offered.
  const offered = await rig.mlx('completion', 'words', '--', shell, 'mlx run train.py ');
  const key = shell === 'bash' ? 'zed\\$x=' : 'zed$x=';
  expect(offered.stdout.split('\n').sort()).toEqual(['', 'model=', 'optimizer=', key]);
  expect(rig.tree().filter((path) => path.endsWith('PWNED'))).toEqual([]);
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteCommand, quoteWord } from '../../src/core/quote.js';
import { commandLines, renderScript } from '../../src/script/index.js';

const hostile = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '-n',
    '$(touch x)',
    '`id`',
    "'",
    '"',
    '\\',
    '\n',
    '\t ',
    '*',
    '~',
    '!x',
    'a=b',
    'é 日本 🚀',
    'if',
    '{a,b}',
    '#',
    '$HOME',
    'a\n#$ -q other',
    'dos\r\nline',
  ),
);
const word = hostile.filter((text) => !text.includes('\0') && text.isWellFormed());

/** What a shell hands to a program, NUL between the words. */
function argvThrough(shell: string, line: string): string[] {
  const output = execFileSync(shell, ['-c', line], { encoding: 'utf8' });
  return output.split('\0').slice(0, -1);
}

test.for(['bash', 'sh'])('any words reach argv byte for byte through %s', (shell) => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
      expect(argvThrough(shell, quoteCommand(['/usr/bin/printf', '%s\\0', ...words]))).toEqual(words);
    }),
    { numRuns: 100 },
  );
});

test('words that need no quotes have none', () => {
  expect(quoteCommand(['python', 'main.py', 'optimizer.lr=10.', 'seed=1'])).toBe(
    'python main.py optimizer.lr=10. seed=1',
  );
});

test('a program is a program, whatever its name means to bash', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-names-'));
  for (const name of ['time', 'if', 'A=1', 'coproc', '!', '{', 'x y', '~']) {
    writeFileSync(join(directory, name), '#!/bin/sh\nprintf %s "$(basename "$0")"\n', { mode: 0o755 });
    const { stdout } = spawnSync('bash', ['-c', quoteCommand([name])], {
      encoding: 'utf8',
      env: { PATH: `${directory}:/usr/bin:/bin` },
    });
    expect(stdout).toBe(name);
  }
});

test('a script reads as a person would write it', () => {
  const spec = {
    shell: '/bin/bash',
    directives: ['#OAR -n logs/1', '#OAR -l core=1, walltime=6:00:00'],
    runDirectory: '/root/logs/1',
    supervisor: '/root/logs/.mlx/runtime/1/run.sh',
    supervisorWords: [],
    setup: ['module load cuda'],
    environment: [['PATH', '/opt/my tools/bin:/usr/bin']] as const,
    workDirectory: '/root/workdir',
    body: commandLines(['python', 'main.py', 'optimizer.lr=10.', "name='a b'"], []),
  };
  expect(renderScript(spec)).toBe(`#!/bin/bash
#OAR -n logs/1
#OAR -l core=1, walltime=6:00:00

[ "$MLX_SUPERVISOR" = "$PPID /root/logs/1" ] || exec bash /root/logs/.mlx/runtime/1/run.sh /root/logs/1 "$@"

export PATH='/opt/my tools/bin:/usr/bin'
module load cuda
cd /root/workdir || exit
exec python main.py optimizer.lr=10. 'name='\\''a b'\\'''
`);
  expect(quoteWord("it's")).toBe(`'it'\\''s'`);
});

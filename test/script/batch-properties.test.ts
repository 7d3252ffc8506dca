import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { MlxError } from '../../src/failures/failure.js';
import { batchBody, launchPoints, pointsOf, readBatchCommands } from '../../src/launch/index.js';
import { configuredPoints } from '../../src/launch/plan/points.js';
import { parseShell } from '../../src/script/index.js';
import { parseOverride, points, sourceToken, sweepOf } from '../../src/sweep/index.js';

const home = mkdtempSync(join(tmpdir(), 'mlx-batch-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The bodies of a script's jobs, made when they are asked for. */
async function jobsOf(text: string): Promise<(() => string)[]> {
  const shell = parseShell({ name: 'script.sh', text });
  const { commands } = await readBatchCommands(shell, { environment: {}, cwd: home });
  const script = { name: 'script.sh', shell, commands, directives: [], shebang: '/bin/bash' };
  return commands.flatMap((command) => {
    const all = launchPoints(pointsOf(command.overrides.map(({ override }) => override)));
    return [...configuredPoints(all, { kind: 'overrides-only' })].map(
      ({ point }) =>
        () =>
          batchBody(script, command, point.overrides).body,
    );
  });
}

const bodiesOf = async (text: string) => (await jobsOf(text)).map((make) => make());

/** What a script prints and leaves. */
function effects(text: string): { stdout: string; files: Record<string, string> } {
  const directory = join(home, 'work');
  mkdirSync(directory);
  cpSync(join(home, 'prog'), join(directory, 'prog'));
  const file = join(home, 'run.sh');
  writeFileSync(file, text);
  const { stdout } = spawnSync('bash', [file], {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  });
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = names.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(directory.length), readFileSync(path, 'utf8')] as const;
  });
  rmSync(directory, { recursive: true });
  return { stdout, files: Object.fromEntries(files.sort()) };
}

writeFileSync(
  join(home, 'prog'),
  '#!/bin/bash\nprintf "<%s>" "$@"; pwd | sed "s|.*/||"; echo "$#" >> count; exit ${CODE:-0}\n',
  {
    mode: 0o755,
  },
);

const statements = [
  'x="a b"; y=$x',
  "z='*'",
  'echo "x is $x, status $?"',
  'mkdir -p sub && cd sub && cp ../prog . 2>/dev/null',
  'cat > notes.txt <<EOF\nx=$x\n./prog a=1,2\nEOF',
  "cat <<-'END' | tr a-z A-Z\n\tquoted $x\n\tEND",
  'f() {\n  echo "in f: $*"\n  return 4\n}\nf 1 2',
  'if [ -n "$x" ]; then echo yes; else echo no; fi',
  'for i in 1 2 3; do echo "loop $i"; done > loop.txt',
  'while read -r line; do echo "read $line"; done < /proc/self/comm | head -1 | wc -l',
  '(cd / && pwd)',
  '{ echo group; echo more; } 2>&1',
  'false || echo recovered',
  '! true; echo "status $?"',
  'export CODE=3',
  'unset CODE',
  'set -u; set +u',
  'set -e',
  'set -o pipefail',
  'trap "echo bye" EXIT',
  'echo $((1 + 2)) "${x:-none}" "${#x}" `echo back`',
  'case $x in a*) echo starts with a ;; *) echo other ;; esac',
  'sleep 0 & wait',
  '# a comment with ./prog a=1',
  '',
  'echo one; echo two; echo three',
  'arr=(1 2 3); echo "${arr[@]}"',
  'printf "%s\\n" a=1 b=2',
  'echo "multi\nline"',
  'echo continued \\\n  line',
];

const commands = [
  './prog a=1 b=two',
  './prog "a=$x" plain b=1',
  'A=1 ./prog a=1',
  './prog a=1 > out.txt 2>&1',
  './prog a=1 | sort',
  './prog a=1 || echo failed',
  'cd . && ./prog a=1',
  './prog a=1 <<EOF\ninput $x\nEOF',
  './prog \\\n  a=1 \\\n  b=2',
  'time -p ./prog a=1 2>/dev/null',
  './prog a=1; echo "then $?"',
  'echo before; ./prog a=1 # comment',
];

test('a script without sweeps does in its job what it does by itself', async () => {
  const some = fc.array(fc.constantFrom(...statements), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(some, fc.constantFrom(...commands), some, async (before, command, after) => {
      const text = ['#!/bin/bash', '#SBATCH -t 5', ...before, command, ...after, ''].join('\n');
      const [body, ...others] = await bodiesOf(text);
      expect(others).toEqual([]);
      expect(effects(body ?? '')).toEqual(effects(text));
    }),
    { numRuns: 250 },
  );
});

describe('the argv of a job', () => {
  const printArgs = "printf '%s\\0'";
  const argvOf = (text: string) => {
    const { stdout } = spawnSync('bash', ['-c', text], { encoding: 'utf8', cwd: home, env: { PATH: '/usr/bin:/bin' } });
    return stdout.split('\0').slice(0, -1);
  };
  const quote = [
    (text: string) => `'${text.replace(/'/g, "'\\''")}'`,
    (text: string) => `"${text.replace(/[\\"$`]/g, '\\$&')}"`,
    (text: string) =>
      text.replace(/[^A-Za-z0-9_,.=]/gu, (character) => (character === '\n' ? "'\n'" : `\\${character}`)),
    (text: string) => `$'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`,
  ];
  const value = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.string({ unit: 'grapheme', maxLength: 5 }),
    fc.constantFrom('a b', "it's", '"', '\\', '$HOME', '`x`', 'a\nb', '*', '~', '!', '#', '', '{a: 1}', '[1,2]', '-x'),
  );
  const written = fc.tuple(value, fc.constantFrom(...quote)).map(([text, how]) => how(text.replaceAll('\0', '')));
  const values = fc.array(
    value.map(
      (text) =>
        `'${text
          .replaceAll('\0', '')
          .replace(/\\+(?='|$)/g, '')
          .replace(/'/g, "\\'")}'`,
    ),
    { minLength: 2, maxLength: 3 },
  );

  test('is what bash would have passed for that point, in any quoting', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(written, { maxLength: 3 }),
        values,
        fc.constantFrom(...quote),
        async (words, sweep, how) => {
          const swept = how(`key=${sweep.join(',')}`);
          const whole = argvOf(`${printArgs} ${[...words, swept, 'last'].join(' ')}`);
          const place = whole.length - 2;
          // A word that looks like an override is one.
          fc.pre(whole.slice(0, place).every((word) => !/^[+~]*[\w$./@-]+=/.test(word)));
          const expected = [...points(sweepOf({ overrides: [parseOverride(whole[place] ?? '')] }))].map(
            ({ overrides }) => whole.with(place, overrides.map(sourceToken).join()),
          );
          const script = `./prog ${[...words, swept, 'last'].join(' ')}\n`;
          const bodies = await bodiesOf(script);
          expect(bodies.map((body) => argvOf(body.replace(/^exec \.\/prog/m, printArgs)))).toEqual(expected);
        },
      ),
      { numRuns: 300, examples: [[["'-c'"], ["''", "'a b'"], (text) => `'${text.replace(/'/g, "'\\''")}'`]] },
    );
  });
});

describe('a hostile script is answered in bounded time', () => {
  const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}echo${close.repeat(depth)}\n`;
  const texts: Record<string, string> = {
    '5 MB in one line': `./prog a=1,2 ${'x'.repeat(5_000_000)}\n`,
    '5 MB of words': `./prog a=1,2 ${'x '.repeat(2_500_000)}\n`,
    '100,000 lines': `${'echo line; x=$x\n'.repeat(100_000)}./prog a=1,2\n`,
    '100,000 commands in one list': `${'true && '.repeat(100_000)}./prog a=1,2\n`,
    '20,000 swept commands': './prog a=1,2\n'.repeat(20_000),
    'nested substitutions': nested('$(', ')', 1000),
    'nested quotes': nested('"$(', ')"', 1000),
    'nested subshells': nested('( ', ' )', 1000),
    'nested braces': `echo ${'{a,'.repeat(1000)}b${'}'.repeat(1000)}\n./prog a=1,2\n`,
    'an open quote': `echo "${'a\n'.repeat(100_000)}`,
    'an open here-document': `cat <<EOF\n${'a\n'.repeat(100_000)}`,
    'NUL bytes': './prog a=1,2\0\n',
    'random bytes': Array.from({ length: 100_000 }, (_, i) => String.fromCharCode((i * 7919) % 256)).join(''),
    nothing: '',
  };
  test.for(Object.entries(texts))('%s', async ([, text]) => {
    const begin = performance.now();
    try {
      const [first] = await jobsOf(text);
      expect(first?.()).toMatch(/\.\/prog a=1\b/);
    } catch (error) {
      expect(error).toBeInstanceOf(MlxError);
    }
    expect(performance.now() - begin).toBeLessThan(20_000);
  });
});

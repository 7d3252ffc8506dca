import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { split } from 'shlex';
import { describe, expect, test } from 'vitest';
import { commands } from '../src/cli/commands.js';
import { parseArgs } from '../src/cli/parse-args.js';
import { makeRig, mlxBin } from './rig/rig.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].sort();

/** The commands that a page shows: lines of its shell blocks, and code in its text and tables. */
function commandsIn(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block.replaceAll('\\\n', ' ').split('\n'),
  );
  const prose = text.replace(/^```.*?^```/gms, '');
  const spans = [...prose.matchAll(/`((?:mlx|mlxsub) [^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'));
  return [...blocks, ...spans]
    .flatMap((line) => line.split(' · '))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => /^(npx )?(mlx|mlxsub) /.test(line))
    .map((line) => line.replace(/^npx /, ''));
}

/** What stands for something else is no word of a command: `mlx stop …`, `mlx show ID`. */
const isWhole = (line: string) =>
  !/…|\.\.\.|\b[A-Z]{2,}\b(?!=)|^mlx (help|--\w+)/.test(line.replace(/'[^']*'|"[^"]*"/g, '').replace(/--\S+/g, ''));

describe('pages', () => {
  const shown = pages.flatMap((page) =>
    [...new Set(commandsIn(page))].filter(isWhole).map((line) => [page, line] as const),
  );

  test('show some hundred commands', () => expect(shown.length).toBeGreaterThan(100));

  test.for(shown)('%s: mlx takes %s', ([, line]) => {
    const all = split(line);
    // What comes behind is the shell's.
    const end = all.findIndex((word) => ['&&', '>', '|'].includes(word));
    const [first, ...words] = end === -1 ? all : all.slice(0, end);
    // `--local` may stand before the command, as jman has it.
    const isLocal = words[0] === '--local';
    const [name, ...rest] =
      first === 'mlxsub' ? ['sub', ...words] : isLocal ? [words[1] ?? '', '--local', ...words.slice(2)] : words;
    const command = commands.find((one) => one.name === name || one.aliases.includes(name ?? ''));
    expect(command, name).toBeDefined();
    if (command) parseArgs(rest, command);
  });

  test('link to pages that are there', () => {
    for (const page of pages) {
      const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#:]+)\)/g)].map(
        ([, link = '']) => link,
      );
      for (const link of links)
        expect(() => readFileSync(join(root, page, '..', link)), `${page}: ${link}`).not.toThrow(/ENOENT/);
    }
  });

  test('are what mlx help prints', async () => {
    const { stdout } = await execa(process.execPath, [mlxBin, 'help', 'preemption']);
    expect(stdout.split('\n')[0]).toBe('Preemption, time limits, steps: long training that survives the cluster');
    const all = await execa(process.execPath, [mlxBin, 'help']);
    for (const page of pages.filter((name) => name !== 'README.md')) {
      expect(all.stdout).toContain(`  ${page.replace(/^.*\/|\.md$/g, '')} `);
    }
    const wrong = await execa(process.execPath, [mlxBin, 'help', 'preemtion'], { reject: false });
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("did you mean 'preemption'?")]);
  });
});

test('the commands of the page about reading, one after the other', { timeout: 120_000 }, async () => {
  const rig = makeRig();
  mkdirSync(join(rig.directory, 'examples'));
  cpSync(join(root, 'examples/iris'), join(rig.directory, 'examples/iris'), { recursive: true });
  const text = readFileSync(join(root, 'docs/reading.md'), 'utf8');
  const lines = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.trim().split('\n'));
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) {
    const shell = `set -e; mlx() { ${process.execPath} ${mlxBin} "$@"; }; ${line}`;
    const { exitCode, stderr } = await execa('bash', ['-c', shell], {
      cwd: rig.directory,
      env: { CI: 'true' },
      reject: false,
    });
    expect([line, exitCode, exitCode === 0 ? '' : stderr]).toEqual([line, 0, '']);
  }
  expect(rig.tree('.').filter((name) => /^(loss|results)\./.test(name))).toEqual([
    'loss.html',
    'results.csv',
    'results.parquet',
  ]);
});

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import uniq from 'lodash/uniq.js';
import { split } from 'shlex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseArgs } from '../src/arguments/index.js';
import { commands } from '../src/cli/commands/index.js';
import { makeGitRig } from './code/git-rig.js';
import { makeRig, mlxBin } from './rig/rig.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].sort();

/** The commands that a page shows: lines of its shell blocks, code in its text and tables, or both. */
function commandsIn(page: string, where?: 'blocks' | 'prose'): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block.replaceAll('\\\n', ' ').split('\n'),
  );
  const prose = text.replace(/^```.*?^```/gms, '');
  const spans = [...prose.matchAll(/`((?:mlx|mlxsub) [^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'));
  return [...(where === 'prose' ? [] : blocks), ...(where === 'blocks' ? [] : spans)]
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
    // Of which mlx help prints the usage.
    const names = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(pages.map((page) => page.replace(/^.*\/|\.md$/g, '')).filter((page) => names.includes(page))).toEqual([]);
    for (const page of pages.filter((name) => name !== 'README.md')) {
      expect(all.stdout).toContain(`  ${page.replace(/^.*\/|\.md$/g, '')} `);
    }
    const wrong = await execa(process.execPath, [mlxBin, 'help', 'preemtion'], { reject: false });
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("did you mean 'preemption'?")]);
  });
});

/**
 * What the pages show is done, each in the same project, whose thirteen runs have ended. What goes to an engine is a dry run here: what becomes of
 * it there the cluster tests see.
 */
describe('what pages show works', () => {
  const names = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
  /** A command that is only named, such as `mlx stop` or `mlx list --json`, is not shown as it would be typed. */
  const isNamed = (line: string) =>
    new RegExp(`^(mlx (--local )?(${names.join('|')})|mlxsub)( --[\\w-]+( \\d+)?)*$`).test(line);
  const isServed = (line: string) => /^mlx ui/.test(line);
  const asksEngine = (line: string) => /^mlx queues/.test(line);
  const shown = uniq(
    pages.flatMap((page) => {
      const inBlocks = commandsIn(page, 'blocks');
      return [...inBlocks, ...commandsIn(page, 'prose').filter((line) => !isNamed(line))];
    }),
  ).filter((line) => isWhole(line) && !isServed(line) && !asksEngine(line));

  const adapted = (line: string) =>
    /opt=|layers=|model\./.test(line) ? line.replace('mlx run', '$& --config-name sweeps') : line;

  const dry = (line: string) =>
    /--dry-run|--print_config|^mlx --local/.test(line)
      ? line
      : /^mlx (submit|job (?!local))/.test(line)
        ? line.replace(/^mlx (submit|job \w+)/, '$& --dry-run')
        : /^mlxsub|^mlx sub |--scheduler|-- versioned/.test(line)
          ? line.replace(/^(mlx \w+|mlxsub)/, '$& --dry-run')
          : line;

  let rig: ReturnType<typeof makeGitRig>;
  let pristine: string;

  beforeAll(async () => {
    rig = makeGitRig({}, afterAll);
    writeProject(rig);
    rig.write('site.yaml', (await rig.mlx('job', 'pbs', '--print_config')).stdout);
    rig.commit();
    for (const words of [
      ['run', 'train.py', 'optimizer.lr=1e-3,1e-2', 'seed=1,2', '-q'],
      ['submit', '--local', '--name', 'prepare', './prepare.sh'],
      ['execute', '--local', '-q'],
      ['run', 'train.py', 'optimizer.lr=1e-3,1e-2', 'seed=1,2', 'model=a,b', '-q'],
    ]) {
      const { exitCode, stderr } = await rig.mlx(...words);
      expect([words, exitCode, exitCode === 0 ? '' : stderr]).toEqual([words, 0, '']);
    }
    pristine = `${rig.directory} as it was`;
    cpSync(rig.directory, pristine, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  });

  test.for(shown)('%s', async (line) => {
    rmSync(rig.directory, { recursive: true });
    cpSync(pristine, rig.directory, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    const shell = `mlx() { "$NODE" "$MLX" "$@"; }; mlxsub() { "$NODE" "$MLX" sub "$@"; }; ${dry(adapted(line))}`;
    const { stderr, exitCode } = await execa('bash', ['-c', shell], {
      cwd: rig.directory,
      env: { NODE: process.execPath, MLX: mlxBin, CI: 'true' },
      stdin: 'ignore',
      reject: false,
    });
    expect([exitCode, /^mlx: /m.test(stderr)], stderr).toEqual([0, false]);
  });
});

/** Programs, scripts and configs by the names that pages use. */
function writeProject(rig: ReturnType<typeof makeGitRig>): void {
  const train = `import mlxrun
run = mlxrun.start(config="configs/config.yaml")
for epoch in range(1, 4):
    for split, factor in (("train", 1), ("test", 2)):
        run.log_metrics({"epoch": epoch, "loss": factor / (epoch + run.config.seed), "accuracy": 0.5}, log_name=split)
`;
  for (const name of ['train.py', 'main.py']) rig.write(name, train);
  rig.write('pkg/train.py', 'print("trained")\n');
  for (const name of ['prep.py', 'report.py']) rig.write(name, '');
  for (const name of ['myscript.py', 'script.py']) rig.write(name, '#!/usr/bin/env python3\n');
  for (const name of ['prepare', 'evaluate', 'eval', 'collect', 'tell-me']) rig.write(`${name}.sh`, '#!/bin/bash\n');
  rig.write('sim', '#!/bin/bash\n[ "$1" != --seed ] || echo done > "$4"\n');
  const batch = '#!/bin/bash\n#SBATCH --time=5\npython train.py seed=1,2\n';
  for (const name of ['script.sh', 'train.sh']) rig.write(name, batch);
  rig.write('sweep.yaml', 'params:\n  seed: 1,2\n');
  rig.write('configs/config.yaml', 'lr: 0.1\nseed: 0\nepochs: 200\nmodel: a\ndepth: 1\noptimizer: {lr: 0.001}\n');
  // Of the page about sweeps, whose model has parts.
  rig.write(
    'configs/sweeps.yaml',
    'defaults: [opt: sgd, _self_]\nlr: 0.1\nseed: 0\nlayers: [8]\ndebug: true\nmodel: {depth: 1, width: 8}\n',
  );
  for (const name of ['sgd', 'adam', 'adamw']) rig.write(`configs/opt/${name}.yaml`, `rule: ${name}\n`);
  rig.write('configs/mlx.yaml', 'scheduler: {name: slurm}\n');
  cpSync(join(root, 'examples'), join(rig.directory, 'examples'), { recursive: true });
}

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

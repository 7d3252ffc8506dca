import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

/** The folders of src from the lowest up: each may import those before it. */
const order = [
  'core',
  'failures',
  'arguments',
  'expression',
  'values',
  'sweep',
  'settings',
  'config',
  'script',
  'code',
  'store',
  'engines',
  'local',
  'tracking',
  'launch',
  'results',
  'runs',
  'plots',
  'templates',
  'export',
  'ui',
  'client',
  'cli',
] as const;

/** Folders that may import less than all below them. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  script: ['failures', 'core'],
  code: ['failures', 'core'],
  store: ['failures', 'core'],
  settings: ['values', 'sweep', 'failures', 'core'],
  engines: ['script', 'store', 'failures', 'core'],
  tracking: ['engines', 'store', 'failures', 'core'],
  local: ['engines', 'store', 'failures', 'core'],
  results: ['store', 'values', 'expression', 'failures', 'core'],
  plots: ['results', 'store', 'expression', 'failures', 'core'],
  templates: ['script', 'config', 'values', 'sweep', 'arguments', 'failures', 'core'],
  export: ['results', 'store', 'values', 'expression', 'failures', 'core'],
  client: ['values', 'sweep', 'failures', 'core'],
};

function below(folder: string): readonly string[] {
  return mayImport[folder] ?? order.slice(0, order.indexOf(folder as (typeof order)[number]));
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => join(src, name));

function folderOf(file: string): string {
  const path = relative(src, file);
  return path.includes(sep) ? (path.split(sep)[0] ?? '') : '';
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) => join(dirname(file), path ?? ''));
}

test.for(files)('%s imports only what lies below it', (file) => {
  const folder = folderOf(file);
  if (folder === '' || folder === 'cli') return;
  const imported = importsOf(file).map(folderOf);
  expect(imported.filter((other) => other !== folder && !below(folder).includes(other))).toEqual([]);
});

test('every folder has its place in the order', () => {
  const folders = new Set(files.map(folderOf).filter((folder) => folder !== '' && folder !== 'cli'));
  expect([...folders].filter((folder) => !order.includes(folder as (typeof order)[number]))).toEqual([]);
});

describe('below cli', () => {
  // The client is part of users' programs, and warns as mlxrun.py does.
  const belowCli = files.filter((file) => !['cli', 'client'].includes(folderOf(file)));
  test.for(belowCli)('%s prints nothing, asks nothing, does not exit', (file) => {
    const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(text).not.toMatch(/\bconsole\b|process\.(exit|stdout|stderr|stdin|exitCode)\b|node:readline/);
  });
});

test('only the process pool, --notify, the buttons of mlx ui, what asks tools who they are, and what runs commands of engines start processes', () => {
  const starting = files.filter((file) => /node:child_process|'execa'/.test(readFileSync(file, 'utf8')));
  expect(starting.map((file) => basename(file)).sort()).toEqual([
    'actions.ts',
    'command.ts',
    'notify.ts',
    'probe.ts',
    'supervisor-worker.ts',
  ]);
});

/** What each folder of src/cli may import of cli. Files beside the folders are not in the order. */
const cliFloors: Readonly<Record<string, readonly string[]>> = {
  grammar: [],
  options: ['grammar'],
  output: ['options', 'grammar'],
  selecting: ['output', 'options', 'grammar'],
  launching: ['output', 'options', 'grammar'],
  commands: ['launching', 'selecting', 'output', 'options', 'grammar'],
  process: ['commands', 'launching', 'selecting', 'output', 'options', 'grammar'],
};

function cliFolderOf(file: string): string {
  const [area, folder, name] = relative(src, file).split(sep);
  return area === 'cli' && name !== undefined && folder !== undefined ? folder : '';
}

describe('within cli', () => {
  test.for(files.filter((file) => cliFolderOf(file) !== ''))('%s imports only the floors below it', (file) => {
    const folder = cliFolderOf(file);
    const imported = importsOf(file).map(cliFolderOf);
    const wrong = imported.filter((other) => other !== '' && other !== folder && !cliFloors[folder]?.includes(other));
    expect(wrong).toEqual([]);
  });

  test('every folder has its floor', () => {
    expect([...new Set(files.map(cliFolderOf))].filter((folder) => folder !== '' && !(folder in cliFloors))).toEqual(
      [],
    );
  });
});

/** A part of what `scripts/count-house.mjs --json` prints. */
interface House {
  readonly longFiles: readonly { readonly path: string; readonly lines: number }[];
  readonly cycles: readonly (readonly string[])[];
  readonly deepImports: readonly { readonly from: string; readonly line: number; readonly to: string }[];
  readonly manyParameters: readonly { readonly path: string; readonly name: string; readonly parameters: number }[];
  readonly environment: readonly string[];
}

/** Files that may be longer than 400 lines, and why. */
const longByNature: Readonly<Record<string, string>> = {
  'page.css': 'the one style sheet of the page of mlx ui: a list of rules without logic',
};

/**
 * What breaks the walls today. A list has the files' names without their folders; a number is how many there are. Each
 * only shrinks, until it is empty and goes. Nothing is added.
 */
const notYet = {
  longFiles: [
    'commands.ts',
    'mlxrun.py',
    'run.sh',
    'render-failure.ts',
    'mlxread.py',
    'launch-record.ts',
    'mlxattempts.py',
    'slurm.ts',
    'failure.ts',
  ],
  cycles: 10,
  deepImports: 71,
  manyParameters: [
    'choose-engine.ts chooseEngine',
    'job.ts runHere',
    'job.ts submit',
    'job.ts planOf',
    'plan-engine.ts planEngine',
    'plot-maps.ts writeDrawing',
    'plot.ts tellGaps',
    'report.ts pageText',
    'restore-copy.ts recordedInCopy',
    'run-here.ts chooseReporter',
    'sub-engine.ts chosenEngine',
    'submit.ts programOf',
    'artifacts.ts saveArtifact',
    'merge.ts mergeValues',
    'merge.ts mergeMappings',
    'launch-jobs.ts Submitter',
    'launch-queue.ts queueRuns',
    'resubmit.ts resubmissions',
    'resubmit.ts submitAgain',
    'run-maker.ts beginLaunch',
    'chart.tsx dist',
    'server.ts send',
  ],
  environment: ['carry-out.ts', 'launch-record.ts', 'command.ts', 'slurm.ts', 'supervisor-worker.ts', 'git.ts'],
};

describe('the house', () => {
  const counted = execFileSync(process.execPath, [join(root, 'scripts/count-house.mjs'), '--json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const house: House = JSON.parse(counted);
  const without = (found: readonly string[], known: readonly string[]) =>
    found.filter((one) => !known.includes(basename(one)));

  test('has no file beyond 400 lines', () => {
    const long = house.longFiles.map(({ path }) => path);
    expect(without(long, [...Object.keys(longByNature), ...notYet.longFiles])).toEqual([]);
  });

  test('has no import cycle', () => {
    expect(house.cycles.length, JSON.stringify(house.cycles, null, 2)).toBeLessThanOrEqual(notYet.cycles);
  });

  test("has no import past a folder's index.ts", () => {
    const told = house.deepImports.map(({ from, line, to }) => `${from}:${line} imports ${to}`).join('\n');
    expect(house.deepImports.length, told).toBeLessThanOrEqual(notYet.deepImports);
  });

  test('has no function of more than four parameters', () => {
    const many = house.manyParameters.map(({ path, name }) => `${path} ${name}`);
    expect(without(many, notYet.manyParameters)).toEqual([]);
  });

  test('reads the environment at its edges, cli and client', () => {
    const below = house.environment.filter((place) => !/^(cli|client)\//.test(place));
    expect(without([...new Set(below.map((place) => place.replace(/:\d+$/, '')))], notYet.environment)).toEqual([]);
  });
});

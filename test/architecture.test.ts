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
  'resources',
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
  'library',
  'client',
  'cli',
] as const;

/** Folders that may import less than all below them. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  resources: ['failures', 'core'],
  script: ['failures', 'core'],
  code: ['failures', 'core'],
  store: ['failures', 'core'],
  settings: ['values', 'resources', 'sweep', 'failures', 'core'],
  engines: ['script', 'store', 'resources', 'failures', 'core'],
  tracking: ['engines', 'store', 'failures', 'core'],
  local: ['engines', 'store', 'resources', 'failures', 'core'],
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

test.for(files.filter((file) => basename(file) === 'page.ts'))('%s imports nothing of Node', (file) => {
  const reached = new Set([file]);
  for (const one of reached) {
    for (const target of importsOf(one)) {
      const source = target.replace(/\.js$/, '.ts');
      if (files.includes(source)) reached.add(source);
    }
  }
  expect([...reached].filter((one) => /'node:/.test(readFileSync(one, 'utf8')))).toEqual([]);
});

test.for(files.filter((file) => folderOf(file) === 'engines'))('%s takes only types of store', (file) => {
  expect(readFileSync(file, 'utf8')).not.toMatch(/import (?!type \{)[^;]*store\/index\.js'/);
});

describe('below cli', () => {
  // The client is part of users' programs, and warns as mlxrun.py does.
  const belowCli = files.filter((file) => !['cli', 'client'].includes(folderOf(file)));
  test.for(belowCli)('%s prints nothing, asks nothing, does not exit', (file) => {
    const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(text).not.toMatch(/\bconsole\b|process\.(exit|stdout|stderr|stdin|exitCode)\b|node:readline/);
  });
});

test('only the process pool, --detach, --notify, the buttons of mlx ui, what asks tools who they are, and what runs commands of engines start processes', () => {
  const starting = files.filter((file) => /node:child_process|'execa'/.test(readFileSync(file, 'utf8')));
  expect(starting.map((file) => basename(file)).sort()).toEqual([
    'actions.ts',
    'command.ts',
    'detached.ts',
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

test.for(files)('%s has no comment line beyond 110 columns', (file) => {
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.filter((line) => line.length > 110 && /^\s*(\/\*\*?|\*|\/\/)/.test(line))).toEqual([]);
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
  'ui/page/page.css': 'the one style sheet of the page of mlx ui: a list of rules without logic',
};

/** Functions that may have more than four parameters, and why. */
const manyByNature: Readonly<Record<string, string>> = {
  'ui/page/chart.tsx dist': 'uPlot calls it, with all five',
};

/** The files that may read `process.env`: the edges, and the one that the rest asks. */
const readsEnvironment = /^(cli\/|client\/|core\/own-environment\.ts:)/;

describe('the house', () => {
  const counted = execFileSync(process.execPath, [join(root, 'scripts/count-house.mjs'), '--json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const house: House = JSON.parse(counted);

  test('has no file beyond 400 lines', () => {
    const long = house.longFiles.map(({ path }) => path);
    expect(long.filter((path) => !(path in longByNature))).toEqual([]);
  });

  test('has no import cycle', () => {
    expect(house.cycles).toEqual([]);
  });

  test("has no import past a folder's index.ts or page.ts", () => {
    expect(house.deepImports.map(({ from, line, to }) => `${from}:${line} imports ${to}`)).toEqual([]);
  });

  test('has no function of more than four parameters', () => {
    const many = house.manyParameters.map(({ path, name }) => `${path} ${name}`);
    expect(many.filter((one) => !(one in manyByNature))).toEqual([]);
  });

  test('reads the environment at its edges, cli and client, and in one place for all others', () => {
    expect(house.environment.filter((place) => !readsEnvironment.test(place))).toEqual([]);
  });
});

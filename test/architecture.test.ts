import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

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
  .filter((name) => name.endsWith('.ts'))
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

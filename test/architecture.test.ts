import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** What each folder of src may import, beside itself. A module's own place in this list is above all that it lists. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  expression: ['core'],
  sweep: ['expression', 'core'],
  config: ['sweep', 'core'],
  logger: ['core'],
  'version-manager': ['core'],
  script: ['core'],
  scheduler: ['script', 'logger', 'core'],
  reader: ['logger', 'config', 'sweep', 'expression', 'core'],
  'job-template': ['script', 'config', 'sweep', 'core'],
  launcher: ['scheduler', 'script', 'version-manager', 'logger', 'config', 'sweep', 'expression', 'core'],
  jobs: [
    'reader',
    'launcher',
    'scheduler',
    'script',
    'version-manager',
    'logger',
    'config',
    'sweep',
    'expression',
    'core',
  ],
  export: ['reader', 'logger', 'config', 'sweep', 'expression', 'core'],
  ui: ['jobs', 'reader', 'launcher', 'logger', 'config', 'sweep', 'expression', 'core'],
  client: ['config', 'sweep', 'core'],
};

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
  expect(imported.filter((other) => other !== folder && !mayImport[folder]?.includes(other))).toEqual([]);
});

test('every folder has its place in the order', () => {
  const folders = new Set(files.map(folderOf).filter((folder) => folder !== '' && folder !== 'cli'));
  expect([...folders].filter((folder) => !(folder in mayImport))).toEqual([]);
});

describe('below cli', () => {
  // The client is part of users' programs, and warns as mlxrun.py does.
  const below = files.filter((file) => !['cli', 'client'].includes(folderOf(file)));
  test.for(below)('%s prints nothing, asks nothing, does not exit', (file) => {
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

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const schema = JSON.parse(readFileSync(join(root, 'dist/mlx.schema.json'), 'utf8'));
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

/** What the schema says against a text; empty if it accepts it. */
function complaints(text: string): string[] {
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
}

/** The settings that pages and examples show: files named mlx.yaml, and blocks of YAML whose keys are all settings. */
function shownSettings(): [name: string, text: string][] {
  const files = ['docs', 'examples', 'README.md'].flatMap((path) =>
    path.endsWith('.md')
      ? [path]
      : readdirSync(join(root, path), { recursive: true, encoding: 'utf8' }).map((name) => join(path, name)),
  );
  return files.flatMap((file): [string, string][] => {
    if (/(^|\/)mlx(p|py)?\.yaml$/.test(file)) return [[file, readFileSync(join(root, file), 'utf8')]];
    if (!file.endsWith('.md')) return [];
    const blocks = readFileSync(join(root, file), 'utf8').matchAll(/^```ya?ml\n([\s\S]*?)^```$/gm);
    return [...blocks].map(([, text = '']): [string, string] => [file, text]).filter(([, text]) => isSettings(text));
  });
}

function isSettings(text: string): boolean {
  const keys = [...text.matchAll(/^(\w+):/gm)].map(([, key = '']) => key);
  return keys.length > 0 && keys.every((key) => key in schema.properties);
}

describe('the JSON schema of configs/mlx.yaml', () => {
  test('accepts the shipped file, which names it', () => {
    const shipped = readFileSync(join(root, 'configs/mlx.yaml'), 'utf8');
    expect(shipped).toMatch(/^# yaml-language-server: \$schema=\.\.\/dist\/mlx\.schema\.json\n/);
    expect(complaints(shipped)).toEqual([]);
  });

  test.for(shownSettings())('accepts what %s shows', ([, text]) => {
    expect(complaints(text)).toEqual([]);
  });

  test('accepts what pages show, of which there is some', () => {
    expect(shownSettings().map(([name]) => name)).toContain('docs/engines.md');
  });

  test.for([
    ['logger: { parent_log_dirr: x }', '/logger must NOT have additional properties'],
    ['graces: 5', '/ must NOT have additional properties'],
    ['grace: soon', '/grace must be number'],
    ['use_scheduler: 1', '/use_scheduler must be boolean'],
    ['scheduler: { array: often }', '/scheduler/array must be equal to one of the allowed values'],
    ['scheduler: { shell_path: bash }', '/scheduler/shell_path must match pattern "^\\/"'],
    ['scheduler: { profiles: { big: { memory: 8G } } }', '/scheduler/profiles/big must NOT have additional properties'],
    ['environment: PATH', '/environment must be array'],
  ])('refuses %s', ([text, complaint]) => {
    expect(complaints(text!)).toEqual([complaint]);
  });

  test('has a description or a default for each setting of the shipped file', () => {
    expect(schema.properties.grace).toEqual({
      type: 'number',
      minimum: 0,
      description: 'seconds between asking a run to end and killing it',
      default: 10,
    });
    expect(schema.properties.scheduler.properties.name.default).toBe('NoScheduler');
  });
});

import { describe, expect, test } from 'vitest';
import { MlxError } from '../../src/failures/failure.js';
import { renderFailure } from '../../src/failures/index.js';
import { formatYaml } from '../../src/values/yaml.js';
import { type ConfigTexts, composeTexts } from '../rig/composed.js';

/** What composing and resolving a config gives, or the first line of the message, in bounded time. */
function outcome(files: ConfigTexts, words: readonly string[] = []): string {
  try {
    const composed = composeTexts(files, words);
    return formatYaml(composed.resolver().all()).slice(0, 200);
  } catch (error) {
    if (!(error instanceof MlxError)) throw error;
    return renderFailure(error.failure).text.split('\n')[0] ?? '';
  }
}

const doubling = (line: (i: number) => string, count: number) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

describe('configs that are made to do harm', { timeout: 20_000 }, () => {
  test('aliases that multiply', () => {
    const bomb = `a0: &a0 [x]\n${doubling((i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`, 9)}`;
    expect(outcome({ 'config.yaml': bomb })).toBe("mlx: 'config.yaml' is not valid YAML");
  });

  test('interpolations that multiply, as text and as lists', () => {
    const text = `a0: "${'x'.repeat(10)}"\n${doubling((i) => `a${i + 1}: "\${a${i}}\${a${i}}"`, 40)}`;
    expect(outcome({ 'config.yaml': text })).toMatch(/^mlx: 'a\d+' grows beyond all bounds$/);
    const lists = `a0: [x]\n${doubling((i) => `a${i + 1}: ["\${a${i}}", "\${a${i}}"]`, 60)}`;
    expect(outcome({ 'config.yaml': lists })).toMatch(/^mlx: 'a\d+' grows beyond all bounds$/);
  });

  test('interpolations that go round in a circle', () => {
    expect(outcome({ 'config.yaml': 'a: ${b}\nb: ${c}\nc: ${a}\n' })).toContain('it goes round in a circle');
    expect(outcome({ 'config.yaml': 'a: {b: "${a}"}\n' })).toContain('it stands for a value that it is a part of');
    expect(outcome({ 'config.yaml': "a: ${oc.select:''}\n" })).toContain("can't resolve");
  });

  test('defaults lists that go round in a circle, and that double from level to level', () => {
    expect(outcome({ 'config.yaml': 'defaults: [b, _self_]\n', 'b.yaml': 'defaults: [config]\n' })).toBe(
      'mlx: configs include each other in a circle: config → b → config',
    );
    const levels = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`l${i}.yaml`, `defaults: [l${i + 1}, l${i + 1}]\n`]),
    );
    expect(outcome({ 'config.yaml': 'defaults: [l0, _self_]\n', ...levels, 'l30.yaml': 'a: 1\n' })).toBe(
      "mlx: 'the defaults list' grows beyond all bounds",
    );
    expect(outcome({ 'config.yaml': '_base_: b.yaml\n', 'b.yaml': '_base_: config.yaml\n' })).toContain('in a circle');
  });

  test('paths that lead out of the search path', () => {
    for (const option of ['../../etc/passwd', '..', '/etc/passwd', 'a/../../b']) {
      expect(outcome({ 'config.yaml': `defaults: [{g: '${option}'}, _self_]\n`, 'g/a.yaml': '' })).toContain(
        "the config group 'g' has no option",
      );
    }
    expect(outcome({ 'config.yaml': 'a: 1\n', 'g/a.yaml': '' }, ['+g=../../etc/passwd'])).toContain('has no option');
  });

  test('keys of prototypes are keys as any other', () => {
    const yaml = '__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 2}}\ntoString: x\n';
    expect(outcome({ 'config.yaml': yaml }, ['__proto__.polluted=3', '+hasOwnProperty=1'])).toBe(
      '__proto__:\n  polluted: 3\nconstructor:\n  prototype:\n    polluted: 2\ntoString: x\nhasOwnProperty: 1\n',
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('nesting without end, and a text of 10 MB', () => {
    const deep = 5000;
    expect(outcome({ 'config.yaml': `a: ${'['.repeat(deep)}${']'.repeat(deep)}\n` })).toContain('is not valid YAML');
    expect(outcome({ 'config.yaml': doubling((i) => `${'  '.repeat(i)}a:`, 3000) })).toContain('is not valid YAML');
    expect(outcome({ 'config.yaml': `a: "${'${'.repeat(3000)}a${'}'.repeat(3000)}"\n` })).toContain(
      "can't read the interpolation",
    );
    expect(outcome({ 'config.yaml': `a: "${'x'.repeat(10_000_000)}"\nb: \${a}\n` })).toContain('a: xxx');
  });

  test('tags of Python', () => {
    for (const tag of ['!!python/object/apply:os.system [ls]', '!!python/name:os.system', '!!binary aGk=', '!mine 1']) {
      expect(outcome({ 'config.yaml': `a: ${tag}\n` })).toBe("mlx: 'config.yaml' is not valid YAML");
    }
  });
});

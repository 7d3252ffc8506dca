import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const client = fileURLToPath(new URL('../../dist/python', import.meta.url));
const { joinPython } = (await import(new URL('../../scripts/join-python.mjs', import.meta.url).href)) as {
  joinPython: (directory: string) => string;
};

/** A new directory with these files. */
function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-python-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const python = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  execFileSync('python3', args, { env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' });

describe('the Python files', () => {
  test('are one each for mlxrun and mlxread', () => {
    expect(
      readdirSync(client)
        .filter((name) => name.endsWith('.py'))
        .sort(),
    ).toEqual(['mlxread.py', 'mlxrun.py']);
  });

  test('are Python 3.8', () => {
    const script = `
import ast, glob, os, sys
for path in glob.glob(os.path.join(sys.argv[1], "*.py")):
    with open(path, encoding="utf-8") as file: ast.parse(file.read(), path, feature_version=(3, 8))
print("done")
`;
    expect(python(['-c', script, client])).toBe('done\n');
  });

  test('read no YAML that holds itself, or that is nested without end, and say where', () => {
    const script = `
import mlxrun, sys
for text in ["a: &a [*a]", "b: 1\\na: " + "[" * 5000 + "]" * 5000, "b: 1\\n" + "\\n".join(" " * i + "a:" for i in range(2000))]:
    with open(sys.argv[1], "w") as file: file.write(text)
    try: mlxrun.load_yaml(sys.argv[1])
    except ValueError as error: print(str(error).replace(sys.argv[1], "FILE")[:70])
`;
    const file = join(directoryWith({}), 'a.yaml');
    const lines = python(['-c', script, file], { PYTHONPATH: client }).trim().split('\n');
    expect(lines[0]).toBe("can't read *a, which nothing above is named in FILE, line 1: a: &a [*a");
    expect(lines[1]).toMatch(/^can't read what is nested so deeply in FILE, line 2: a: \[+/);
    expect(lines[2]).toMatch(/^can't read what is nested so deeply in FILE, line \d+: a:$/);
  });

  test('have a mlxrun.py that works as a copy, and from which mlxread takes the types of artifacts', () => {
    const directory = directoryWith({
      'program.py': `
import mlxrun, sys
run = mlxrun.start(log_dir=sys.argv[1])
mlxrun.register_artifact_type("loud", lambda obj, path: open(path, "w").write(obj), lambda path: open(path).read().upper())
run.log_metrics({"loss": 1})
run.log_artifact("hello", "words", type="loud")
print(mlxrun.__file__)
`,
      'reading.py': `
import program, sys, mlxread
row = mlxread.read(sys.argv[2])[0]
print(row["train.loss"], row["artifact.loud.words"].load())
`,
    });
    cpSync(join(client, 'mlxrun.py'), join(directory, 'mlxrun.py'));
    const run = join(directory, 'logs/1');
    mkdirSync(join(run, 'metadata'), { recursive: true });
    writeFileSync(join(run, 'metadata/info.yaml'), 'status: COMPLETE\n');
    const copy = join(directory, 'mlxrun.py');
    expect(python([join(directory, 'program.py'), run])).toBe(`${copy}\n`);
    expect(python([join(directory, 'reading.py'), run, join(directory, 'logs')], { PYTHONPATH: client })).toBe(
      `${copy}\n[1, 1] HELLO\n`,
    );
  });
});

describe('joined modules', () => {
  const front = '"""A package."""\n\nfrom .one import one\n\n__all__ = ["one"]\n';

  test('are one module with the docstring and the names of the package', () => {
    const directory = directoryWith({
      '__init__.py': front,
      'one.py': '"""The first."""\n\nimport os\n\nfrom .two import two\n\n\ndef one():\n    return two() + os.sep\n',
      'two.py': '"""The second."""\n\n\ndef two():\n    return "2"\n',
    });
    writeFileSync(join(directory, 'joined.py'), joinPython(directory));
    const script = 'import joined; print(joined.__doc__, joined.__all__, joined.one())';
    expect(python(['-c', script], { PYTHONPATH: directory })).toBe("A package. ['one'] 2/\n");
  });

  test.for([
    [
      'a name with two homes',
      'one.py',
      'import os\n\nfrom .two import two\n\none = two\nhelper = os\n',
      'two meanings',
    ],
    ['a circle', 'two.py', 'from .one import one\n\ntwo = one\n', 'a circle of imports: __init__, one, two, one'],
    ['a name that is not there', 'two.py', 'three = 3\n', 'two has no two'],
    ['an import under another name', 'two.py', 'import os as two\n', "can't join this import: import os as two"],
    ['a module that nothing imports', 'three.py', 'three = 3\n', 'does not need all of the modules'],
  ] as const)('refuse %s', ([, name, text, problem]) => {
    const directory = directoryWith({
      '__init__.py': front,
      'one.py': '"""The first."""\n\nfrom .two import two\n\none = two\n',
      'two.py': '"""The second."""\n\ntwo = 2\nhelper = 3\n',
    });
    writeFileSync(join(directory, name), `"""Changed."""\n\n${text}`);
    expect(() => joinPython(directory)).toThrow(problem);
  });
});

import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { mlxBin } from '../rig/rig.js';

/** What the start file does on a Node of some version, up to what it needs Node 20 for. */
function startedOn(version: string): { said: string; exitCode: number | undefined } {
  const told: { said: string; exitCode: number | undefined } = { said: '', exitCode: undefined };
  const process = {
    versions: { node: version },
    execPath: '/opt/node/bin/node',
    stderr: {
      write(text: string) {
        told.said += text;
      },
    },
    exit(code: number) {
      told.exitCode = code;
      throw new Error('ended');
    },
  };
  const require = () => {
    throw new Error('goes on');
  };
  const file = readFileSync(mlxBin, 'utf8').replace(/^#!.*/, '');
  expect(() => runInNewContext(file, { process, require, __filename: mlxBin })).toThrow(/ended|goes on/);
  return told;
}

test.for(['10.24.1', '16.20.2', '18.20.4', '20.9.0', '20.18.3'])('Node %s is told to be too old', (version) => {
  expect(startedOn(version)).toEqual({
    said: `mlx needs Node 20.19 or newer; this is ${version} (/opt/node/bin/node)\n`,
    exitCode: 2,
  });
});

test.for(['20.19.0', '20.20.2', '22.1.0', '100.0.0'])('Node %s goes on', (version) => {
  expect(startedOn(version)).toEqual({ said: '', exitCode: undefined });
});

test('the start file has no syntax that Node 10 cannot read', () => {
  // Optional chaining, ??, private members, class fields, ??=, catch without a name, spread of objects is older.
  const text = readFileSync(mlxBin, 'utf8').replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""');
  expect(text.match(/\?\.[^\d]|\?\?|\|\|=|&&=|#[a-z]\w*[;(= ]|\bstatic\{|node:/g)).toBeNull();
});

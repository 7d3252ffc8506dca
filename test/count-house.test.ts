import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../scripts/count-house.mjs', import.meta.url));

/** A tree of its own: a cycle by way of a type, a deep import, names that nobody uses. */
const tree: Readonly<Record<string, string>> = {
  'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "types": [] }, "include": ["src"] }',
  'src/index.ts': "export * from './store/index.js';\nexport { run } from './cli/commands/run.js';\n",
  'src/store/index.ts': "export { read, unread } from './read.js';\nexport const path = 'x';\n",
  'src/store/read.ts': `import type { Row } from './row.js';
export const read = (row: Row) => row.signal_to;
export function unread(a: 1, b: 2, c: 3, d: 4, e: 5) {
  return [a, b, c, d, e, process.env['HOME']];
}
`,
  'src/store/row.ts':
    "import { read } from './read.js';\nexport interface Row { signal_to: typeof read }\nexport const lost = 1;\n",
  'src/cli/commands.ts': "export const commands = [{ load: () => import('./commands/run.js') }];\n",
  'src/cli/command.ts': `export interface ParsedArgs {
  readonly text: (option: string) => string | undefined;
  readonly has: (option: string) => boolean;
}
`,
  'src/cli/commands/run.ts': `import type { ParsedArgs } from '../command.js';
import { read } from '../../store/read.js';
export const run = (parsed: ParsedArgs, io: object) => [parsed.text('signal-to'), parsed.has('mem'), io];
export { read };
export const fault = { problem: 'it is wrong' };
`,
  'src/cli/commands/helper.ts': `export const width = '${'x'.repeat(120)}';\n`,
};

describe('scripts/count-house.mjs', () => {
  let counted: Record<string, unknown>;

  beforeAll(() => {
    const directory = mkdtempSync(join(tmpdir(), 'mlx-house-'));
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    const output = execFileSync(process.execPath, [script, '--json'], { cwd: directory, encoding: 'utf8' });
    rmSync(directory, { recursive: true });
    counted = JSON.parse(output);
  });

  test('finds cycles, with and without those of types', () => {
    expect(counted).toMatchObject({ cycles: [['store/read.ts', 'store/row.ts']], cyclesWithoutTypes: [] });
  });

  test("finds imports that go past a folder's index.ts", () => {
    expect(counted['deepImports']).toEqual([{ from: 'cli/commands/run.ts', line: 2, to: 'store/read.ts' }]);
  });

  test('finds exports that no other file uses, through re-exports too', () => {
    expect(counted).toMatchObject({
      unusedExports: ['cli/commands.ts: commands', 'cli/commands/helper.ts: width', 'store/row.ts: lost'],
      publicNames: ['path', 'read', 'run', 'unread'],
    });
  });

  test('finds the files that name an option in any spelling, and where options are read', () => {
    expect(counted).toMatchObject({
      options: { 'signal-to': ['cli/commands/run.ts', 'store/read.ts', 'store/row.ts'], mem: ['cli/commands/run.ts'] },
      optionReads: ['cli/commands/run.ts:3', 'cli/commands/run.ts:3'],
    });
  });

  test('finds what the walls are about', () => {
    expect(counted).toMatchObject({
      files: 8,
      commandHelpers: ['cli/commands/helper.ts'],
      parsedArgs: ['cli/command.ts', 'cli/commands/run.ts'],
      io: ['cli/commands/run.ts'],
      problemTexts: ['cli/commands/run.ts:5'],
      environment: ['store/read.ts:4'],
      manyParameters: [{ path: 'store/read.ts', name: 'unread', parameters: 5 }],
      wideLines: ['cli/commands/helper.ts:1'],
    });
  });
});

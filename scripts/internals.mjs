// Folders of src as one module for benchmarks and tests that start programs of their own. The package does not ship it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Bundles the fronts of these folders (`store`, `sweep`, …). Returns the module's URL; it lasts as long as this process. */
export function internals(...folders) {
  const directory = mkdtempSync(join(tmpdir(), 'mlx-internals-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const outfile = join(directory, 'internals.mjs');
  buildSync({
    absWorkingDir: root,
    stdin: {
      contents: folders.map((folder) => `export * from './src/${folder}/index.ts';\n`).join(''),
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    define: { __MLX_VERSION__: JSON.stringify(version) },
    alias: { yaml: join(root, 'node_modules/yaml/browser/dist/index.js') },
    // CommonJS packages in an ES module bundle need a `require` for Node's own modules.
    banner: {
      js: "import { createRequire as mlxCreateRequire } from 'node:module';const require = mlxCreateRequire(import.meta.url);",
    },
    outfile,
    logLevel: 'warning',
  });
  return pathToFileURL(outfile).href;
}

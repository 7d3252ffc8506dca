// Builds dist/: the bundled commands and library, the types, and the runtime that is copied into stores.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { directImports } from './direct-imports.mjs';
import { joinPython } from './join-python.mjs';
import { startFile } from './start-file.mjs';
import { supervisorText } from './supervisor.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const { version, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

rmSync(dist, { recursive: true, force: true });
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  define: { __MLX_VERSION__: JSON.stringify(version) },
  // The package's modules for browsers are the same code as ES modules, of which what is not used can be left out.
  alias: { yaml: join(root, 'node_modules/yaml/browser/dist/index.js') },
  legalComments: 'linked',
  logLevel: 'warning',
  plugins: [directImports],
};
// Start-up is what counts for the commands: one CommonJS file is loaded faster than a dozen ES modules.
const command = {
  ...shared,
  outdir: join(dist, 'cli'),
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  define: { ...shared.define, 'import.meta.url': 'mlxModuleUrl' },
  minifySyntax: true,
  minifyWhitespace: true,
};
await build({
  ...command,
  entryPoints: [{ in: 'src/cli/main.ts', out: 'main' }],
  banner: { js: "const mlxModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
});
// What is started must be read by an older Node as well, to say that it is too old.
await build({
  ...command,
  entryPoints: [
    { in: 'src/cli/process/mlx.ts', out: 'mlx' },
    { in: 'src/cli/process/mlxsub.ts', out: 'mlxsub' },
  ],
  target: 'node10.13',
  supported: { 'dynamic-import': true },
  banner: { js: startFile(engines.node.replace('>=', '')) },
});
await build({
  ...shared,
  entryPoints: [{ in: 'src/results/indexes/stat-worker.ts', out: 'stat-worker' }],
  outdir: join(dist, 'results'),
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
});
await build({
  ...shared,
  entryPoints: [
    { in: 'src/index.ts', out: 'index' },
    { in: 'src/client/index.ts', out: 'client' },
  ],
  outdir: dist,
  format: 'esm',
  // CommonJS packages in an ES module bundle need a `require` for Node's own modules.
  banner: {
    js: "import { createRequire as mlxCreateRequire } from 'node:module';const require = mlxCreateRequire(import.meta.url);",
  },
});
for (const name of ['mlx.cjs', 'mlxsub.cjs']) chmodSync(join(dist, 'cli', name), 0o755);
if (!process.argv.includes('--no-types')) {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root, '--emitDeclarationOnly'], {
    stdio: 'inherit',
  });
}

// What pages of `mlx plot -o FILE.html` hold, and what draws `-o FILE.png`.
mkdirSync(join(dist, 'assets'));
for (const name of ['uPlot.iife.min.js', 'uPlot.min.css'])
  cpSync(join(root, 'node_modules/uplot/dist', name), join(dist, 'assets', name));
for (const [from, to] of [
  ['uplot/LICENSE', 'uPlot.LICENSE'],
  ['@resvg/resvg-wasm/index_bg.wasm', 'resvg.wasm'],
  ['@resvg/resvg-wasm/README.md', 'resvg.README.md'],
  ['dejavu-fonts-ttf/ttf/DejaVuSans.ttf', 'DejaVuSans.ttf'],
  ['dejavu-fonts-ttf/LICENSE', 'DejaVuSans.LICENSE'],
]) {
  cpSync(join(root, 'node_modules', from), join(dist, 'assets', to));
}

// The page of `mlx ui`, for browsers of the last few years.
await build({
  absWorkingDir: root,
  entryPoints: [
    { in: 'src/ui/page/main.tsx', out: 'main' },
    { in: 'src/ui/page/page.css', out: 'main' },
  ],
  outdir: join(dist, 'assets/ui'),
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'linked',
  logLevel: 'warning',
});
cpSync(join(root, 'src/ui/page/index.html'), join(dist, 'assets/ui/index.html'));
cpSync(join(root, 'node_modules/preact/LICENSE'), join(dist, 'assets/ui/preact.LICENSE'));

// The Python client, for programs and notebooks outside of runs.
const python = join(dist, 'python');
mkdirSync(python);
for (const name of ['mlxrun', 'mlxread'])
  writeFileSync(join(python, `${name}.py`), joinPython(join(root, 'src/client/python', name)));

// What completes and checks configs/mlx.yaml in an editor.
const {
  outputFiles: [schemaMaker],
} = await build({
  ...shared,
  entryPoints: ['scripts/settings-schema.ts'],
  format: 'esm',
  legalComments: 'none',
  write: false,
});
const { settingsSchema } = await import(
  `data:text/javascript;base64,${Buffer.from(schemaMaker.text).toString('base64')}`
);
writeFileSync(join(dist, 'mlx.schema.json'), settingsSchema(readFileSync(join(root, 'configs/mlx.yaml'), 'utf8')));

// A store keeps every runtime that its scripts name, so a change of content is another version.
const runtime = join(dist, 'runtime');
mkdirSync(runtime);
writeFileSync(join(runtime, 'run.sh'), supervisorText());
cpSync(join(root, 'src/script/steps.sh'), join(runtime, 'steps.sh'));
cpSync(python, runtime, { recursive: true });
const hash = createHash('sha256');
for (const name of readdirSync(runtime).sort()) hash.update(name).update(readFileSync(join(runtime, name)));
writeFileSync(join(runtime, 'VERSION'), `${version}-${hash.digest('hex').slice(0, 8)}\n`);

// A first start, so that the code that V8 compiles is kept (load-main.ts); a dry run takes the way of most commands.
const dryRun = ['run', 'optimizer.lr=1,2', '--config-path', 'configs', '--dry-run', '--', 'true'];
execFileSync(process.execPath, [join(dist, 'cli/mlx.cjs'), ...dryRun], {
  cwd: join(root, 'examples/iris'),
  stdio: ['ignore', 'ignore', 'inherit'],
});

/** Bundles `test/conformance/run.ts` in memory and runs it: `npm run conformance -- DIR`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['test/conformance/run.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  write: false,
});
const code = outputFiles[0]?.text ?? '';
const options = { input: code, stdio: ['pipe', 'inherit', 'inherit'] };
const { status } = spawnSync(process.execPath, ['--input-type=module', '-', ...process.argv.slice(2)], options);
process.exitCode = status ?? 1;

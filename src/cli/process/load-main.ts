import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { writeFileAtomic } from '../../core/atomic-file.js';
import { ifPresent } from '../../core/errno.js';
import { provideImport } from '../../core/import-module.js';
import type { main } from '../main.js';

/** The bundle, and a function that keeps its compiled code. */
interface LoadedMain {
  readonly main: typeof main;
  /** Writes the compiled code beside the bundle if there is none for this Node. Ignores errors. */
  readonly keepCompiled: () => void;
}

/**
 * Loads the bundle `main.cjs` beside this file, with the code that V8 compiled from it at an earlier start
 * (`main.cache`): compiling again would take most of the start-up time. V8 refuses a cache of another version
 * or source, and compiles again. Node 22.8 has `module.enableCompileCache` for this, but Node 20 does not.
 * Throws if the bundle is damaged.
 */
export function loadMain(): LoadedMain {
  const directory = dirname(fileURLToPath(import.meta.url));
  const filename = join(directory, 'main.cjs');
  const cache = join(directory, 'main.cache');
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(filename, 'utf8')}\n})`;
  const cachedData = ifPresent(() => readFileSync(cache));
  const script = new Script(source, { filename, cachedData });
  provideImport((url) => import(url));
  const module: { exports: { main?: typeof main } } = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, directory);
  if (!module.exports.main) throw new Error(`${filename} is damaged: install mlx again`);
  const keepCompiled = () => {
    if (cachedData && !script.cachedDataRejected) return;
    try {
      writeFileAtomic(cache, script.createCachedData());
    } catch {
      // If the user can't write to the installation, mlx starts a little slower.
    }
  };
  return { main: module.exports.main, keepCompiled };
}

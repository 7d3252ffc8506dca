import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { closingReporter } from './test/rig/closing-reporter.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const define = { __MLX_VERSION__: JSON.stringify(version) };
const system = 'test/**/*.system.test.ts';
const clusters = 'test/clusters/**/*.test.ts';
/** Only `npm run test:soak` runs these: they take long, and print figures. */
const soak = {
  define,
  test: { name: 'soak', include: ['test/soak/*.soak.ts'], maxWorkers: 1, sequence: { groupOrder: 2 } },
};
/** They wait for the programs that they start, most of the time. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  test: {
    reporters: ['default', closingReporter],
    projects: [
      {
        define,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [system, clusters],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
          maxWorkers,
        },
      },
      {
        define,
        test: {
          name: 'system',
          include: [system],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
          maxWorkers,
        },
      },
      {
        define,
        test: {
          name: 'clusters',
          include: [clusters],
          globalSetup: ['test/clusters/start.ts'],
          testTimeout: 120_000,
          // They share the daemons, which some of them kill.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      ...(process.env['MLX_SOAK'] === '1' ? [soak] : []),
    ],
  },
});

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { closingReporter } from './test/rig/closing-reporter.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const define = { __MLX_VERSION__: JSON.stringify(version) };
const clusters = 'test/clusters/**/*.test.ts';

export default defineConfig({
  test: {
    reporters: ['default', closingReporter],
    projects: [
      {
        define,
        test: {
          name: 'mlx',
          include: ['test/**/*.test.ts'],
          exclude: [clusters],
          testTimeout: 60_000,
          // They wait for the programs that they start, most of the time.
          maxWorkers: Math.max(2, availableParallelism() - 1),
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
    ],
  },
});

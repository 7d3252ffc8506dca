import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { closingReporter } from './test/rig/closing-reporter.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

export default defineConfig({
  define: { __MLX_VERSION__: JSON.stringify(version) },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    reporters: ['default', closingReporter],
  },
});

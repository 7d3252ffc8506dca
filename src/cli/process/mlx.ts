#!/bin/sh
import { version } from '../../core/version.js';
import { loadMain } from './load-main.js';

// Everything else is loaded only if needed, so that mlx starts hardly slower than Node itself.
const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`mlx ${version}\n`);
} else {
  const { main, keepCompiled } = loadMain();
  main(argv, process).then((code) => {
    process.exitCode = code;
    keepCompiled();
  });
}

#!/bin/sh
import { version } from '../../core/version.js';
import { loadMain } from './load-main.js';

const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  process.stdout.write(`mlxsub ${version}\n`);
} else {
  const { main, keepCompiled } = loadMain();
  main(['sub', ...(words.length === 0 ? ['--help'] : words)], process).then((code) => {
    process.exitCode = code;
    keepCompiled();
  });
}

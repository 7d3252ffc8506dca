#!/usr/bin/env node
import { version } from './version.js';

// Sweeping a batch script needs an engine to submit to, which this version does not have yet: it says so instead of
// taking a script and doing something else with it.
const [first] = process.argv.slice(2);
if (first === '--version' || first === '-V') {
  process.stdout.write(`mlxsub ${version}\n`);
} else {
  process.stderr.write(
    `mlxsub: mlx ${version} can't submit batch scripts yet\n  sweep the command here instead: mlx run PROGRAM OVERRIDES…\n`,
  );
  process.exitCode = 3;
}

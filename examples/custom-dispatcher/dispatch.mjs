#!/usr/bin/env node
// A dispatcher of one's own: the command line and the templates of `mlx job`, for machines that are reached by ssh.
//
//   node dispatch.mjs [--host NAME] cpu --n_tasks=10 logs/prep.log -- python prep.py
//
// Each element of an array is a bash of its own on that machine, `localhost` without ssh. It waits for all of them, and ends
// with the first exit code that is not 0.
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MlxError, prepareJobParser, renderFailure } from 'mlx';

function dispatch() {
  const templates = join(dirname(fileURLToPath(import.meta.url)), 'custom.yaml');
  const { configText, parser, render } = prepareJobParser(templates);
  parser.options.push({ name: 'host', type: 'text', shape: 'NAME', help: 'where to run (default: localhost)' });
  const job = parser.parse();
  if (job === undefined) {
    process.stdout.write(configText);
    return;
  }
  const { body, indexes } = render(job, { variable: 'TASK_ARRAY_INDEX', counts: true });
  const stem = job.logFilename.replace(/\.log$/, '');
  mkdirSync(dirname(stem), { recursive: true });
  writeFileSync(`${stem}.sh`, `#!/bin/bash\n${body}`, { mode: 0o755 });
  const host = job.text('host') ?? 'localhost';
  for (const index of indexes.length === 0 ? [undefined] : indexes) start(body, index, host, stem);
}

/** A word for a shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function start(body, index, host, stem) {
  const settings = { USER_OF_DISPATCHER: userInfo().username, ...(index && { TASK_ARRAY_INDEX: String(index) }) };
  const exports = Object.entries(settings).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  const [command, ...words] =
    host === 'localhost' ? ['bash', '-s'] : ['ssh', host, `cd ${quoted(process.cwd())} && bash -s`];
  const log = openSync(index ? `${stem}.${index}.log` : `${stem}.log`, 'w');
  const child = spawn(command, words, { stdio: ['pipe', log, log] });
  child.on('exit', (code) => {
    process.exitCode ||= code ?? 1;
    process.stdout.write(`${index ? `element ${index}` : 'the job'} ended with exit code ${code}\n`);
  });
  child.stdin.end([...exports, body].join(''));
}

try {
  dispatch();
} catch (error) {
  if (!(error instanceof MlxError)) throw error;
  const { text, exitCode } = renderFailure(error.failure);
  process.stderr.write(text);
  process.exitCode = exitCode;
}

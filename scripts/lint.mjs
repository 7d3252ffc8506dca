// Checks of the shell and Python files, after Biome's of the rest: shellcheck on all shell, features newer than bash 4.2 in
// what runs on compute nodes, and Ruff on all Python, as Python 3.8. Fixtures are not checked: they are as they were found.
//
// shellcheck is a Debian package. Without it that check is passed over, unless MLX_LINTERS=required.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs';
import { newerThanBash42 } from './newer-bash.mjs';
import { supervisorText } from './supervisor.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
})
  .split('\0')
  // Scripts that tests read as a user's own, and the parts of run.sh, which is checked as a whole.
  .filter(
    (name) =>
      name &&
      existsSync(join(root, name)) &&
      !/^(?:test\/fixtures|test\/script\/batch|src\/script\/supervisor)\//.test(name),
  );
const textOf = (name) => readFileSync(join(root, name), 'utf8');

/** Shell files with their texts: by their endings, or by the first line of a file without one. */
const shell = [
  ['run.sh (src/script/supervisor)', 'bash', supervisorText()],
  ...files
    .filter((name) => name.endsWith('.sh') || !/\.\w+$/.test(name))
    .map((name) => [name, textOf(name)])
    .map(([name, text]) => [name, /^#!.*\b(bash|sh)\b/.exec(text)?.[1], text])
    .map(([name, kind, text]) => [name, kind ?? (name.endsWith('.sh') ? 'sh' : undefined), text])
    .filter(([, kind]) => kind !== undefined),
];
/** These run wherever jobs do. */
const portable = shell.filter(([name]) => /^run\.sh|^src\//.test(name));

const found = [];
const say = (line) => process.stdout.write(`${line}\n`);

if (spawnSync('shellcheck', ['--version']).error) {
  if (process.env['MLX_LINTERS'] === 'required') found.push('shellcheck is missing (Debian: shellcheck)');
  else say('passed over: shellcheck, which is not installed (Debian: shellcheck)');
} else {
  for (const [name, kind, input] of shell) {
    const { status, stdout, stderr } = spawnSync('shellcheck', [`--shell=${kind}`, '--format=gcc', '-'], {
      input,
      encoding: 'utf8',
    });
    if (status !== 0) found.push(`${stdout}${stderr}`.trimEnd().replaceAll(/^-:/gm, `${name}:`));
  }
}

for (const [name, , text] of shell) {
  for (const [i, line] of text.split('\n').entries()) {
    if (/#\s*shellcheck disable=\S+\s*$/.test(line)) found.push(`${name}:${i + 1}: give the reason, after another #`);
  }
}

for (const [name, , text] of portable) {
  for (const { line, since, name: feature } of newerThanBash42(text)) {
    found.push(`${name}:${line}: ${feature} needs bash ${since}, and has to work with 4.2`);
  }
}

// The default rules, and annotations that Python 3.8 can't evaluate; syntax newer than 3.8 is an error by itself.
const rules = { 'target-version': 'py38', lint: { select: ['E4', 'E7', 'E9', 'F', 'FA102'] } };
const ruff = new Workspace(rules, PositionEncoding.Utf16);
const python = files.filter((name) => name.endsWith('.py'));
for (const name of python) {
  for (const { code, message, start_location: at } of ruff.check(textOf(name))) {
    found.push(`${name}:${at.row}:${at.column}: ${message} [${code}]`);
  }
}

for (const line of found) say(line);
say(`${shell.length} shell and ${python.length} Python files, ${found.length === 0 ? 'no problems' : 'problems'}`);
process.exitCode = found.length === 0 ? 0 : 1;

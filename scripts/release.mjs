// Makes a release: `npm run release -- 1.2.0`, with `--dry-run` to see what it would do. It never pushes.
//
// It moves the changelog's heading, sets the version, builds, freezes a store of this version as a fixture, commits and
// tags. If a step fails, the working tree is put back as it was.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const changed = ['CHANGELOG.md', 'CITATION.cff', 'package.json', 'package-lock.json'];

const args = process.argv.slice(2);
const dryRun = args.includes('--dry-run');
const [version, ...more] = args.filter((word) => word !== '--dry-run');
try {
  if (version === undefined || more.length > 0) throw new Error('npm run release -- X.Y.Z [--dry-run]');
  release(version);
} catch (error) {
  console.error(`release: ${error.message}`);
  process.exitCode = 1;
}

function release(version) {
  const tag = `v${version}`;
  const fixture = join('test/fixtures/mlx', version);
  checkVersion(version);
  if (git('tag', '--list', tag) !== '') throw new Error(`there is a tag ${tag} already`);
  const dirty = git('status', '--porcelain');
  if (dirty !== '') throw new Error(`the working tree has changes:\n${dirty}`);
  const date = new Date().toISOString().slice(0, 10);
  const texts = {
    'CHANGELOG.md': releasedChangelog(read('CHANGELOG.md'), version, date),
    'CITATION.cff': releasedCitation(read('CITATION.cff'), version, date),
    'package.json': withVersion(read('package.json'), version),
    'package-lock.json': lockWithVersion(read('package-lock.json'), version),
  };
  // A store of this version is frozen once and never changed.
  const freezes = !existsSync(join(root, fixture));

  console.log(`CHANGELOG.md: [Unreleased] becomes [${version}] - ${date}`);
  console.log(`package.json, package-lock.json, CITATION.cff: version ${version}`);
  console.log(freezes ? `${fixture}: a store that this version writes` : `${fixture}: is there, and stays`);
  console.log(`commit 'Release ${version}', tag ${tag}`);
  if (dryRun) return;

  try {
    for (const name of changed) writeFileSync(join(root, name), texts[name]);
    run(process.execPath, 'scripts/build.mjs');
    if (freezes) run(process.execPath, 'scripts/freeze-store.mjs', fixture);
    git('add', '--', ...changed, fixture);
    git('commit', '--quiet', '-m', `Release ${version}`);
  } catch (error) {
    git('restore', '--staged', '--worktree', '--', ...changed);
    if (freezes) {
      git('rm', '-r', '--quiet', '--cached', '--ignore-unmatch', '--', fixture);
      rmSync(join(root, fixture), { recursive: true, force: true });
    }
    throw error;
  }
  git('tag', '-a', tag, '-m', `mlx ${version}`);
  console.log(`\nlook at it with: git show ${tag}\npublish it with: git push --follow-tags`);
}

/** Throws unless the version is one of semver.org and not below the present one. */
function checkVersion(version) {
  const numbers = numbersOf(version);
  const now = JSON.parse(read('package.json')).version;
  if (numbers === undefined) throw new Error(`'${version}' is no version such as 1.2.0`);
  const difference = numbers.map((number, index) => number - numbersOf(now)[index]).find((one) => one !== 0) ?? 0;
  if (difference < 0) throw new Error(`${version} is below ${now}, the present version`);
}

function numbersOf(version) {
  const [, ...numbers] = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(version) ?? [];
  return numbers.length === 0 ? undefined : numbers.map(Number);
}

/** The changelog with what was unreleased under the version's heading. Throws if nothing is unreleased. */
function releasedChangelog(text, version, date) {
  const heading = '## [Unreleased]\n';
  const start = text.indexOf(heading);
  if (start === -1) throw new Error("CHANGELOG.md has no heading '## [Unreleased]'");
  const after = text.slice(start + heading.length);
  const [entries] = after.split(/^## /m);
  if (!/^- /m.test(entries)) throw new Error('CHANGELOG.md has no entry under [Unreleased]');
  return `${text.slice(0, start)}${heading}\n## [${version}] - ${date}\n${after}`;
}

function releasedCitation(text, version, date) {
  const lines = text
    .replace(/^date-released: .*\n/m, '')
    .replace(/^version: .*$/m, `version: ${version}\ndate-released: '${date}'`);
  if (!lines.includes(`\nversion: ${version}\n`)) throw new Error("CITATION.cff has no line 'version: …'");
  return lines;
}

function withVersion(text, version) {
  return text.replace(/^( {2}"version": )"[^"]*"/m, `$1"${version}"`);
}

function lockWithVersion(text, version) {
  const lock = JSON.parse(text);
  lock.version = version;
  lock.packages[''].version = version;
  return `${JSON.stringify(lock, null, 2)}\n`;
}

function read(name) {
  return readFileSync(join(root, name), 'utf8');
}

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trimEnd();
}

function run(command, ...args) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}

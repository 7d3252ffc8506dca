import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { makeRig, type Rig, type WhenFinished } from '../rig/rig.js';

/** A project in a git repository of its own. */
export interface GitRig extends Rig {
  /** Runs git in the project; gives what it printed. */
  git(...words: string[]): string;
  /** `git add -A` and a commit of all; gives its hash. */
  commit(): string;
}

/** No settings of whoever runs the tests. */
export const gitEnvironment = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'A. U. Thor',
  GIT_AUTHOR_EMAIL: 'author@example.org',
  GIT_COMMITTER_NAME: 'A. U. Thor',
  GIT_COMMITTER_EMAIL: 'author@example.org',
};

export function gitAt(directory: string, ...words: string[]): string {
  return execFileSync('git', words, {
    cwd: directory,
    env: { ...process.env, ...gitEnvironment },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  }).trim();
}

export function makeGitRig(env: NodeJS.ProcessEnv = {}, whenFinished?: WhenFinished): GitRig {
  const rig = makeRig({ ...gitEnvironment, ...env }, whenFinished);
  const git = (...words: string[]) => gitAt(rig.directory, ...words);
  git('init', '--quiet', '--initial-branch=main');
  return {
    ...rig,
    git,
    commit() {
      git('add', '--all');
      git('commit', '--quiet', '--message', 'a commit');
      return git('rev-parse', 'HEAD');
    },
  };
}

/** Every file of a directory but its `.git`: its kind, mode and bytes, or where a link points. */
export function contentsOf(directory: string, leftOut: readonly string[] = []): Record<string, string> {
  const all: Record<string, string> = {};
  const visit = (path: string) => {
    for (const name of readdirSync(join(directory, path))) {
      const at = join(path, name);
      if (name === '.git' || leftOut.includes(at)) continue;
      const full = join(directory, at);
      const stat = lstatSync(full);
      if (stat.isSymbolicLink()) all[at] = `link ${readlinkSync(full)}`;
      else if (stat.isDirectory()) visit(at);
      else all[at] = `${(stat.mode & 0o777).toString(8)} ${readFileSync(full).toString('base64')}`;
    }
  };
  visit('');
  return all;
}

/** Every file of a work tree with its bytes and times, and what git keeps of it: nothing of this may change. */
export function stateOf({ directory, git }: GitRig): unknown {
  const times = readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(directory, '.git')))
    .map((path) => [path, lstatSync(path).mtimeMs]);
  return {
    contents: contentsOf(directory),
    times: times.sort(),
    index: readFileSync(join(realpathSync(directory), '.git', 'index')).toString('base64'),
    head: readFileSync(join(directory, '.git', 'HEAD'), 'utf8'),
    branches: git('for-each-ref', 'refs/heads', 'refs/tags', 'refs/stash'),
    status: git('--no-optional-locks', 'status', '--porcelain=v2', '--branch'),
    files: readdirSync(join(directory, '.git')).filter((name) => name !== 'refs' && name !== 'mlx'),
  };
}

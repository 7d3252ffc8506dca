import { quoteWord } from '../core/quote.js';
import type { Span } from '../core/span.js';
import { printable, printableLine } from '../core/text.js';
import { plural } from '../core/words.js';
import { q, type Words } from './message.js';

/** Failures of the git repository or the copy that a launch takes its code from. */
export type CodeFailure =
  | { readonly reason: 'no-git'; readonly found: string | undefined; readonly oldest: string }
  | { readonly reason: 'no-repository'; readonly directory: string; readonly bare: boolean }
  | { readonly reason: 'no-commit'; readonly repository: string }
  | { readonly reason: 'repository-untrusted'; readonly repository: string }
  | { readonly reason: 'repository-busy'; readonly repository: string; readonly operation: string }
  | { readonly reason: 'index-locked'; readonly path: string; readonly since: Date }
  | { readonly reason: 'git-failed'; readonly command: string; readonly words: string }
  | { readonly reason: 'git-slow'; readonly command: string; readonly seconds: number }
  | {
      readonly reason: 'code-undecided';
      readonly kind: 'untracked' | 'uncommitted';
      readonly paths: readonly string[];
    }
  | { readonly reason: 'detached-head'; readonly repository: string; readonly commit: string }
  | { readonly reason: 'commit-failed'; readonly words: string }
  | { readonly reason: 'tree-changing'; readonly paths: readonly string[] }
  | { readonly reason: 'submodule-modified'; readonly path: string }
  | { readonly reason: 'submodule-missing'; readonly path: string; readonly commit: string }
  | { readonly reason: 'copy-failed'; readonly path: string; readonly problem: CopyProblem }
  | { readonly reason: 'commit-gone'; readonly commit: string; readonly repository: string }
  | { readonly reason: 'not-in-commit'; readonly path: string; readonly commit: string }
  | {
      readonly reason: 'bad-link';
      readonly path: string;
      readonly problem: 'outside' | 'missing' | 'taken' | 'failed';
      readonly repository: string;
    }
  | { readonly reason: 'needs-versioned'; readonly option: string }
  | { readonly reason: 'script-leaves-copy'; readonly span: Span }
  | { readonly reason: 'version-unknown'; readonly id: number; readonly why: 'no-repository' | 'changed' };

/** Why a copy was not made: the disk is full, or the words of git or of the operating system. */
type CopyProblem = { readonly kind: 'full' } | { readonly kind: 'said'; readonly words: string };

/** The number of paths that a message names. */
const mostPaths = 10;

const linkRemedy = 'setting version_manager.link lists paths of data that git ignores';

/** The words of these failures. */
export const codeWords: Words<CodeFailure> = {
  'no-git': (failure) => ({
    what: failure.found === undefined ? 'there is no git on PATH' : `${printableLine(failure.found)} is too old`,
    remedy: `--versioned needs git ${failure.oldest} or a later one; leave it out to run the files as they are`,
  }),
  'no-repository': (failure) => ({
    what: failure.bare
      ? `${q(failure.directory)} belongs to a bare repository, which has no files`
      : `${q(failure.directory)} is in no git repository`,
    remedy: failure.bare
      ? 'call mlx in a work tree of it: git worktree add PATH'
      : 'git init makes one, git add and git commit its first commit; or leave out --versioned',
  }),
  'no-commit': (failure) => ({
    what: `the repository ${q(failure.repository)} has no commit yet`,
    remedy: 'git add and git commit make the first one; or leave out --versioned',
  }),
  'repository-untrusted': (failure) => ({
    what: `${q(failure.repository)} belongs to another user, and git does not trust it`,
    remedy: `if you do: git config --global --add safe.directory ${quoteWord(failure.repository)}`,
  }),
  'repository-busy': (failure) => ({
    what: `a ${failure.operation} is under way in ${q(failure.repository)}`,
    remedy: `finish it, or give it up (git ${failure.operation} --abort), and launch then`,
  }),
  'index-locked': (failure) => ({
    what: `another git is at work in the repository: ${q(failure.path)} has been there since ${failure.since.toLocaleTimeString()}`,
    remedy: 'wait for it; if no git runs any more, remove that file',
  }),
  'git-failed': (failure) => ({
    what: `git ${printableLine(failure.command)} failed\n${indented(failure.words)}`,
    exitCode: 1,
  }),
  'git-slow': (failure) => ({
    what: `git ${printableLine(failure.command)} did not end within ${failure.seconds} s`,
    remedy: 'call it yourself to see what it waits for: a filter, a hook, a disk that does not answer',
    exitCode: 1,
  }),
  'code-undecided': (failure) =>
    failure.kind === 'untracked'
      ? {
          what: `${plural(failure.paths.length, 'path')} of the repository ${failure.paths.length === 1 ? 'is' : 'are'} not in git, and the runs would not have ${failure.paths.length === 1 ? 'it' : 'them'}\n${listed(failure.paths)}`,
          remedy:
            '--untracked add takes them into the commit or snapshot, --untracked ignore leaves them out; or list them in .gitignore',
        }
      : {
          what: `there are changes in the repository that no commit holds\n${listed(failure.paths)}`,
          remedy:
            '--uncommitted commit commits them, snapshot keeps them in a commit beside your branch, ignore runs the last commit',
        },
  'detached-head': (failure) => ({
    what: `${q(failure.repository)} is on no branch, but at commit ${failure.commit.slice(0, 10)}: a commit here would be lost at the next checkout`,
    remedy: 'git switch -c NAME makes a branch; --uncommitted snapshot needs none',
  }),
  'commit-failed': (failure) => ({
    what: `git did not commit, and nothing was launched\n${indented(failure.words)}`,
    remedy: 'mend what it complains about; --uncommitted snapshot calls no hooks and leaves the branch as it is',
    exitCode: 1,
  }),
  'tree-changing': (failure) => ({
    what: `files change while the snapshot is taken\n${listed(failure.paths)}`,
    remedy: 'stop what writes them, or list them in .gitignore',
    exitCode: 1,
  }),
  'submodule-modified': (failure) => ({
    what: `the submodule ${q(failure.path)} has changes that no commit of its own holds, and the runs would not have them`,
    remedy: `commit them in ${printableLine(failure.path)}; or --uncommitted ignore, which keeps them as a patch`,
  }),
  'submodule-missing': (failure) => ({
    what: `commit ${failure.commit.slice(0, 10)} of the submodule ${q(failure.path)} is not here`,
    remedy: `git submodule update --init ${quoteWord(failure.path)} gets it; or --run-from here`,
  }),
  'copy-failed': (failure) => ({
    what: `can't make the copy ${q(failure.path)}\n${indented(failure.problem.kind === 'full' ? 'no space is left there' : failure.problem.words)}`,
    remedy: 'nothing of it was left behind; setting version_manager.parent_work_dir says where copies are made',
    exitCode: 1,
  }),
  'commit-gone': (failure) => ({
    what: `commit ${failure.commit.slice(0, 10)} is no longer in ${q(failure.repository)}`,
    remedy: 'git fetch may bring it back, if it was pushed',
  }),
  'not-in-commit': (failure) => ({
    what: `${q(failure.path)} is not in commit ${failure.commit.slice(0, 10)}, which the runs are to use`,
    remedy: 'commit it, or take it along with --untracked add and --uncommitted snapshot',
  }),
  'bad-link': (failure) => ({
    what: `can't link ${q(failure.path)} into the copy: ${linkProblem(failure)}`,
    remedy: linkRemedy,
  }),
  'needs-versioned': (failure) => ({
    what: `${q(failure.option)} is for code that is fixed in git`,
    remedy: 'add --versioned, or leave it out',
  }),
  'script-leaves-copy': (failure) => ({
    what: 'the script names the work tree itself, and would leave the copy of it',
    span: failure.span,
    remedy: 'write the path relative to where mlxsub is called; jobs start in the same directory of the copy',
  }),
  'version-unknown': (failure) =>
    failure.why === 'changed'
      ? {
          what: `run ${failure.id} ran code that no commit holds`,
          remedy: 'leave out --versioned to run the files that are there now',
        }
      : {
          what: `run ${failure.id} was launched in no git repository`,
          remedy: 'leave out --versioned to run the files that are there now',
        },
};

function linkProblem({ problem, repository }: Extract<CodeFailure, { reason: 'bad-link' }>): string {
  switch (problem) {
    case 'outside':
      return `it is not in ${q(repository)}`;
    case 'missing':
      return 'it is not there';
    case 'taken':
      return 'the commit has something else in its place';
    case 'failed':
      return 'the system refuses';
  }
}

const indented = (text: string) => printable(text).trimEnd().replace(/^/gm, '    ');

function listed(paths: readonly string[]): string {
  const more = paths.length > mostPaths ? `\n    … and ${paths.length - mostPaths} more` : '';
  return `${paths
    .slice(0, mostPaths)
    .map((path) => `    ${printableLine(path)}`)
    .join('\n')}${more}`;
}

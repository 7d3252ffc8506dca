import { quoteWord } from '../core/quote.js';
import { printable, printableLine } from '../core/text.js';
import { plural } from '../core/words.js';
import type { VersionFailure } from '../failures/index.js';
import type { Message } from './render-failure.js';

const q = (text: string) => `'${printableLine(text)}'`;

/** How many paths are named. */
const shown = 10;

/** The words for what goes wrong with the code of a launch. */
export function describeVersionFailure(failure: VersionFailure): Message {
  switch (failure.reason) {
    case 'no-git':
      return {
        what: failure.found === undefined ? 'there is no git on PATH' : `${printableLine(failure.found)} is too old`,
        remedy: `--versioned needs git ${failure.oldest} or a later one; leave it out to run the files as they are`,
      };
    case 'no-repository':
      return {
        what: failure.bare
          ? `${q(failure.directory)} belongs to a bare repository, which has no files`
          : `${q(failure.directory)} is in no git repository`,
        remedy: failure.bare
          ? 'call mlx in a work tree of it: git worktree add PATH'
          : 'git init makes one, git add and git commit its first commit; or leave out --versioned',
      };
    case 'no-commit':
      return {
        what: `the repository ${q(failure.repository)} has no commit yet`,
        remedy: 'git add and git commit make the first one; or leave out --versioned',
      };
    case 'repository-untrusted':
      return {
        what: `${q(failure.repository)} belongs to another user, and git does not trust it`,
        remedy: `if you do: git config --global --add safe.directory ${quoteWord(failure.repository)}`,
      };
    case 'repository-busy':
      return {
        what: `a ${failure.operation} is under way in ${q(failure.repository)}`,
        remedy: `finish it, or give it up (git ${failure.operation} --abort), and launch then`,
      };
    case 'index-locked':
      return {
        what: `another git is at work in the repository: ${q(failure.path)} has been there since ${failure.since.toLocaleTimeString()}`,
        remedy: 'wait for it; if no git runs any more, remove that file',
      };
    case 'git-failed':
      return {
        what: `git ${printableLine(failure.command)} failed\n${indented(failure.words)}`,
        exitCode: 1,
      };
    case 'code-undecided':
      return failure.kind === 'untracked'
        ? {
            what: `${plural(failure.paths.length, 'path')} of the repository ${failure.paths.length === 1 ? 'is' : 'are'} not in git, and the runs would not have ${failure.paths.length === 1 ? 'it' : 'them'}\n${listed(failure.paths)}`,
            remedy:
              '--untracked add takes them into the commit or snapshot, --untracked ignore leaves them out; or list them in .gitignore',
          }
        : {
            what: `there are changes in the repository that no commit holds\n${listed(failure.paths)}`,
            remedy:
              '--uncommitted commit commits them, snapshot keeps them in a commit beside your branch, ignore runs the last commit',
          };
    case 'detached-head':
      return {
        what: `${q(failure.repository)} is on no branch, but at commit ${failure.commit.slice(0, 10)}: a commit here would be lost at the next checkout`,
        remedy: 'git switch -c NAME makes a branch; --uncommitted snapshot needs none',
      };
    case 'commit-failed':
      return {
        what: `git did not commit, and nothing was launched\n${indented(failure.words)}`,
        remedy: 'mend what it complains about; --uncommitted snapshot calls no hooks and leaves the branch as it is',
        exitCode: 1,
      };
    case 'tree-changing':
      return {
        what: `files change while the snapshot is taken\n${listed(failure.paths)}`,
        remedy: 'stop what writes them, or list them in .gitignore',
        exitCode: 1,
      };
    case 'submodule-modified':
      return {
        what: `the submodule ${q(failure.path)} has changes that no commit of its own holds, and the runs would not have them`,
        remedy: `commit them in ${printableLine(failure.path)}; or --uncommitted ignore, which keeps them as a patch`,
      };
    case 'submodule-missing':
      return {
        what: `commit ${failure.commit.slice(0, 10)} of the submodule ${q(failure.path)} is not here`,
        remedy: `git submodule update --init ${quoteWord(failure.path)} gets it; or --run-from here`,
      };
    case 'copy-failed':
      return {
        what: `can't make the copy ${q(failure.path)}\n${indented(failure.problem)}`,
        remedy: 'nothing of it was left behind; setting version_manager.parent_work_dir says where copies are made',
        exitCode: 1,
      };
    case 'commit-gone':
      return {
        what: `commit ${failure.commit.slice(0, 10)} is no longer in ${q(failure.repository)}`,
        remedy: 'git fetch may bring it back, if it was pushed',
      };
    case 'not-in-commit':
      return {
        what: `${q(failure.path)} is not in commit ${failure.commit.slice(0, 10)}, which the runs are to use`,
        remedy: 'commit it, or take it along with --untracked add and --uncommitted snapshot',
      };
    case 'bad-link':
      return { what: `can't link ${q(failure.path)} into the copy: ${linkProblem(failure)}`, remedy: linkRemedy };
    case 'needs-versioned':
      return {
        what: `${q(failure.option)} is for code that is fixed in git`,
        remedy: 'add --versioned, or leave it out',
      };
    case 'script-leaves-copy':
      return {
        what: 'the script names the work tree itself, and would leave the copy of it',
        span: failure.span,
        remedy: 'write the path relative to where mlxsub is called; jobs start in the same directory of the copy',
      };
    case 'version-unknown':
      return failure.why === 'changed'
        ? {
            what: `run ${failure.id} ran code that no commit holds`,
            remedy: 'leave out --versioned to run the files that are there now',
          }
        : {
            what: `run ${failure.id} was launched in no git repository`,
            remedy: 'leave out --versioned to run the files that are there now',
          };
  }
}

const linkRemedy = 'setting version_manager.link lists paths of data that git ignores';

function linkProblem({ problem, repository }: Extract<VersionFailure, { reason: 'bad-link' }>): string {
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
  const more = paths.length > shown ? `\n    … and ${paths.length - shown} more` : '';
  return `${paths
    .slice(0, shown)
    .map((path) => `    ${printableLine(path)}`)
    .join('\n')}${more}`;
}

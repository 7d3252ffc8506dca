import type { CodeFailure } from '../../../src/failures/code.js';
import { at, type Samples } from './samples.js';

const since = new Date(2026, 0, 2, 3, 4, 5);

export const samples: Samples<CodeFailure> = {
  'no-git': [
    [
      { found: undefined, oldest: '2.30' },
      2,
      [
        'mlx: there is no git on PATH',
        '  --versioned needs git 2.30 or a later one; leave it out to run the files as they are',
      ],
    ],
    [
      { found: 'git version 2.1', oldest: '2.30' },
      2,
      [
        'mlx: git version 2.1 is too old',
        '  --versioned needs git 2.30 or a later one; leave it out to run the files as they are',
      ],
    ],
  ],
  'no-repository': [
    [
      { directory: '/work', bare: false },
      2,
      [
        "mlx: '/work' is in no git repository",
        '  git init makes one, git add and git commit its first commit; or leave out --versioned',
      ],
    ],
    [
      { directory: '/work', bare: true },
      2,
      [
        "mlx: '/work' belongs to a bare repository, which has no files",
        '  call mlx in a work tree of it: git worktree add PATH',
      ],
    ],
  ],
  'no-commit': [
    [
      { repository: '/work' },
      2,
      [
        "mlx: the repository '/work' has no commit yet",
        '  git add and git commit make the first one; or leave out --versioned',
      ],
    ],
  ],
  'repository-untrusted': [
    [
      { repository: "/it's" },
      2,
      [
        "mlx: '/it's' belongs to another user, and git does not trust it",
        "  if you do: git config --global --add safe.directory '/it'\\''s'",
      ],
    ],
  ],
  'repository-busy': [
    [
      { repository: '/work', operation: 'rebase' },
      2,
      ["mlx: a rebase is under way in '/work'", '  finish it, or give it up (git rebase --abort), and launch then'],
    ],
  ],
  'index-locked': [
    [
      { path: '.git/index.lock', since },
      2,
      [
        `mlx: another git is at work in the repository: '.git/index.lock' has been there since ${since.toLocaleTimeString()}`,
        '  wait for it; if no git runs any more, remove that file',
      ],
    ],
  ],
  'git-failed': [
    [
      { command: 'commit', words: 'fatal: no\nsecond line\n' },
      1,
      ['mlx: git commit failed', '    fatal: no', '    second line'],
    ],
  ],
  'git-slow': [
    [
      { command: 'status', seconds: 60 },
      1,
      [
        'mlx: git status did not end within 60 s',
        '  call it yourself to see what it waits for: a filter, a hook, a disk that does not answer',
      ],
    ],
  ],
  'code-undecided': [
    [
      { kind: 'untracked', paths: ['a.txt'] },
      2,
      [
        'mlx: 1 path of the repository is not in git, and the runs would not have it',
        '    a.txt',
        '  --untracked add takes them into the commit or snapshot, --untracked ignore leaves them out; or list them in .gitignore',
      ],
    ],
    [
      { kind: 'untracked', paths: 'abcdefghijkl'.split('') },
      2,
      [
        'mlx: 12 paths of the repository are not in git, and the runs would not have them',
        '    a',
        '    b',
        '    c',
        '    d',
        '    e',
        '    f',
        '    g',
        '    h',
        '    i',
        '    j',
        '    … and 2 more',
        '  --untracked add takes them into the commit or snapshot, --untracked ignore leaves them out; or list them in .gitignore',
      ],
    ],
    [
      { kind: 'uncommitted', paths: ['a.txt', 'b.txt'] },
      2,
      [
        'mlx: there are changes in the repository that no commit holds',
        '    a.txt',
        '    b.txt',
        '  --uncommitted commit commits them, snapshot keeps them in a commit beside your branch, ignore runs the last commit',
      ],
    ],
  ],
  'detached-head': [
    [
      { repository: '/work', commit: '0123456789abcdef' },
      2,
      [
        "mlx: '/work' is on no branch, but at commit 0123456789: a commit here would be lost at the next checkout",
        '  git switch -c NAME makes a branch; --uncommitted snapshot needs none',
      ],
    ],
  ],
  'commit-failed': [
    [
      { words: 'hook said no' },
      1,
      [
        'mlx: git did not commit, and nothing was launched',
        '    hook said no',
        '  mend what it complains about; --uncommitted snapshot calls no hooks and leaves the branch as it is',
      ],
    ],
  ],
  'tree-changing': [
    [
      { paths: ['log.txt'] },
      1,
      [
        'mlx: files change while the snapshot is taken',
        '    log.txt',
        '  stop what writes them, or list them in .gitignore',
      ],
    ],
  ],
  'submodule-modified': [
    [
      { path: 'lib' },
      2,
      [
        "mlx: the submodule 'lib' has changes that no commit of its own holds, and the runs would not have them",
        '  commit them in lib; or --uncommitted ignore, which keeps them as a patch',
      ],
    ],
  ],
  'submodule-missing': [
    [
      { path: 'a b', commit: '0123456789abcdef' },
      2,
      [
        "mlx: commit 0123456789 of the submodule 'a b' is not here",
        "  git submodule update --init 'a b' gets it; or --run-from here",
      ],
    ],
  ],
  'copy-failed': [
    [
      { path: '.workdir/x', problem: { kind: 'full' } },
      1,
      [
        "mlx: can't make the copy '.workdir/x'",
        '    no space is left there',
        '  nothing of it was left behind; setting version_manager.parent_work_dir says where copies are made',
      ],
    ],
    [
      { path: '.workdir/x', problem: { kind: 'said', words: 'a\nb' } },
      1,
      [
        "mlx: can't make the copy '.workdir/x'",
        '    a',
        '    b',
        '  nothing of it was left behind; setting version_manager.parent_work_dir says where copies are made',
      ],
    ],
  ],
  'commit-gone': [
    [
      { commit: '0123456789abcdef', repository: '/work' },
      2,
      ["mlx: commit 0123456789 is no longer in '/work'", '  git fetch may bring it back, if it was pushed'],
    ],
  ],
  'not-in-commit': [
    [
      { path: '/data/a.py', commit: '0123456789abcdef' },
      2,
      [
        "mlx: '/data/a.py' is not in commit 0123456789, which the runs are to use",
        '  commit it, or take it along with --untracked add and --uncommitted snapshot',
      ],
    ],
  ],
  'bad-link': [
    [
      { path: 'data', problem: 'outside', repository: '/work' },
      2,
      [
        "mlx: can't link 'data' into the copy: it is not in '/work'",
        '  setting version_manager.link lists paths of data that git ignores',
      ],
    ],
    [
      { path: 'data', problem: 'missing', repository: '/work' },
      2,
      [
        "mlx: can't link 'data' into the copy: it is not there",
        '  setting version_manager.link lists paths of data that git ignores',
      ],
    ],
    [
      { path: 'data', problem: 'taken', repository: '/work' },
      2,
      [
        "mlx: can't link 'data' into the copy: the commit has something else in its place",
        '  setting version_manager.link lists paths of data that git ignores',
      ],
    ],
    [
      { path: 'data', problem: 'failed', repository: '/work' },
      2,
      [
        "mlx: can't link 'data' into the copy: the system refuses",
        '  setting version_manager.link lists paths of data that git ignores',
      ],
    ],
  ],
  'needs-versioned': [
    [
      { option: '--read-only' },
      2,
      ["mlx: '--read-only' is for code that is fixed in git", '  add --versioned, or leave it out'],
    ],
  ],
  'script-leaves-copy': [
    [
      { span: at('cd /work\n', '/work', 'job.sh') },
      2,
      [
        'mlx: the script names the work tree itself, and would leave the copy of it',
        '  job.sh:1:4',
        '    1 | cd /work',
        '           ^^^^^',
        '  write the path relative to where mlxsub is called; jobs start in the same directory of the copy',
      ],
    ],
  ],
  'version-unknown': [
    [
      { id: 4, why: 'changed' },
      2,
      ['mlx: run 4 ran code that no commit holds', '  leave out --versioned to run the files that are there now'],
    ],
    [
      { id: 4, why: 'no-repository' },
      2,
      ['mlx: run 4 was launched in no git repository', '  leave out --versioned to run the files that are there now'],
    ],
  ],
};

import { inGroup, type OptionSpec } from '../../arguments/index.js';

export const readOnlyOption = {
  name: 'read-only',
  type: 'flag',
  help: 'with --versioned: a copy in which no file can be written',
  group: 'code',
} as const satisfies OptionSpec;

/** Which version of the code runs. */
export const versionOptions = [
  ...inGroup('code', [
    {
      name: 'versioned',
      type: 'flag',
      help: 'fix the code in git, and run it from a copy of the commit (setting use_version_manager)',
    },
    {
      name: 'untracked',
      type: 'text',
      shape: 'WHAT',
      choices: ['add', 'ignore', 'fail'],
      help: 'with --versioned: files that git does not know go into the commit, are left out, or end the launch',
    },
    {
      name: 'uncommitted',
      type: 'text',
      shape: 'WHAT',
      choices: ['commit', 'snapshot', 'ignore', 'fail'],
      help: 'changes are committed, kept in a commit beside the branch, left out (and kept as a patch), or end the launch',
    },
    {
      name: 'run-from',
      type: 'text',
      shape: 'PLACE',
      choices: ['copy', 'here'],
      help: 'a copy of the commit in .workdir (the default without a terminal), or the files here',
    },
  ]),
  readOnlyOption,
] as const;

import type { CodeChoices, WorkTree } from '../../code/index.js';
import { fail } from '../../failures/index.js';
import type { VersionSettings } from './options.js';

/**
 * Returns the choices of settings and options without asking. Throws `code-undecided` if something would
 * silently be left out, and `options-exclude`.
 */
export function choicesWithoutAsking(
  tree: WorkTree,
  { untracked, uncommitted, run_from }: VersionSettings,
): CodeChoices {
  const add = untracked === 'add' && tree.untracked.length > 0;
  if (tree.untracked.length > 0 && (untracked === 'ask' || untracked === 'fail')) {
    fail({ reason: 'code-undecided', kind: 'untracked', paths: tree.untracked });
  }
  if ((add || tree.changed.length > 0) && (uncommitted === 'ask' || uncommitted === 'fail')) {
    const paths = [...tree.changed, ...(add ? tree.untracked : [])];
    fail({ reason: 'code-undecided', kind: 'uncommitted', paths });
  }
  refuseLostAddition(add, uncommitted);
  return {
    untracked: add ? 'add' : 'ignore',
    uncommitted: uncommitted === 'commit' || uncommitted === 'snapshot' ? uncommitted : 'ignore',
    runFrom: run_from === 'here' ? 'here' : 'copy',
  };
}

/** Refuses to add files without a commit that has them. Throws `options-exclude`. */
export function refuseLostAddition(add: boolean, uncommitted: VersionSettings['uncommitted']): void {
  if (add && uncommitted === 'ignore') {
    fail({ reason: 'options-exclude', options: ['--untracked add', '--uncommitted ignore'] });
  }
}

import { existsSync } from 'node:fs';
import { fail } from '../failures/index.js';
import { GitFailure, gitIn } from './git.js';
import { withOwnIndex } from './own-index.js';
import { findRepository, type Repository } from './repository.js';

/** The files of a run: a commit, and what was changed since. */
export interface CodeState {
  readonly commit: string;
  /** A file that holds the changes; undefined where there were none. */
  readonly patch: string | undefined;
}

/**
 * The difference between two states of a repository's files, as git prints it, with `stat` only which files and how many lines; empty
 * where there is none. Throws `commit-gone`, or what `findRepository` throws.
 */
export async function differenceOf(root: string, from: CodeState, to: CodeState, stat: boolean): Promise<string> {
  if (!existsSync(root)) return fail({ reason: 'commit-gone', commit: from.commit, repository: root });
  const repository = await findRepository(root);
  const trees = [await treeOf(repository, from), await treeOf(repository, to)];
  return repository.git('diff', '--color=never', ...(stat ? ['--stat'] : []), ...trees, '--');
}

/** The tree of a state; one with changes is put together in an index of its own. */
async function treeOf({ root, git }: Repository, { commit, patch }: CodeState): Promise<string> {
  try {
    if (patch === undefined) return (await git('rev-parse', `${commit}^{tree}`)).trim();
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return fail({ reason: 'commit-gone', commit, repository: root });
  }
  return withOwnIndex(async (index) => {
    const other = gitIn(root, { index });
    await other('read-tree', commit);
    await other('apply', '--cached', '--allow-empty', '--whitespace=nowarn', patch);
    return (await other('write-tree')).trim();
  });
}

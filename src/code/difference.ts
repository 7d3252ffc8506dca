import { existsSync } from 'node:fs';
import { fail } from '../failures/index.js';
import { GitFailure, gitDiff, gitIn } from './git.js';
import { findRepository, type Repository } from './repository.js';
import { withTemporaryIndex } from './temporary-index.js';

/** The code of a run: a commit, and changes to it. */
interface CodeState {
  readonly commit: string;
  /** The patch file with the changes; undefined if there were none. */
  readonly patch: string | undefined;
}

/**
 * Returns the difference between two states of a repository's files, as git prints it; with `stat` only the
 * files and their numbers of lines. Empty if there is none. Throws `commit-gone`, or what `findRepository`
 * throws.
 */
export async function differenceOf(root: string, from: CodeState, to: CodeState, stat: boolean): Promise<string> {
  if (!existsSync(root)) return fail({ reason: 'commit-gone', commit: from.commit, repository: root });
  const repository = await findRepository(root);
  const trees = [await treeOf(repository, from), await treeOf(repository, to)];
  // Plumbing reads fewer of the user's settings.
  const words = ['-r', '--find-renames', '--ignore-submodules=none', stat ? '--stat' : '--patch'];
  return gitDiff(repository.git, 'diff-tree', ...words, ...trees, '--');
}

/** Returns the id of a state's tree. A tree with changes is made in a temporary index. */
async function treeOf({ root, git }: Repository, { commit, patch }: CodeState): Promise<string> {
  try {
    if (patch === undefined) return (await git('rev-parse', `${commit}^{tree}`)).trim();
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return fail({ reason: 'commit-gone', commit, repository: root });
  }
  return withTemporaryIndex(async (index) => {
    const other = gitIn(root, { index });
    await other('read-tree', commit);
    await other('apply', '--cached', '--allow-empty', '--whitespace=nowarn', patch);
    return (await other('write-tree')).trim();
  });
}

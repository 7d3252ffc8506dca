import { existsSync } from 'node:fs';
import { fail } from '../failures/index.js';
import type { CodeVersion } from './code-version.js';
import { type Copy, ensureCopy, restoreCopy } from './copy.js';
import { GitFailure } from './git.js';
import { linkData } from './links.js';
import { findRepository, type Repository } from './repository.js';
import { keepCommit } from './snapshot.js';
import { markUse } from './uses.js';

/**
 * Makes the copy of a code version again, at the same path, if it was removed. `onCopying` is called before
 * that. Throws `commit-gone` if the repository does not have the commit any more, or what `findRepository`
 * and `restoreCopy` throw.
 */
export async function restoreCode(version: CodeVersion, store: string, onCopying: () => void): Promise<void> {
  const { copy, commit, read_only: readOnly } = version;
  if (copy === null) return;
  if (!existsSync(copy)) {
    onCopying();
    const repository = await repositoryWith(version.repository, commit);
    await restoreCopy(copy, { repository, commit, readOnly, store });
  }
  linkData(version);
}

/**
 * Returns a copy of a commit that an earlier launch ran. Throws `commit-gone`, or what `ensureCopy` throws.
 */
export async function copyOfCommit(
  version: Pick<CodeVersion, 'repository' | 'commit'>,
  directories: { readonly parent: string; readonly readOnly: boolean; readonly store: string },
  onCopying: () => void,
): Promise<Copy> {
  const repository = await repositoryWith(version.repository, version.commit);
  await keepCommit(repository, version.commit);
  markUse(repository.commonDirectory, directories.store);
  return ensureCopy({ ...directories, repository, commit: version.commit }, onCopying);
}

async function repositoryWith(root: string, commit: string): Promise<Repository> {
  if (!existsSync(root)) return fail({ reason: 'commit-gone', commit, repository: root });
  const repository = await findRepository(root);
  try {
    await repository.git('cat-file', '-e', `${commit}^{commit}`);
    return repository;
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return fail({ reason: 'commit-gone', commit, repository: root });
  }
}

import { existsSync } from 'node:fs';
import { fail } from '../failures/index.js';
import { type Copy, ensureCopy, restoreCopy } from './copy.js';
import type { CodeVersion } from './fix-code.js';
import { GitFailure } from './git.js';
import { linkData } from './links.js';
import { findRepository, type Repository } from './repository.js';
import { keepCommit } from './snapshot.js';
import { markUse } from './uses.js';

/**
 * Sees to it that the copy which a version of the code runs from is there, in its old place: made again from the commit, where it was
 * removed. `copying` is called before that. Throws `commit-gone` where the repository has the commit no more, or what
 * `findRepository` and `restoreCopy` throw.
 */
export async function restoreCode(version: CodeVersion, store: string, copying: () => void): Promise<void> {
  const { copy, commit, read_only: readOnly } = version;
  if (copy === null) return;
  if (!existsSync(copy)) {
    copying();
    const repository = await repositoryWith(version.repository, commit);
    await restoreCopy(copy, { repository, commit, readOnly, store });
  }
  linkData(version);
}

/** A copy of a commit that ran before. Throws `commit-gone`, or what `ensureCopy` throws. */
export async function copyOfCommit(
  version: Pick<CodeVersion, 'repository' | 'commit'>,
  places: { readonly parent: string; readonly readOnly: boolean; readonly store: string },
  copying: () => void,
): Promise<Copy> {
  const repository = await repositoryWith(version.repository, version.commit);
  await keepCommit(repository, version.commit);
  markUse(repository.commonDirectory, places.store);
  return ensureCopy({ ...places, repository, commit: version.commit }, copying);
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

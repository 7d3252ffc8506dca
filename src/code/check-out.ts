import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail } from '../failures/index.js';
import { GitFailure, gitIn, workSeconds } from './git.js';

/** The repository that a copy is made from. */
interface Origin {
  readonly root: string;
  readonly gitDirectory: string;
  readonly commonDirectory: string;
}

/**
 * Writes the files of a commit into a directory, as `git checkout` does: with filters, line ends, links and
 * submodules. The directory is a repository of its own at this commit, so that programs which ask git get the
 * right answer. It uses the objects and settings of the origin, and changes nothing there. Throws
 * `GitFailure` or `submodule-missing`.
 */
export async function checkOut(origin: Origin, commit: string, into: string): Promise<void> {
  const { gitDirectory, commonDirectory } = origin;
  mkdirSync(into, { recursive: true });
  const plain = ['-c', 'init.defaultRefFormat=files', 'init', '--quiet', '--template='];
  await gitIn(into)(...plain, `--object-format=${commit.length === 64 ? 'sha256' : 'sha1'}`, into);
  const own = join(into, '.git');
  mkdirSync(join(own, 'objects', 'info'), { recursive: true });
  writeFileSync(join(own, 'objects', 'info', 'alternates'), `${join(commonDirectory, 'objects')}\n`);
  const shallow = join(commonDirectory, 'shallow');
  if (existsSync(shallow)) copyFileSync(shallow, join(own, 'shallow'));
  const config = join(own, 'config');
  writeFileSync(config, `${includeText(join(commonDirectory, 'config'))}${readFileSync(config, 'utf8')}${ownSettings}`);
  // With the origin's git directory, because filters look for their files there.
  const git = gitIn(into, { gitDirectory, workTree: into, index: join(own, 'index'), seconds: workSeconds });
  await git('-c', 'checkout.workers=0', 'read-tree', '--reset', '-u', '--no-sparse-checkout', commit);
  await gitIn(into)('update-ref', '--no-deref', 'HEAD', commit);
  for (const submodule of await submodulesIn(into)) {
    const subOrigin = await submoduleOrigin(origin, submodule);
    await checkOut(subOrigin, submodule.commit, join(into, submodule.path));
  }
}

/** Includes the origin's settings: remotes, identity, filters. The path is quoted as in git-config(1). */
const includeText = (path: string) => `[include]\n\tpath = "${path.replace(/["\\]/g, '\\$&')}"\n`;

/**
 * Overrides the origin's settings. The work tree is relative to the git directory, so that the copy can be
 * renamed.
 */
const ownSettings = `[core]
	worktree = ..
	sparseCheckout = false
	fsmonitor = false
[gc]
	auto = 0
`;

interface Submodule {
  readonly path: string;
  readonly commit: string;
}

async function submodulesIn(copy: string): Promise<Submodule[]> {
  const listing = await gitIn(copy)('ls-files', '--stage', '-z');
  if (!listing.includes('160000 ')) return [];
  return listing.split('\0').flatMap((record) => {
    const [, commit = '', path = ''] = /^160000 ([0-9a-f]+) \d\t(.*)$/s.exec(record) ?? [];
    return path === '' ? [] : { path, commit };
  });
}

/**
 * Returns the repository that holds a submodule's commit: the submodule's work tree, or its directory in
 * `modules`. Throws `submodule-missing`.
 */
async function submoduleOrigin(
  { root, gitDirectory: origin, commonDirectory }: Origin,
  { path, commit }: Submodule,
): Promise<Origin> {
  for (const directory of [join(root, path), join(commonDirectory, 'modules', path)]) {
    if (!existsSync(directory)) continue;
    const git = gitIn(directory);
    try {
      const words = ['rev-parse', '--absolute-git-dir', '--git-common-dir', `${commit}^{commit}`];
      const [gitDirectory = '', common = ''] = (await git(...words)).split('\n');
      // In an empty directory git finds the repository that contains it.
      if (gitDirectory !== origin)
        return { root: directory, gitDirectory, commonDirectory: resolve(directory, common) };
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
    }
  }
  return fail({ reason: 'submodule-missing', path, commit });
}

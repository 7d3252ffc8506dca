import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail } from '../failures/index.js';
import { GitFailure, gitIn } from './git.js';

/** Where commits and settings come from: a git directory, and the work tree that it is of. */
interface Origin {
  readonly root: string;
  readonly gitDirectory: string;
  readonly commonDirectory: string;
}

/**
 * Makes a directory that holds the files of a commit as `git checkout` writes them, filters, line ends, links and submodules
 * included, and is a repository of its own at this commit, so that programs which ask git for it get the right answer. Objects
 * and settings stay where they are, in the origin; nothing there is changed. Throws `GitFailure` or `submodule-missing`.
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
  // The origin's git directory, since filters look for their own files there.
  const git = gitIn(into, { gitDirectory, workTree: into, index: join(own, 'index') });
  await git('-c', 'checkout.workers=0', 'read-tree', '--reset', '-u', '--no-sparse-checkout', commit);
  await gitIn(into)('update-ref', '--no-deref', 'HEAD', commit);
  for (const submodule of await submodulesIn(into)) {
    const place = await placeOf(origin, submodule);
    await checkOut(place, submodule.commit, join(into, submodule.path));
  }
}

/** Remotes, identity and filters are those of the origin; a path in a config is quoted as git-config(1) has it. */
const includeText = (path: string) => `[include]\n\tpath = "${path.replace(/["\\]/g, '\\$&')}"\n`;

/** What must not come from there. A work tree is named relative to its git directory, so that the copy can be renamed. */
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

/** The repository of a submodule that holds its commit: that of its work tree, else what is left of it in `modules`. */
async function placeOf(
  { root, gitDirectory: origin, commonDirectory }: Origin,
  { path, commit }: Submodule,
): Promise<Origin> {
  for (const place of [join(root, path), join(commonDirectory, 'modules', path)]) {
    if (!existsSync(place)) continue;
    const git = gitIn(place);
    try {
      const words = ['rev-parse', '--absolute-git-dir', '--git-common-dir', `${commit}^{commit}`];
      const [gitDirectory = '', common = ''] = (await git(...words)).split('\n');
      // In an empty directory git finds the repository around it.
      if (gitDirectory !== origin) return { root: place, gitDirectory, commonDirectory: resolve(place, common) };
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
    }
  }
  return fail({ reason: 'submodule-missing', path, commit });
}

import { createHash, type Hash } from 'node:crypto';
import { createReadStream, lstatSync, readlinkSync } from 'node:fs';
import { sep } from 'node:path';
import { ifPresent } from '../core/errno.js';
import { diffBytes, type Git, gitIn } from './git.js';

/** What git knows about the code in a directory. */
interface CodeDescription {
  readonly repository: string | null;
  readonly commit: string | null;
  readonly branch: string | null;
  /** Whether tracked files differ from the commit; null if git did not answer in time. */
  readonly modified: boolean | null;
  /** The hash of the files that differ, to compare with later: of their names, modes and bytes. */
  readonly diff_sha256: string | null;
}

const unknownCode: CodeDescription = {
  repository: null,
  commit: null,
  branch: null,
  modified: null,
  diff_sha256: null,
};

/**
 * Describes the code in `directory`. All values are null if it is in no repository, or if git fails. Changes
 * nothing.
 *
 * @param seconds that git may take, because a launch waits for the description at its end.
 */
export async function describeCode(directory: string, seconds = 10): Promise<CodeDescription> {
  try {
    const git = gitIn(directory, { seconds });
    const [text, changes] = await Promise.all([
      git('rev-parse', '--show-toplevel', 'HEAD', '--symbolic-full-name', 'HEAD'),
      changedFiles(git).catch(() => undefined),
    ]);
    const [, repository = '', commit = '', ref = ''] = /^(.*)\n(\w+)\n(.*)\n$/s.exec(text) ?? [];
    const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1] ?? null;
    const known = { repository, commit, branch };
    if (!changes) return { ...known, modified: null, diff_sha256: null };
    if (changes.length === 0) return { ...known, modified: false, diff_sha256: null };
    const hash = createHash('sha256');
    for (const change of changes) await addTo(hash, repository, change);
    return { ...known, modified: true, diff_sha256: hash.digest('hex') };
  } catch {
    return unknownCode;
  }
}

/** A tracked file that differs from the commit. Its name is in the encoding of the file system. */
interface ChangedFile {
  /** Its mode in the work tree, as git has it (`100755`); zeros if it is gone. */
  readonly mode: string;
  readonly path: Buffer;
}

/** Returns the tracked files that differ from the last commit, in git's order. */
async function changedFiles(git: Git): Promise<ChangedFile[]> {
  // `:OLD-MODE MODE OLD-ID ID STATUS`, NUL, the path, NUL: git-diff(1), RAW OUTPUT FORMAT.
  const words = ['--raw', '-z', '--no-renames', '--ignore-submodules=untracked', 'HEAD', '--'];
  const output = Buffer.from(await diffBytes(git, ...words));
  const changes: ChangedFile[] = [];
  for (let at = 0, end = 0; at < output.length; at = end + 1) {
    const middle = output.indexOf(0, at);
    end = output.indexOf(0, middle + 1);
    if (middle < 0 || end < 0) break;
    const mode = output.toString('latin1', at, middle).split(' ')[1] ?? '';
    changes.push({ mode, path: output.subarray(middle + 1, end) });
  }
  return changes;
}

/** Adds a file's name, mode and bytes to a hash; of a submodule, its commit and its own changes. */
async function addTo(hash: Hash, root: string, { mode, path }: ChangedFile): Promise<void> {
  const file = Buffer.concat([Buffer.from(root + sep), path]);
  const stat = ifPresent(() => lstatSync(file));
  hash.update(`${mode} ${path.length} ${stat?.isFile() ? stat.size : 0}\0`).update(path);
  if (stat?.isSymbolicLink()) hash.update(readlinkSync(file, 'buffer'));
  else if (stat?.isFile()) for await (const chunk of createReadStream(file)) hash.update(chunk);
  else if (stat?.isDirectory() && mode === submoduleMode) {
    const { commit, diff_sha256 } = await describeCode(file.toString());
    hash.update(`${commit} ${diff_sha256}`);
  }
}

/** The mode by which git marks a submodule. */
const submoduleMode = '160000';

import { createHash } from 'node:crypto';
import { gitIn } from './git.js';

/** What git knows about the code in a directory. */
interface CodeDescription {
  readonly repository: string | null;
  readonly commit: string | null;
  readonly branch: string | null;
  /** Whether tracked files differ from the commit. */
  readonly modified: boolean | null;
  /** The hash of these differences, to compare with later. */
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
 */
export async function describeCode(directory: string): Promise<CodeDescription> {
  try {
    const git = gitIn(directory);
    const [head, state] = await Promise.all([
      git('rev-parse', '--show-toplevel', 'HEAD'),
      git('status', '--porcelain=v2', '--branch', '--untracked-files=no'),
    ]);
    const [repository = '', commit = ''] = head.trim().split('\n');
    const branch = /^# branch\.head (.+)$/m.exec(state)?.[1];
    const modified = state.split('\n').some((line) => line !== '' && !line.startsWith('#'));
    const diff = modified ? await git('diff', '--no-ext-diff', '--no-color', 'HEAD') : undefined;
    return {
      repository,
      commit,
      branch: branch === undefined || branch === '(detached)' ? null : branch,
      modified,
      diff_sha256: diff === undefined ? null : createHash('sha256').update(diff).digest('hex'),
    };
  } catch {
    return unknownCode;
  }
}

import isEqual from 'lodash/isEqual.js';
import pick from 'lodash/pick.js';
import { recordedCode } from '../code/recorded-code.js';
import type { RecordedLaunch } from './launch-record.js';
import { describeFile } from './named-files.js';

/** A change since a launch, so that running it again may have other results. */
export type Change =
  | { readonly what: 'file-gone' | 'file-changed'; readonly path: string }
  | { readonly what: 'commit'; readonly repository: string; readonly was: string; readonly is: string | null }
  /** The commit is the same, but tracked files differ from it in another way. */
  | { readonly what: 'uncommitted'; readonly repository: string };

/** Compares the files that a launch's commands name, and its code, with what is there now. */
export async function changesSince(store: string, launch: string, recorded: RecordedLaunch): Promise<Change[]> {
  const files = recorded.files.flatMap((was): Change[] => {
    const is = describeFile(was.path);
    if (!is) return [{ what: 'file-gone', path: was.path }];
    // A file that was only touched is the same, if its content was recorded.
    const told = was.sha256 === null ? ['size', 'modified'] : ['sha256'];
    return isEqual(pick(was, told), pick(is, told)) ? [] : [{ what: 'file-changed', path: was.path }];
  });
  return [...files, ...(await codeChange(store, launch, recorded.plan.cwd))];
}

async function codeChange(store: string, launch: string, cwd: string): Promise<Change[]> {
  const was = recordedCode(store, launch);
  // Without a record, or without a repository, there is nothing to compare.
  if (!was || was.repository === null || was.commit === null) return [];
  const { repository, commit, modified, diff_sha256 } = was;
  const { describeCode } = await import('../../code/index.js');
  const now = await describeCode(cwd);
  if (now.commit !== commit) return [{ what: 'commit', repository, was: commit, is: now.commit }];
  // Git did not answer in time, then or now.
  if (modified === null || now.modified === null) return [];
  return now.diff_sha256 === diff_sha256 ? [] : [{ what: 'uncommitted', repository }];
}

/** The version of the code of a launch, as recorded. */
export interface CodeVersion {
  /** The top of the work tree. */
  readonly repository: string;
  readonly commit: string;
  readonly branch: string | null;
  /** The remote's URL, without user names and passwords. */
  readonly remote: string | null;
  /** True if the commit is a snapshot, which is on no branch. */
  readonly snapshot: boolean;
  /** True if the work tree had changes that are not in the commit; they are saved as a patch. */
  readonly dirty: boolean;
  /** The top of the copy that runs start in; null if they start in the work tree. */
  readonly copy: string | null;
  readonly read_only: boolean;
  /** Data linked into the copy, relative to the top of the work tree. */
  readonly links: readonly string[];
}

import { displayPath } from '../../core/paths.js';
import { printableLine } from '../../core/text.js';
import { commitOf, type LaunchCode, type Plan, planInCopy, type RecordedLaunch } from '../../launch/index.js';
import type { CompleteRun } from '../../store/index.js';
import type { Io } from '../grammar/command.js';

/** Makes the copy of the code that a recorded plan runs from, if it is missing. */
export async function restoreCopyOf({ code, settings }: Plan, io: Io): Promise<void> {
  if (!code || code.version.copy === null) return;
  const { restoreCode } = await import('../../code/index.js');
  const { copy, commit } = code.version;
  await restoreCode(code.version, settings.logger.parent_log_dir, () => reportCopying(commit, copy ?? '', io));
}

/** A run with its store and the record of its launch. */
interface RecordedRun {
  readonly store: string;
  readonly run: CompleteRun;
  readonly recorded: RecordedLaunch;
}

/**
 * Returns the record of a run's launch as it is from a copy of the commit that the run used. Makes the copy
 * if it is missing. Throws `version-unknown` or `commit-gone`.
 */
export async function recordedInCopy(
  { store, run, recorded }: RecordedRun,
  { readOnly }: { readonly readOnly: boolean },
  io: Io,
): Promise<RecordedLaunch> {
  const { copyOfCommit, linkData } = await import('../../code/index.js');
  const { plan } = recorded;
  const at = commitOf(store, run, recorded);
  const parent = plan.settings.version_manager.parent_work_dir;
  const copying = () => reportCopying(at.commit, parent, io);
  const copy = await copyOfCommit(at, { parent, readOnly, store }, copying);
  const before: Partial<LaunchCode> = plan.code ?? {};
  const code: LaunchCode = {
    interpreter: null,
    modules: [],
    environment: {},
    ...before,
    version: {
      remote: null,
      snapshot: false,
      links: [],
      ...before.version,
      ...at,
      dirty: false,
      copy: copy.path,
      read_only: readOnly,
    },
    pythonPath: [],
    patch: undefined,
  };
  linkData(code.version);
  return { ...recorded, plan: planInCopy(plan, code) };
}

function reportCopying(commit: string, directory: string, io: Io): void {
  io.stderr.write(copyingText(commit, directory, io.cwd));
}

/** Returns the line that is printed before a copy is made, which may take a while. */
export function copyingText(commit: string, directory: string, cwd: string): string {
  return `Creating a copy of commit ${commit.slice(0, 10)} in ${printableLine(displayPath(directory, cwd))}\n`;
}

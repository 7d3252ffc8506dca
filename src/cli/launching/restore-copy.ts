import { displayPath } from '../../core/paths.js';
import { printableLine } from '../../core/text.js';
import { commitOf, type LaunchCode, type Plan, planInCopy, type RecordedLaunch } from '../../launch/index.js';
import type { CompleteRun } from '../../store/index.js';
import type { Io } from '../grammar/command.js';

/** Sees to it that the copy which a recorded plan runs from is there. */
export async function restoreCopyOf({ code, settings }: Plan, io: Io): Promise<void> {
  if (!code || code.version.copy === null) return;
  const { restoreCode } = await import('../../code/index.js');
  const { copy, commit } = code.version;
  await restoreCode(code.version, settings.logger.parent_log_dir, () => tellCopying(commit, copy ?? '', io));
}

/** A recorded launch as it is from a copy of the commit that it was at. Throws `version-unknown` or `commit-gone`. */
export async function recordedInCopy(
  store: string,
  run: CompleteRun,
  recorded: RecordedLaunch,
  { readOnly }: { readonly readOnly: boolean },
  io: Io,
): Promise<RecordedLaunch> {
  const { copyOfCommit, linkData } = await import('../../code/index.js');
  const { plan } = recorded;
  const at = commitOf(store, run, recorded);
  const parent = plan.settings.version_manager.parent_work_dir;
  const copying = () => tellCopying(at.commit, parent, io);
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

function tellCopying(commit: string, place: string, io: Io): void {
  io.stderr.write(copyingText(commit, place, io));
}

/** What is said before a copy is made, which may take its time. */
export function copyingText(commit: string, place: string, io: Io): string {
  return `Creating a copy of commit ${commit.slice(0, 10)} in ${printableLine(displayPath(place, io.cwd))}\n`;
}

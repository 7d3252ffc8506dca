import {
  type CodeChoices,
  type CodeStep,
  type CodeToFix,
  type FixedCode,
  fixCode,
  lookAtCode,
  type WorkTree,
} from '../../code/index.js';
import type { Settings } from '../../settings/index.js';
import type { LaunchRequest, Plan } from '../plan/plan.js';
import type { Target } from '../target.js';
import { launchCode, requestInCopy, wordsMissingInCopy } from './copy.js';
import type { RequestDirectory } from './directory.js';
import { activatesEnvironment, type Caller } from './request.js';

/** A launch that was checked with the files as they are. */
export interface CheckedLaunch {
  readonly made: Plan;
  readonly request: LaunchRequest;
  /** Makes the same request from another directory. */
  readonly requestFrom: (at: RequestDirectory) => Promise<LaunchRequest>;
  readonly planOf: (request: LaunchRequest) => Promise<Plan>;
  readonly target: Target;
  readonly notes: readonly string[];
}

/** Returns the code of the working directory. Throws what `lookAtCode` throws. */
export function codeOf(settings: Settings, cwd: string): Promise<CodeToFix> {
  return lookAtCode(cwd, ownDirectories(settings), settings.version_manager.parent_work_dir);
}

/** Returns the directories that mlx writes to. */
export const ownDirectories = ({ logger, version_manager }: Settings): string[] => [
  logger.parent_log_dir,
  version_manager.parent_work_dir,
];

/** How the code of a launch is fixed. */
export interface VersionRequest {
  readonly settings: Settings;
  readonly choices: CodeChoices;
  /** The work tree that the choices are about. */
  readonly tree: WorkTree;
  /** Files that the runs need. */
  readonly needed: readonly string[];
  readonly report: (step: CodeStep) => void;
}

/**
 * Fixes the code as it was chosen: a commit or snapshot, and a copy that runs start in. Throws what `fixCode`
 * throws.
 */
export function fixChosen(code: CodeToFix, request: VersionRequest): Promise<FixedCode> {
  const { settings, choices, tree, needed, report } = request;
  const { version_manager: version, logger } = settings;
  const directories = {
    own: ownDirectories(settings),
    store: logger.parent_log_dir,
    parent: version.parent_work_dir,
    readOnly: version.read_only,
    links: version.link,
    needed,
  };
  return fixCode({ ...code, tree }, choices, directories, report);
}

/** A launch from a fixed version of the code, and what a person should know about it. */
export interface VersionedPlan {
  readonly plan: Plan;
  /** Directories that Python imports from and that the commit does not have. */
  readonly importedElsewhere: readonly string[];
  /** Words of the command that name a file here which the copy lacks. */
  readonly missingWords: readonly string[];
}

/** Plans a checked launch again, from its fixed code. Throws what making the request and the plan throws. */
export async function planVersioned(
  { request, requestFrom, planOf, target }: Omit<CheckedLaunch, 'made' | 'notes'>,
  fixed: FixedCode,
  { cwd, env }: Caller,
): Promise<VersionedPlan> {
  const { settings } = request;
  const activated = target.kind === 'engine' && activatesEnvironment(settings);
  const there = await requestFrom(requestInCopy(fixed, cwd));
  const program = activated ? undefined : there.commands[0]?.program;
  const { code, importedElsewhere } = await launchCode(fixed, program, settings, env);
  const plan = await planOf({ ...there, code });
  return { plan, importedElsewhere, missingWords: wordsMissingInCopy(fixed, request, cwd) };
}

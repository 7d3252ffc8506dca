import type { LaunchRequest, Plan, Target } from '../../launch/index.js';
import type { Io } from '../grammar/command.js';
import type { OutputOptions } from '../options/output.js';
import { codeOf, fixVersion, unfixedNotes } from './fix-version.js';
import { launchCode, missingNotes, neededFiles, requestInCopy } from './fixed-request.js';
import { activatesEnvironment, type RequestDirectory } from './run-request.js';

/** A launch that was checked with the files as they are. */
interface CheckedLaunch {
  readonly made: Plan;
  readonly request: LaunchRequest;
  /** Makes the same request from another directory. */
  readonly requestFrom: (at: RequestDirectory) => Promise<LaunchRequest>;
  readonly planOf: (request: LaunchRequest) => Promise<Plan>;
  readonly target: Target;
  readonly notes: readonly string[];
}

/** Fixes the version of the code, after everything else was checked, and launches from there. */
export async function launchVersioned(
  { made, request, requestFrom, planOf, target, notes }: CheckedLaunch,
  options: OutputOptions & { readonly dryRun: boolean },
  io: Io,
  carryOut: (plan: Plan, notes: readonly string[]) => Promise<number>,
): Promise<number> {
  const { settings } = request;
  const code = await codeOf(settings, io.cwd);
  if (options.dryRun) return carryOut(made, [...unfixedNotes(code), ...notes]);
  if (target.kind === 'engine') (await import('./follow-submission.js')).requireCommands(target, io);
  const needed = neededFiles(request, io.cwd);
  const fixed = await fixVersion(code, { settings, needed, quiet: options.quiet || options.json || false }, io);
  const activated = target.kind === 'engine' && activatesEnvironment(settings);
  const there = await requestFrom(requestInCopy(fixed, io.cwd));
  const known = await launchCode(fixed, activated ? undefined : there.commands[0]?.program, settings, io);
  const plan = await planOf({ ...there, code: known.code });
  return carryOut(plan, [...notes, ...known.notes, ...missingNotes(fixed, request, io.cwd)]);
}

import type { LaunchRequest, Plan, Target } from '../../launch/index.js';
import type { Io, ParsedArgs } from '../grammar/command.js';
import { codeOf, fixVersion, unfixedNotes } from './fix-version.js';
import { launchCode, missingNotes, neededFiles, placeInCopy } from './fixed-request.js';
import { activatesEnvironment, type RequestPlace } from './run-request.js';

/** A launch that was found to be right with the files as they are. */
export interface CheckedLaunch {
  readonly made: Plan;
  readonly request: LaunchRequest;
  /** The same launch from another place. */
  readonly requestFrom: (place: RequestPlace) => Promise<LaunchRequest>;
  readonly planOf: (request: LaunchRequest) => Promise<Plan>;
  readonly target: Target;
  readonly notes: readonly string[];
}

/** Fixes the version of the code, now that all else was found to be right, and launches from there. */
export async function launchVersioned(
  { made, request, requestFrom, planOf, target, notes }: CheckedLaunch,
  parsed: ParsedArgs,
  io: Io,
  carryOut: (plan: Plan, notes: readonly string[]) => Promise<number>,
): Promise<number> {
  const { settings } = request;
  const code = await codeOf(settings, io);
  if (parsed.has('dry-run')) return carryOut(made, [...unfixedNotes(code), ...notes]);
  if (target.kind === 'engine') (await import('./follow-submission.js')).requireCommands(target, io);
  const needed = neededFiles(request, io.cwd);
  const fixed = await fixVersion(code, { settings, needed, quiet: parsed.has('quiet') || parsed.has('json') }, io);
  const activated = target.kind === 'engine' && activatesEnvironment(settings);
  const there = await requestFrom(placeInCopy(fixed, io.cwd));
  const known = await launchCode(fixed, activated ? undefined : there.commands[0]?.program, settings, io);
  const plan = await planOf({ ...there, code: known.code });
  return carryOut(plan, [...notes, ...known.notes, ...missingNotes(fixed, request, io.cwd)]);
}

import { type CheckedLaunch, codeOf, neededFiles, type Plan, planVersioned } from '../../launch/index.js';
import type { Io } from '../grammar/command.js';
import type { OutputOptions } from '../options/output.js';
import { fixVersion, unfixedNotes } from './fix-version.js';
import { copyNotes, importNotes } from './request-notes.js';

/** Fixes the version of the code, after everything else was checked, and launches from there. */
export async function launchVersioned(
  checked: CheckedLaunch,
  options: OutputOptions & { readonly dryRun: boolean },
  io: Io,
  carryOut: (plan: Plan, notes: readonly string[]) => Promise<number>,
): Promise<number> {
  const { made, request, target, notes } = checked;
  const { settings } = request;
  const code = await codeOf(settings, io.cwd);
  if (options.dryRun) return carryOut(made, [...unfixedNotes(code), ...notes]);
  if (target.kind === 'engine') (await import('./follow-submission.js')).requireCommands(target, io);
  const needed = neededFiles(request, io.cwd);
  const fixed = await fixVersion(code, { settings, needed, quiet: options.quiet || options.json || false }, io);
  const { plan, importedElsewhere, missingWords } = await planVersioned(checked, fixed, io);
  return carryOut(plan, [...notes, ...importNotes(importedElsewhere, io.cwd), ...copyNotes(missingWords)]);
}

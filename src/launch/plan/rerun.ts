import { fail } from '../../failures/index.js';
import type { CompleteRun } from '../../store/index.js';
import { parseOverride } from '../../sweep/index.js';
import { type Plan, planLaunch } from './plan.js';
import { pointsOf } from './points.js';

/**
 * Returns the plan that runs a recorded point again: the same command, config and settings, the point's
 * overrides, and further overrides that win over them and may sweep. Throws what `parseOverride` and
 * `planLaunch` throw.
 */
export function planRerun(run: CompleteRun, { plan }: { readonly plan: Plan }, words: readonly string[]): Plan {
  const command = plan.commands.findLast(({ first }) => first <= (run.job?.point ?? 0)) ?? plan.commands[0];
  if (!command) return fail({ reason: 'foreign-run', id: run.id });
  const logger = { ...plan.settings.logger, forced_log_id: -1 };
  const overrides = overlayWords(run.overrides, words).map((word) => parseOverride(word));
  const commands = [{ ...command, points: pointsOf(overrides) }];
  return planLaunch({ ...plan, commands, settings: { ...plan.settings, logger } });
}

/** Lays overrides over others: one of the same key replaces the earlier one; added keys stay added. */
export function overlayWords(words: readonly string[], over: readonly string[]): string[] {
  const result = [...words];
  for (const word of over) {
    const { key, kind } = parseOverride(word);
    const index = result.findIndex((present) => parseOverride(present).key === key);
    const prefix = kind === 'change' ? (/^\+*/.exec(result[index] ?? '')?.[0] ?? '') : '';
    if (index === -1) result.push(word);
    else result[index] = prefix + word;
  }
  return result;
}

import type { ParsedArgs } from '../../../arguments/index.js';
import { optionalAlone, refuseTogether } from '../../../arguments/index.js';
import { rangesText } from '../../../core/consecutive.js';
import { jsonText } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import {
  countPoints,
  type LaunchRequest,
  type Plan,
  type PlanWithoutExisting,
  planRuns,
  planWithoutExisting,
  prepareRun,
  writtenSteps,
} from '../../../launch/index.js';
import { waitingOf } from '../../../runs/index.js';
import { checkStoreWritable } from '../../../store/index.js';
import { leafNames, missing, valueAt } from '../../../values/index.js';
import type { Io } from '../../grammar/command.js';
import { carryOutOrShow } from '../../launching/carry-out.js';
import { engineChooser } from '../../launching/choose-engine.js';
import { refuseUnknownEngine } from '../../launching/refuse-unknown-engine.js';
import { settingsNotes } from '../../launching/request-notes.js';
import { splitPositionals } from '../../launching/split-positionals.js';
import type { RunOptions } from './spec.js';

/**
 * `mlx run`: checks everything, shows the plan, then carries it out; with `--dry-run` it only shows the plan.
 */
export async function run({ positionals, rest, options }: ParsedArgs<RunOptions>, io: Io): Promise<number> {
  refuseTogether(options, 'quiet', 'json');
  refuseTogether(options, 'count', 'dryRun');
  refuseTogether(options, 'detach', 'dryRun');
  refuseTogether(options, 'noConfig', 'configName');
  refuseUnknownEngine(options.scheduler, positionals, io);
  const steps = writtenSteps(options, io.cwd);
  const { program, overrideWords } = splitPositionals({ positionals, rest }, io.cwd, steps.length > 0);
  const words = { program, rest: rest ?? [], overrides: overrideWords, steps };
  const chooser = engineChooser(io);
  const asked = { ...options, skipExisting: options.skipExisting === optionalAlone ? true : options.skipExisting };
  const prepared = await prepareRun(asked, words, {
    caller: io,
    chooseEngine: chooser.choose,
    waiting: ({ logger }) => waitingOf(options, { store: logger.parent_log_dir, cwd: io.cwd }),
  });
  const { found, settings, target, request, skipExisting, requestFrom, notes: known } = prepared;
  if (options.count && !skipExisting) {
    return showCount(
      request.commands.reduce((sum, command) => sum + countPoints(command), 0n),
      options,
      io,
    );
  }
  const planned = await planWithoutExisting(request, skipExisting);
  const { plan: made } = planned;
  if (options.count) return showCount(BigInt(made.count), options, io);
  checkStoreWritable(settings.logger.parent_log_dir);
  if (made.count === 0) return showNothingLeft(planned, options, io);
  const notes = [
    ...settingsNotes(found.settingsFile),
    ...known.request,
    ...missingNotes(made),
    ...known.target,
    ...existingNotes(planned),
  ];
  if (!settings.use_version_manager)
    return carryOutOrShow(made, { target, notes, onChecked: chooser.keep }, options, io);
  const { launchVersioned } = await import('../../launching/launch-versioned.js');
  const planOf = async (again: LaunchRequest) => (await planWithoutExisting(again, skipExisting)).plan;
  return launchVersioned({ made, request, requestFrom, planOf, target, notes }, options, io, (plan, all) =>
    carryOutOrShow(plan, { target, notes: all, onChecked: chooser.keep }, options, io),
  );
}

/** Returns notes about mandatory values that are missing: the program fails when it reads them. */
function missingNotes(plan: Plan): string[] {
  const [first] = planRuns(plan);
  const names = first ? leafNames(first.config).filter((name) => valueAt(first.config, name) === missing) : [];
  return names.map((name) => `${name} has no value yet (${missing}): ${name}=VALUE gives one`);
}

/** Returns notes about points that were left out because they have runs. */
function existingNotes({ existing, underWay }: PlanWithoutExisting): string[] {
  const complete = existing - underWay.length;
  const ids = underWay.filter((id) => id !== undefined);
  const which = ids.length === 0 ? '' : ` (${rangesText(ids)})`;
  const [run, all] =
    underWay.length === 1 ? ['a run of it waits or runs', 'runs it'] : ['runs of them wait or run', 'runs them'];
  return [
    ...(complete === 0 ? [] : [`${plural(complete, 'point')} left out, since a COMPLETE run is there`]),
    ...(underWay.length === 0
      ? []
      : [
          `${plural(underWay.length, 'point')} left out, since ${run}${which}: --skip-existing=complete ${all} all the same`,
        ]),
  ];
}

function showNothingLeft(planned: PlanWithoutExisting, options: RunOptions, io: Io): number {
  const text = options.json
    ? jsonText({ runs: 0, covered: planned.existing, under_way: planned.underWay.length })
    : `nothing to run: ${existingNotes(planned).join('; ')}`;
  io.stdout.write(`${text}\n`);
  return 0;
}

function showCount(count: bigint, options: RunOptions, io: Io): number {
  io.stdout.write(options.json ? `{"points":${count}}\n` : `${count}\n`);
  return 0;
}

import { join } from 'node:path';
import { jsonText, printable, printableLine } from '../../core/text.js';
import { commandAt, launchContext, launchEnvironment, planRuns, runContents, runtimeIn } from '../../launch/index.js';
import { nextIdHint, storePaths } from '../../store/index.js';
import { sourceToken } from '../../sweep/index.js';
import type { Io } from '../grammar/command.js';
import { type LaunchShape, planText } from '../output/plan-text.js';

/** A dry run lists at most this many runs. */
const listed = 50;

/**
 * Prints the plan, the runs and the script of the first run. Writes nothing to disk but the engine that a
 * person has just asked to be remembered. Returns the exit code.
 */
export function showDryRun(shape: LaunchShape, io: Io, json: boolean): number {
  const { plan } = shape;
  const kept = shape.onChecked?.() ?? false;
  const store = plan.settings.logger.parent_log_dir;
  const forced = plan.settings.logger.forced_log_id;
  const firstId = forced >= 0 ? forced : nextIdHint(store);
  const script = firstScript(shape, io, firstId);
  const runs: { run: number; point: number; overrides: string[]; command: string }[] = [];
  for (const spec of planRuns(plan)) {
    if (runs.length === listed && !json) break;
    const id = firstId + runs.length;
    const { index, overrides } = spec.point;
    const { text } = commandAt(plan, spec, {
      id,
      directory: storePaths.run(store, id),
      store,
      runtime: runtimeIn(store),
    });
    runs.push({ run: id, point: index, overrides: overrides.map(sourceToken), command: text });
  }
  if (json) {
    io.stdout.write(`${jsonText({ runs: plan.count, parallel: shape.parallel, store, points: runs, script })}\n`);
    return 0;
  }
  const more = plan.count > runs.length ? `  … and ${plan.count - runs.length} more\n` : '';
  const [runWidth, pointWidth] = [firstId + runs.length, runs.at(-1)?.point ?? 0].map(
    (widest) => String(widest).length,
  );
  const lines = runs.map(
    ({ run, point, command }) =>
      `  ${String(run).padStart(runWidth ?? 0)}  #${String(point).padEnd(pointWidth ?? 0)}  ${printableLine(command)}\n`,
  );
  io.stdout.write(
    `${planText(shape, io.cwd)}\nruns, if no other launch takes these numbers, each with its #point:\n${lines.join('')}${more}\n` +
      `${printableLine(join(storePaths.run(store, firstId), 'script.sh'))}:\n${printable(script).replace(/^(?=.)/gm, '  ')}\nnothing ${kept ? 'else ' : ''}was written\n`,
  );
  return 0;
}

function firstScript({ plan, target }: LaunchShape, io: Io, id: number): string {
  const [first] = planRuns(plan);
  if (!first) return '';
  const store = plan.settings.logger.parent_log_dir;
  const runtime = runtimeIn(store);
  const environment = launchEnvironment(plan, io.env, runtime);
  const context = launchContext(plan, { launch: 'none', store, runtime, environment, target });
  return runContents(context, first, { id, token: 'none', firstAttempt: 1, task: undefined }).script;
}

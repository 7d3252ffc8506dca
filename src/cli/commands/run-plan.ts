import { displayPath } from '../../core/paths.js';
import { plural, printableLine } from '../../core/text.js';
import type { Plan } from '../../launcher/index.js';
import { nextIdHint } from '../../logger/claim.js';
import { quoteCommand } from '../../script/index.js';
import { sweptOverrides } from '../../sweep/index.js';

/** A checked launch and how many of its runs go at once. */
export interface LaunchShape {
  readonly plan: Plan;
  readonly parallel: number;
  readonly notes: readonly string[];
}

/** What is going to happen, in a few lines. */
export function planText({ plan, parallel, notes }: LaunchShape, cwd: string): string {
  const { count, config, sweep, settings, program } = plan;
  const store = settings.logger.parent_log_dir;
  const forced = settings.logger.forced_log_id;
  const atOnce = Math.min(parallel, count);
  const swept = sweptOverrides(sweep).map(({ span, choices }) => `${span.source.text} (${choices.length})`);
  const fixed = sweep.overrides.filter(({ choices }) => choices.length <= 1).map(({ span }) => span.source.text);
  const place = forced >= 0 ? `run ${forced}, as a new attempt` : `runs from ${nextIdHint(store)} on`;
  const rows = [
    ['command', quoteCommand(program.argv)],
    ['config', config.kind === 'file' ? config.name : 'none: the overrides are the config'],
    ['sweep', swept.length === 0 ? 'none' : swept.join(' × ')],
    ...(fixed.length === 0 ? [] : [['set', fixed.join(' ')]]),
    ['store', `${displayPath(store, cwd)}, ${place}`],
    ...notes.map((note) => ['note', note]),
  ];
  const head = `${plural(count, 'run')} on this machine${count > 1 ? `, ${atOnce} at once` : ''}`;
  return `${head}\n${rows.map(([name = '', text = '']) => `  ${name.padEnd(8)} ${printableLine(text)}\n`).join('')}`;
}

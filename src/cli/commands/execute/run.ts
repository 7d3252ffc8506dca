import { availableParallelism } from 'node:os';
import type { ParsedArgs } from '../../../arguments/index.js';
import { refuseTogether } from '../../../arguments/index.js';
import { rangesText } from '../../../core/consecutive.js';
import { printableLine } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import { executeQueue, type LaunchedRun, type LeftRuns } from '../../../launch/index.js';
import { GpuPool, visibleGpus } from '../../../local/index.js';
import { queuedIds, readJob } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { followLaunch } from '../../launching/follow-launch.js';
import { followChoices } from '../../options/output.js';
import { settingsOf } from '../../selecting/store.js';
import type { ExecuteOptions } from './spec.js';

/** Seconds between checks for runs that others have queued. */
const usualInterval = 1;

/** `mlx execute`: runs what waits in the local queue. Resolves to 0 if every run is COMPLETE. */
export async function run({ options }: ParsedArgs<ExecuteOptions>, io: Io): Promise<number> {
  refuseTogether(options, 'stay', 'dieWhenFinished');
  const asked = followChoices(options);
  // As with jman, the terminal shows the output of runs, except those submitted with a directory of logs.
  const isShown = ({ directory }: LaunchedRun) => readJob(directory)?.queued?.shown ?? true;
  const style = { ...asked, stream: asked.stream || (asked.output === 'text' && isShown) };
  const settings = await settingsOf(options, io.cwd);
  const store = settings.logger.parent_log_dir;
  const slots = options.parallel ?? availableParallelism();
  const stays = options.stay || (io.argv.includes('run-scheduler') && !options.dieWhenFinished);
  const waiting = queuedIds(store).length;
  if (waiting === 0 && !stays) {
    if (style.output === 'text') io.stderr.write('nothing waits in the local queue\n');
    return 0;
  }
  if (options.detach) {
    const { detachExecute } = await import('../../launching/detach.js');
    return detachExecute(
      store,
      [
        ...['--parallel', `${slots}`],
        ...(stays ? ['--stay'] : []),
        ...(options.sleep === undefined ? [] : ['--sleep', `${options.sleep}`]),
        ...(options.grace === undefined ? [] : ['--grace', `${options.grace}`]),
      ],
      options,
      io,
    );
  }
  const launch = executeQueue(store, {
    slots,
    stays,
    interval: options.sleep ?? usualInterval,
    gpus: new GpuPool(visibleGpus(io.env)),
    grace: options.grace ?? settings.grace,
  });
  const head = `${plural(waiting, 'run')} in the local queue, ${plural(slots, 'slot')}\n`;
  const code = await followLaunch(launch, { head, total: waiting, parallel: slots, store }, io, style);
  // Of an interrupted one the last line is how to go on.
  const left = code > 128 ? [] : leftText(launch.left());
  if (left.length > 0 && style.output !== 'json')
    io.stderr.write(left.map((line) => `left     ${printableLine(line)}\n`).join(''));
  return code === 0 && left.length > 0 ? 1 : code;
}

function leftText({ held, short, unstarted, behind }: LeftRuns): string[] {
  const lines: [readonly number[], string][] = [
    [held, 'held: mlx release lets them go'],
    [short, 'ask for more GPUs than there are: CUDA_VISIBLE_DEVICES tells which can be seen'],
    [unstarted, 'could not be started: mlx execute tries them again'],
    [behind, 'wait for those'],
  ];
  return lines.flatMap(([ids, text]) => (ids.length === 0 ? [] : [`${rangesText(ids)}  ${text}`]));
}

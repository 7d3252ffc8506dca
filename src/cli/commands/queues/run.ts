import { userInfo } from 'node:os';
import type { ParsedArgs } from '../../../arguments/index.js';
import { clockDuration } from '../../../core/clock.js';
import { jsonText } from '../../../core/text.js';
import type { Share } from '../../../engines/index.js';
import { clusterNamed, loadEngine, readQueues } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import { launchSettings } from '../../../launch/index.js';
import type { Io } from '../../grammar/command.js';
import { engineChooser } from '../../launching/choose-engine.js';
import { refuseUnknownEngine } from '../../launching/refuse-unknown-engine.js';
import { painter } from '../../output/style.js';
import { type Cell, renderTable } from '../../output/table.js';
import type { QueuesOptions } from './spec.js';

/** `mlx queues`: prints the engine's queues: their limits, what is free, and the user's own jobs in them. */
export async function run({ positionals, options }: ParsedArgs<QueuesOptions>, io: Io): Promise<number> {
  refuseUnknownEngine(options.scheduler, positionals, io);
  const [extra] = positionals;
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'queues' });
  const found = await launchSettings({}, io.cwd, []);
  const chooser = engineChooser(io);
  const name = await chooser.choose(options.scheduler, found, { always: true });
  if (name === undefined || name === 'local') return fail({ reason: 'no-queues', engine: name ?? 'here' });
  const engine = await loadEngine(name);
  const asked = await readQueues(engine, userInfo().username, clusterNamed(engine, [], io.env));
  if ('trouble' in asked) return fail({ reason: 'engine-trouble', engine: engine.title, words: asked.trouble });
  chooser.keep();
  const { queues } = asked;
  if (options.json) {
    io.stdout.write(`${jsonText({ engine: name, queues })}\n`);
    return 0;
  }
  const paint = painter(io.stdout, io.env);
  const right = (text: string): Cell => ({ text, align: 'right' });
  const rows = queues.map((queue): Cell[] => [
    { text: queue.isDefault ? `${queue.name} *` : queue.name },
    queue.time === undefined ? right('-') : right(clockDuration(queue.time)),
    right(shareText(queue.cpus)),
    right(shareText(queue.gpus)),
    right(String(queue.running)),
    right(String(queue.waiting)),
    { text: queue.closed ?? '', style: 'yellow' },
  ]);
  const heading = ['queue', 'time limit', 'CPUs free/all', 'GPUs free/all', 'mine: running', 'waiting', 'closed'];
  io.stdout.write(renderTable(heading, rows, paint));
  return 0;
}

const shareText = (share: Share | undefined) => (share ? `${share.free}/${share.total}` : '-');

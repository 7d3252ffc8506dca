import { hostname, userInfo } from 'node:os';
import type { ParsedArgs } from '../../../arguments/index.js';
import { errnoCode } from '../../../core/errno.js';
import { displayPath } from '../../../core/paths.js';
import { printableLine } from '../../../core/text.js';
import { fail } from '../../../failures/index.js';
import { listRunIds } from '../../../store/index.js';
import { startUi } from '../../../ui/index.js';
import type { Io } from '../../grammar/command.js';
import { listenForSignals } from '../../launching/signals.js';
import { storeOf } from '../../selecting/store.js';
import type { UiOptions } from './spec.js';

/** `mlx ui`: serves a page of the store to a browser, until it is stopped. */
export async function run({ positionals, options }: ParsedArgs<UiOptions>, io: Io): Promise<number> {
  const [extra] = positionals;
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'ui' });
  const store = await storeOf(options, io.cwd);
  const name = displayPath(store, io.cwd);
  if (!listRunIds(store)) fail({ reason: 'no-store', path: name });
  const port = options.port ?? 0;
  const mlx = options.allowActions ? ([process.execPath, process.argv[1] ?? ''] as const) : undefined;
  const { cwd, version } = io;
  const ui = await startUi({ store, name, cwd, version, port, mlx, followLinks: options.followLinks }).catch(
    (error: unknown) => {
      if (!['EADDRINUSE', 'EACCES', 'ERR_SOCKET_BAD_PORT'].includes(errnoCode(error) ?? '')) throw error;
      const expected = 'a port that is free and yours to take, above 1023; without --port mlx finds one';
      return fail({ reason: 'bad-option-value', option: '--port', value: String(port), expected, near: undefined });
    },
  );
  io.stdout.write(`${ui.url}\n`);
  io.stderr.write(
    `the runs of ${printableLine(name)}, ${mlx ? 'to be seen, stopped, submitted again and deleted' : 'to be seen'} by whoever has this address; Ctrl-C ends it\n` +
      `from another machine: ssh -L ${ui.port}:127.0.0.1:${ui.port} ${userInfo().username}@${hostname()}, then the same address\n`,
  );
  await new Promise<void>((resolve) => listenForSignals(() => resolve()));
  await ui.close();
  return 0;
}

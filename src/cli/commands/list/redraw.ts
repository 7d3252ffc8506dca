import { setTimeout as sleep } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { listenForSignals } from '../../launching/signals.js';

const secondsBetween = 2;

/** Where a screen is written to that is shown as a whole. */
type Screen = NodeJS.WriteStream;

/** Draws a screen again and again in its own place, until Ctrl-C; gives the exit code. Where it is no terminal, one below the other. */
export async function redraw(draw: (screen: Screen) => Promise<number>, stream: Screen): Promise<number> {
  const update = createLogUpdate(stream, { showCursor: true });
  const stop = new AbortController();
  const signals = listenForSignals(() => stop.abort());
  while (!stop.signal.aborted) {
    let text = '';
    const screen = Object.create(stream) as Screen;
    screen.write = (part: string | Uint8Array) => {
      text += String(part);
      return true;
    };
    await draw(screen);
    if (stream.isTTY) update(text.trimEnd());
    else stream.write(`${text}\n`);
    await sleep(secondsBetween * 1000, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  if (stream.isTTY) update.done();
  signals.forget();
  return 0;
}

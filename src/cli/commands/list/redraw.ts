import { setTimeout as sleep } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { listenForSignals } from '../../launching/signals.js';

const secondsBetween = 2;

/** A stream that collects a whole screen. */
type Screen = NodeJS.WriteStream;

/**
 * Draws a screen again and again until Ctrl-C: over the previous one, or below it if the stream is not a
 * terminal. Resolves to the exit code.
 */
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

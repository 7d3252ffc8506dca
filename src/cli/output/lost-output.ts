import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { errnoCode } from '../../core/errno.js';
import { renderFailure } from '../../failures/index.js';

type Outputs = Pick<NodeJS.Process, 'stdout' | 'stderr'>;

/**
 * Lets mlx go on if its own output can't be written: runs matter more than their report. Whose reader is gone
 * (`mlx list | head`, a closed terminal) loses nothing. Anything else, such as a full disk, is printed once
 * on standard error, if that works. Returns a function that returns whether output was lost.
 */
export function surviveLostOutput({ stdout, stderr }: Outputs): () => boolean {
  let isLost = false;
  const onError = (error: unknown) => {
    const code = errnoCode(error) ?? '';
    // EPIPE: the reader of a pipe is gone; EIO: the terminal is.
    if (isLost || code === 'EPIPE' || code === 'EIO') return;
    isLost = true;
    stderr.write(renderFailure({ reason: 'output-not-written', code }).text);
  };
  for (const stream of [stdout, stderr]) {
    stream.on('error', onError);
    if (!(stream instanceof Socket)) writeWhole(stream, onError);
  }
  return () => isLost;
}

/**
 * Makes a stream to a file write whole texts. Node's own leaves out the rest of a text that the disk had no
 * room for, without an error, and throws at the next one. A text that fails does not close the stream: there
 * may be room again later.
 */
function writeWhole(stream: NodeJS.WriteStream & { readonly fd: number }, onError: (error: unknown) => void): void {
  stream._write = (chunk: string | Uint8Array, encoding, done) => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    let failure: { readonly error: unknown } | undefined;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(stream.fd, bytes, at);
    } catch (error) {
      failure = { error };
    }
    done();
    if (failure) onError(failure.error);
  };
}

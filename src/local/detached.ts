import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Environment } from '../core/environment.js';
import { type ProcessIdentity, processWithId } from '../core/process.js';

/** A process in a session of its own, which goes on when its parent and the terminal are gone. */
export interface DetachedProcess {
  readonly process: ProcessIdentity;
  /** Lets it begin: until then it does nothing, and nothing ever if this process ends. */
  readonly begin: () => void;
  /** Its exit code once it has ended; 128 if a signal ended it. */
  readonly exitCode: () => number | undefined;
}

/**
 * Starts a command in a session of its own: setsid(2). Its standard input is empty, and what it prints is
 * appended to a file. Throws the system's error.
 */
export async function startDetached(
  argv: readonly string[],
  { cwd, env, output }: { readonly cwd: string; readonly env: Environment; readonly output: string },
): Promise<DetachedProcess> {
  const file = openSync(output, 'a');
  let child: ChildProcess;
  try {
    // The shell becomes the command, with the same process number, once it has read a line.
    child = spawn('/bin/sh', ['-c', 'read -r line && exec "$@" < /dev/null', 'sh', ...argv], {
      cwd,
      env,
      detached: true,
      stdio: ['pipe', file, file],
    });
  } finally {
    closeSync(file);
  }
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const identity = child.pid === undefined ? undefined : processWithId(child.pid);
  if (!identity) throw new Error(`${argv[0]} ended before it began`);
  // What this process does next must not wait for it.
  child.unref();
  return {
    process: identity,
    begin: () => void child.stdin?.end('\n'),
    exitCode: () => child.exitCode ?? (child.signalCode === null ? undefined : 128),
  };
}

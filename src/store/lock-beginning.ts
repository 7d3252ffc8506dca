import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTaken } from '../core/errno.js';
import { makeDirectories } from '../core/files.js';
import { isAlive } from '../core/process.js';
import { hasReleased, readLastOwner, releaseOwner, writeOwner } from './owners.js';
import { storePaths } from './paths.js';

/** Milliseconds between looks whether another process has begun its launch. */
const lookMilliseconds = 50;

/** Milliseconds to wait for a process on another host, of which it can't be seen whether it lives. */
const patienceMilliseconds = 10_000;

/**
 * Makes this process the only one that begins a launch which leaves out what other launches run. It looks at
 * the launches on record and then records its own, and two processes that do both at once would miss each
 * other. Resolves to a function that lets the next process go; a process that ends does so too. Throws the
 * system's error.
 */
export async function lockBeginning(store: string): Promise<() => void> {
  const directory = join(storePaths.internal(store), 'beginning');
  makeDirectories(directory);
  const begun = Date.now();
  for (;;) {
    const { number, process } = readLastOwner(directory);
    if (process && !hasReleased(directory, number)) {
      const seen = isAlive(process);
      if (seen === true || (seen === undefined && Date.now() - begun < patienceMilliseconds)) {
        await sleep(lookMilliseconds);
        continue;
      }
    }
    try {
      writeOwner(directory, number + 1);
    } catch (error) {
      // Another process was faster, or is another launch of this one.
      if (!isTaken(error)) throw error;
      await sleep(lookMilliseconds);
      continue;
    }
    return () => {
      try {
        releaseOwner(directory, number + 1);
      } catch {
        // The disk is full. The next process goes once this one has ended.
      }
    };
  }
}

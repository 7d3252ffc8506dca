import { printableLine } from '../../core/text.js';
import { type Change, changesSince, type RecordedLaunch } from '../../launch/index.js';
import type { Io } from '../grammar/command.js';

/** Warns if a launch's code, interpreter or files in its command have changed since. */
export async function warnOfChanges(store: string, launch: string, recorded: RecordedLaunch, io: Io): Promise<void> {
  for (const change of await changesSince(store, launch, recorded)) io.stderr.write(`warning: ${changeText(change)}\n`);
}

function changeText(change: Change): string {
  switch (change.what) {
    case 'file-gone':
      return `${printableLine(change.path)} is gone since the launch`;
    case 'file-changed':
      return `${printableLine(change.path)} has changed since the launch`;
    case 'commit':
      return `${printableLine(change.repository)} was at commit ${change.was.slice(0, 10)} at the launch, and is at ${change.is?.slice(0, 10) ?? 'none'} now`;
    case 'uncommitted':
      return `${printableLine(change.repository)} has other uncommitted changes than at the launch`;
  }
}

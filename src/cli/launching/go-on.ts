import { displayPath } from '../../core/paths.js';
import { quoteWord } from '../../core/quote.js';
import { type Failure, MlxError } from '../../failures/index.js';
import { findSettingsFile, loadSettings } from '../../settings/index.js';
import { failedRuns, readMaxFailures } from '../../store/index.js';
import type { Io } from '../grammar/command.js';

/** Returns ` --store DIR` if a command in this directory would use another store without it, else ''. */
export async function storeWords(store: string, io: Io): Promise<string> {
  let usual: string | undefined;
  try {
    const { cwd } = io;
    usual = (await loadSettings({ cwd, file: findSettingsFile(cwd), overrides: [], flags: {} })).logger.parent_log_dir;
  } catch {
    // Settings that can't be read any more name no store.
  }
  return store === '' || store === usual ? '' : ` --store ${quoteWord(displayPath(store, io.cwd))}`;
}

/** Returns the command that goes on with a launch, or, if its id is '', with the local queue. */
export async function goOnCommand(launch: string, store: string, io: Io): Promise<string> {
  const command = launch === '' ? 'mlx execute' : `mlx resume @${launch}${limitWords(store, launch)}`;
  return command + (await storeWords(store, io));
}

/** Returns the option without which a launch does not go on, as all have failed that may; else ''. */
function limitWords(store: string, launch: string): string {
  const most = readMaxFailures(store, launch);
  const failed = failedRuns(store, launch).length;
  return most === undefined || failed < most ? '' : ` --max-failures ${failed + 1}`;
}

/** Whether the message of an error names the command that goes on. */
export const namesCommand = (error: unknown): boolean =>
  error instanceof MlxError && ['record-not-written', 'submission-failed'].includes(error.failure.reason);

/** Returns the error of a launch that broke off, so that the command that its message names has the store. */
export async function namingStore(error: unknown, launch: string, store: string, io: Io): Promise<unknown> {
  const failure: Failure | undefined = error instanceof MlxError ? error.failure : undefined;
  if (failure?.reason === 'record-not-written') {
    return new MlxError({ ...failure, again: await goOnCommand(launch, store, io) });
  }
  if (failure?.reason !== 'submission-failed') return error;
  const words = (await storeWords(store, io)).trim();
  return words === '' ? error : new MlxError({ ...failure, store: words });
}

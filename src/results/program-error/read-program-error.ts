import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ifReadable } from '../../core/errno.js';
import { type Attempt, infoWorkDirectory, type RunStatus, readLastAttempt, runPaths } from '../../store/index.js';
import { findProgramError, type ProgramError } from './program-error.js';

/** Bytes at the end of a log that are searched for an error. */
const tailBytes = 262_144;

/** Signals by which a program ends itself: it may have printed why. */
const ownSignals: ReadonlySet<string> = new Set(['ABRT', 'SEGV', 'BUS', 'FPE', 'ILL', 'TRAP', 'SYS', 'PIPE']);

/** A run that may have failed. */
interface MaybeFailed {
  readonly directory: string;
  readonly overrides: readonly string[];
  readonly status: RunStatus;
}

/**
 * Why a run's program failed, by its logs. Undefined if the run did not fail, failed because of a dependency,
 * or the logs do not say.
 */
export function readProgramError(run: MaybeFailed, attempt?: Attempt): ProgramError | undefined {
  const { directory, overrides, status } = run;
  if (status.status !== 'FAILED') return undefined;
  const { claim, end } = attempt ?? readLastAttempt(directory) ?? {};
  if (end?.unmet !== undefined) return undefined;
  const signal = end?.signal;
  const work = infoWorkDirectory(directory);
  return findProgramError([readEnd(runPaths.stderr(directory)), readEnd(runPaths.stdout(directory))], {
    directory,
    overrides,
    host: claim?.process?.host,
    roots: work === undefined ? [] : [work],
    sure: signal === undefined ? 'any' : ownSignals.has(signal) ? 'exception' : 'verdict',
  });
}

/**
 * The reason to show for a failed run: `step train: ValueError: bad seed 9`. The recorded reason wins if it
 * says more than the error. Undefined if neither is known.
 */
export function shownReason(reason: string | undefined, error: string | undefined): string | undefined {
  const [all, step = ''] =
    /^(step .+, )?(?:exit code \d+|killed by SIG(?:ABRT|SEGV|BUS|FPE|ILL|TRAP|SYS|PIPE))$/.exec(reason ?? '') ?? [];
  if (error === undefined || (reason !== undefined && all === undefined)) return reason;
  return step === '' ? error : `${step.slice(0, -2)}: ${error}`;
}

/**
 * The end of a file as text, from the beginning of a line on. Empty if the file does not exist, or is
 * private.
 */
function readEnd(path: string): string {
  const file = ifReadable(() => openSync(path, 'r'));
  if (file === undefined) return '';
  try {
    const { size } = fstatSync(file);
    const from = Math.max(0, size - tailBytes);
    const buffer = Buffer.alloc(size - from);
    const text = buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, from));
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    closeSync(file);
  }
}

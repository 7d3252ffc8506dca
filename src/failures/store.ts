import { printableLine } from '../core/text.js';
import { didYouMean, type ProblemWords, q, say, systemError, type Words } from './message.js';

/** Failures of the store, and of words that select runs in it. */
export type StoreFailure =
  | { readonly reason: 'store-unusable'; readonly path: string; readonly code: string }
  | { readonly reason: 'no-store'; readonly path: string }
  | {
      readonly reason: 'no-such-run';
      readonly selection: string;
      readonly store: string;
      readonly last: number;
      readonly deleted: boolean;
    }
  | { readonly reason: 'bad-selection'; readonly selection: string; readonly near: string | undefined }
  | { readonly reason: 'incomplete-run'; readonly id: number; readonly path: string }
  | { readonly reason: 'broken-record'; readonly path: string; readonly problem: RecordProblem }
  | {
      readonly reason: 'record-not-written';
      readonly path: string;
      readonly code: string;
      /** The command that goes on once the record can be written. */
      readonly again: string;
    }
  | { readonly reason: 'output-not-written'; readonly code: string }
  | { readonly reason: 'system-error'; readonly path: string | undefined; readonly code: string };

/** Problems of a record in the store. */
export type RecordProblem =
  | { readonly kind: 'cut-short' }
  | { readonly kind: 'cut-short-or-edited' }
  | { readonly kind: 'no-job-record' }
  /** This user may not read it. */
  | { readonly kind: 'denied' }
  | { readonly kind: 'no-config' }
  /** `path` is the dotted path of the value in the record, `message` that of the schema. */
  | { readonly kind: 'invalid'; readonly path: string | undefined; readonly message: string };

const recordWords: ProblemWords<RecordProblem> = {
  'cut-short': () => 'it is cut short',
  'cut-short-or-edited': () => 'it is cut short or was edited',
  'no-job-record': () => 'job.yaml is gone',
  denied: () => systemError('EACCES'),
  'no-config': () => 'it tells no config',
  invalid: ({ path, message }) => `${path ?? 'it'}: ${message}`,
};

/** Returns what is wrong with a record, to follow its path. */
export const recordProblemText = (problem: RecordProblem): string => say(recordWords, problem);

/** What to do about a file of somebody else, who alone can change its permissions. */
const ofOthers = 'ask its owner for permission';

/** The words of these failures. */
export const storeWords: Words<StoreFailure> = {
  'store-unusable': (failure) => ({
    what: `can't keep runs in ${q(failure.path)}: ${systemError(failure.code)}`,
    remedy: 'choose another directory with --store DIR',
  }),
  'no-store': (failure) => ({
    what: `there are no runs in ${q(failure.path)}`,
    remedy: 'mlx run makes some; --store DIR looks elsewhere',
  }),
  'no-such-run': (failure) => ({
    what: failure.deleted
      ? `run ${failure.selection} was deleted from ${q(failure.store)}`
      : `there is no run ${q(failure.selection)} in ${q(failure.store)}`,
    remedy: failure.last > 0 ? `the last one is ${failure.last}; mlx list shows all` : 'there are none yet',
  }),
  'bad-selection': (failure) => ({
    what: `can't tell which runs ${q(failure.selection)} means${didYouMean(failure.near)}`,
    remedy: 'expected 5, 12-40, 1,2,5-8, @last, @LAUNCH or a status such as failed',
  }),
  'incomplete-run': (failure) => ({
    what: `run ${failure.id} was never completed: the process that claimed it ended before`,
    remedy: `${printableLine(failure.path)} holds what there is of it`,
    exitCode: 1,
  }),
  'broken-record': (failure) =>
    failure.problem.kind === 'denied'
      ? { what: `can't read ${q(failure.path)}: ${systemError('EACCES')}`, remedy: ofOthers, exitCode: 1 }
      : {
          what: `can't make sense of ${q(failure.path)}: ${recordProblemText(failure.problem)}`,
          remedy: 'look at it by hand',
          exitCode: 1,
        },
  'record-not-written': (failure) => ({
    what: `can't write to ${q(failure.path)}: ${systemError(failure.code)}`,
    remedy: `no further run was started; fix that, then type ${failure.again}`,
    exitCode: 1,
  }),
  'output-not-written': (failure) => ({
    what: `can't write the output: ${systemError(failure.code)}`,
    exitCode: 1,
  }),
  'system-error': (failure) => ({
    what: failure.path === undefined ? systemError(failure.code) : `${q(failure.path)}: ${systemError(failure.code)}`,
    remedy:
      failure.code === 'EACCES'
        ? ofOthers
        : 'fix that and try again; mlx resume goes on with a launch that it broke off',
    exitCode: 1,
  }),
};

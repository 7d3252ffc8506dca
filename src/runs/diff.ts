import { existsSync } from 'node:fs';
import difference from 'lodash/difference.js';
import isEqual from 'lodash/isEqual.js';
import union from 'lodash/union.js';
import { differenceOf } from '../code/index.js';
import { type Failure, MlxError } from '../failures/index.js';
import { type RecordedLaunch, readableLaunch, recordedCode } from '../launch/index.js';
import { RunRow, readLastMetrics } from '../results/index.js';
import { type CompleteRun, runPaths } from '../store/index.js';

/** What differs between two runs. */
export interface RunDifference {
  /** The overrides of only the first (`from`) and only the second run (`to`). */
  readonly overrides: Sides<readonly string[]>;
  /** Config keys with different values; undefined for a run without the key. */
  readonly config: readonly KeyDifference[];
  /** Metrics with different last values. */
  readonly metrics: readonly KeyDifference[];
  readonly code: Sides<RunCode | undefined>;
  /** `name==version` of only the first and only the second run; undefined unless recorded for both. */
  readonly requirements: Sides<readonly string[]> | undefined;
}

type KeyDifference = { readonly key: string } & Sides<unknown>;

/** Something of the first run (`from`) and of the second one (`to`). */
export interface Sides<T> {
  readonly from: T;
  readonly to: T;
}

/** The code of a run, as it was recorded. */
export interface RunCode {
  readonly repository: string;
  readonly commit: string;
  readonly branch: string | null;
  /** A patch file with the changes that the run had on top of the commit; undefined if there is none. */
  readonly patch: string | undefined;
  /** Whether it had changes on top of the commit that were not kept. */
  readonly unknown: boolean;
}

/**
 * Compares two runs. A run's code is undefined if the record of its launch can't be read, as in a partly
 * copied store.
 */
export async function compareRuns(store: string, from: CompleteRun, to: CompleteRun): Promise<RunDifference> {
  const [first, second] = [await sideOf(store, from), await sideOf(store, to)];
  return {
    overrides: { from: difference(from.overrides, to.overrides), to: difference(to.overrides, from.overrides) },
    config: keyDifferences(first.config, second.config),
    metrics: keyDifferences(readLastMetrics(from.directory), readLastMetrics(to.directory)),
    code: { from: first.code, to: second.code },
    requirements:
      first.requirements && second.requirements
        ? {
            from: difference(first.requirements, second.requirements),
            to: difference(second.requirements, first.requirements),
          }
        : undefined,
  };
}

function keyDifferences(from: ReadonlyMap<string, unknown>, to: ReadonlyMap<string, unknown>): KeyDifference[] {
  return union([...from.keys()], [...to.keys()])
    .map((key) => ({ key, from: from.get(key), to: to.get(key) }))
    .filter((one) => !isEqual(one.from, one.to));
}

interface Side {
  readonly config: ReadonlyMap<string, unknown>;
  readonly code: RunCode | undefined;
  readonly requirements: readonly string[] | undefined;
}

async function sideOf(store: string, run: CompleteRun): Promise<Side> {
  const columns = [...new RunRow(run).columns].filter(([name]) => name.startsWith('config.'));
  const recorded = run.job && (await readableLaunch(store, run.job.launch));
  return {
    config: new Map(columns.map(([name, value]) => [name.slice('config.'.length), value])),
    code: recorded && codeOf(store, run, recorded),
    requirements: recorded?.plan.code?.interpreter?.requirements ?? undefined,
  };
}

function codeOf(store: string, { job, directory }: CompleteRun, { plan }: RecordedLaunch): RunCode | undefined {
  if (plan.code) {
    const { repository, commit, branch, copy } = plan.code.version;
    // A run in a copy did not have the changes that were left out of the copy.
    const patch = copy === null && existsSync(runPaths.patch(directory)) ? runPaths.patch(directory) : undefined;
    return { repository, commit, branch, patch, unknown: false };
  }
  const described = recordedCode(store, job?.launch ?? '');
  if (!described?.repository || !described.commit) return undefined;
  const { repository, commit, branch, modified } = described;
  return { repository, commit, branch, patch: undefined, unknown: modified !== false };
}

/**
 * The difference between the code of two runs by `git diff`, or why git failed. Undefined if the code of
 * either is unknown. With `stat`, only the list of changed files.
 */
export async function codeDifference(
  { from, to }: Sides<RunCode | undefined>,
  stat: boolean,
): Promise<{ readonly diff: string } | { readonly failure: Failure } | undefined> {
  if (!from || !to) return undefined;
  try {
    return { diff: await differenceOf(to.repository, from, to, stat) };
  } catch (error) {
    if (!(error instanceof MlxError)) throw error;
    return { failure: error.failure };
  }
}

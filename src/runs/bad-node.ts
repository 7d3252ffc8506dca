import groupBy from 'lodash/groupBy.js';
import { quoteCommand } from '../core/quote.js';
import { isOwnEngine } from '../engines/index.js';
import { excludingOption } from '../failures/index.js';
import { type RecordedLaunch, readableLaunch } from '../launch/index.js';
import { type CompleteRun, hasStarted, readLaunchPoints, readRun, wentWrong } from '../store/index.js';

/** A node on which runs of a launch fail that do not fail elsewhere. */
export interface BadNode {
  readonly launch: string;
  readonly node: string;
  /** The runs that failed on it, and all that failed. */
  readonly failures: number;
  readonly allFailures: number;
  /** How to have the runs elsewhere; undefined if the engine can't keep jobs off a node. */
  readonly remedy: string | undefined;
}

/** With fewer failures on a node nothing is said. */
const fewestFailures = 3;
/** The share of all failures that are on the node. */
const smallestShare = 2 / 3;
/** A node is named only if chance would put as many failures on it with at most this probability. */
const mostChance = 0.1;

/**
 * Returns the node that most failures of these runs come from. This is the rule: three or more failures, and
 * two thirds of them all, are on one node; the node has not run most of the runs that ended well; and if
 * chance dealt the failures out to the runs, as many would fall on its runs in one case of ten at most
 * (the upper tail of the hypergeometric distribution). So nothing is said if all runs ran on the node, or
 * fail everywhere.
 */
export function suspectNode(
  runs: readonly { readonly node: string; readonly failed: boolean }[],
): { readonly node: string; readonly failures: number; readonly allFailures: number } | undefined {
  const failed = runs.filter((run) => run.failed);
  const byNode = Object.entries(groupBy(failed, ({ node }) => node)).sort(([, a], [, b]) => b.length - a.length);
  const [node, its] = byNode[0] ?? [];
  if (node === undefined || its === undefined || its.length < fewestFailures) return undefined;
  const onNode = runs.filter((run) => run.node === node);
  const wellOnNode = onNode.length - its.length;
  if (its.length < smallestShare * failed.length || wellOnNode * 2 > runs.length - failed.length) return undefined;
  const chance = upperTail({ all: runs.length, marked: failed.length, drawn: onNode.length }, its.length);
  return chance > mostChance + 1e-9 ? undefined : { node, failures: its.length, allFailures: failed.length };
}

/** The probability that at least `least` of `drawn` things are marked, if `marked` of `all` things are. */
function upperTail(
  { all, marked, drawn }: { readonly all: number; readonly marked: number; readonly drawn: number },
  least: number,
): number {
  const logs = [0];
  for (let n = 1; n <= all; n++) logs.push((logs[n - 1] ?? 0) + Math.log(n));
  const logChoose = (n: number, k: number) => (logs[n] ?? 0) - (logs[k] ?? 0) - (logs[n - k] ?? 0);
  let sum = 0;
  for (let k = Math.max(least, drawn + marked - all); k <= Math.min(marked, drawn); k++) {
    sum += Math.exp(logChoose(marked, k) + logChoose(all - marked, drawn - k) - logChoose(all, drawn));
  }
  return sum;
}

/** Returns the node of each launch of jobs, among those of these runs, that most failures come from. */
export async function badNodes(store: string, runs: readonly CompleteRun[]): Promise<BadNode[]> {
  const failed = runs.filter(({ job, status }) => job && !isOwnEngine(job.engine) && wentWrong(status.status));
  const found: BadNode[] = [];
  for (const launch of new Set(failed.flatMap(({ job }) => job?.launch ?? []))) {
    const all = [...readLaunchPoints(store, launch).values()].flatMap((id) => {
      const run = readRun(store, id);
      return run?.kind === 'run' ? [run] : [];
    });
    const suspect = suspectNode(all.flatMap(nodeOfRun));
    if (!suspect) continue;
    found.push({ ...suspect, launch, remedy: remedyOf(suspect.node, launch, await readableLaunch(store, launch)) });
  }
  return found;
}

/** Returns the node that a run ended on, well or badly; nothing for a run that has not, or was stopped. */
function nodeOfRun({ job, attempt, status }: CompleteRun): { node: string; failed: boolean }[] {
  const failed = wentWrong(status.status) && status.status !== 'PREEMPTED';
  const node = attempt?.claim?.node ?? attempt?.claim?.process?.host;
  if (!job || !hasStarted(job, attempt) || node === undefined || !(failed || status.status === 'COMPLETE')) return [];
  return [{ node, failed }];
}

/** The command that has the failed runs elsewhere, in the words of their engine. */
function remedyOf(node: string, launch: string, recorded: RecordedLaunch | undefined): string | undefined {
  if (recorded?.target.kind !== 'engine' || !/^[\w.-]+$/.test(node)) return undefined;
  const { engine, resources } = recorded.target;
  if (!engine.resources) return undefined;
  if (engine.resources.names.includes('exclude')) {
    const nodes = resources.exclude === undefined ? node : `${resources.exclude},${node}`;
    return quoteCommand(['mlx', 'resubmit', 'failed', '--exclude', nodes, '--launch', launch]);
  }
  const option = excludingOption(engine.resources.instead?.exclude, node);
  return option && `mlx run … --skip-existing ${option}`;
}

/** Whether a run is among those that failed on a node. */
export const isOnNode = ({ attempt }: CompleteRun, node: string): boolean =>
  (attempt?.claim?.node ?? attempt?.claim?.process?.host) === node;

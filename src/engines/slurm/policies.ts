import { dayClockDuration, parseDuration } from '../../core/clock.js';
import { memoryText } from '../../resources/index.js';
import { printedBytes } from '../output.js';

// https://slurm.schedmd.com/resource_limits.html: of several limits of a kind the first that is set decides,
// and the order is QOS, then association. The names of reasons are those of squeue(1), job_reason_codes.

/** A QOS, or the user's association with an account, with its limits by sacctmgr's names of columns. */
export interface Class {
  readonly kind: 'QOS' | 'Assoc';
  readonly name: string;
  readonly limits: ReadonlyMap<string, string>;
}

/** Amounts that can be counted: sacctmgr's names of TRES. */
type Amount = 'cpu' | 'mem' | 'node' | 'gres/gpu';

/** What one job needs: seconds, counts, bytes. Undefined if unknown, or if Slurm fits it to the limits. */
export type Needs = Readonly<Record<'time' | Amount, number | undefined>> & {
  /** The partition whose default the time is; undefined if the job asks for it. */
  readonly timeBy: string | undefined;
};

interface Limit {
  /** sacctmgr's column. */
  readonly column: string;
  /** Slurm's reason, without QOS or Assoc in front, for a TRES or for the whole column. */
  readonly reason: (kind: Class['kind'], amount: Amount) => string;
}

const perJob: Limit = {
  column: 'MaxTRES',
  reason: (kind, amount) =>
    ({
      cpu: 'MaxCpuPerJobLimit',
      mem: kind === 'QOS' ? 'MaxMemoryPerJob' : 'MaxMemPerJob',
      node: 'MaxNodePerJobLimit',
      'gres/gpu': 'MaxGRESPerJob',
    })[amount],
};
const perUser: Limit = {
  column: 'MaxTRESPU',
  reason: (_, amount) =>
    ({
      cpu: 'MaxCpuPerUserLimit',
      mem: 'MaxMemoryPerUser',
      node: 'MaxNodePerUserLimit',
      'gres/gpu': 'MaxGRESPerUser',
    })[amount],
};
const ofGroup: Limit = {
  column: 'GrpTRES',
  reason: (_, amount) =>
    ({ cpu: 'GrpCpuLimit', mem: 'GrpMemLimit', node: 'GrpNodeLimit', 'gres/gpu': 'GrpGRES' })[amount],
};

const amounts: readonly Amount[] = ['cpu', 'mem', 'node', 'gres/gpu'];

const amountText = (amount: Amount, value: number) => (amount === 'mem' ? memoryText(value) : String(value));
const amountNames: Readonly<Record<Amount, string>> = {
  cpu: 'CPUs',
  mem: 'of memory',
  node: 'nodes',
  'gres/gpu': 'GPUs',
};

/** Reads `cpu=4,mem=10G,gres/gpu=1`. */
function tresIn(text: string, amount: Amount): number | undefined {
  const value = text
    .split(',')
    .find((part) => part.startsWith(`${amount}=`))
    ?.slice(amount.length + 1);
  if (value === undefined) return undefined;
  return amount === 'mem' ? printedBytes(value, 'm') : Number(value);
}

const titleOf = ({ kind, name }: Class) => (kind === 'QOS' ? `QOS '${name}'` : `the account '${name}'`);

/** Numbers of jobs: a limit of 0 lets none in, ever. */
const jobCounts: Readonly<Record<string, string>> = {
  MaxSubmitPU: 'MaxSubmitJobPerUserLimit',
  MaxSubmit: 'MaxSubmitJobLimit',
  GrpSubmit: 'GrpSubmitJobsLimit',
  MaxJobsPU: 'MaxJobsPerUserLimit',
  MaxJobs: 'MaxJobsLimit',
  GrpJobs: 'GrpJobsLimit',
};

/**
 * Returns why these classes never let such a job run, with Slurm's name for the reason; undefined if they do.
 */
export function impossibleIn(classes: readonly Class[], needs: Needs): string | undefined {
  const first = (column: string, has: (text: string) => boolean) =>
    classes.find(({ limits }) => has(limits.get(column) ?? ''));
  const wall = first('MaxWall', (text) => parseDuration(text) !== undefined);
  const most = wall && parseDuration(wall.limits.get('MaxWall') ?? '');
  if (wall && most !== undefined && needs.time !== undefined && needs.time > most) {
    const by = needs.timeBy === undefined ? '' : `, the default of '${needs.timeBy}',`;
    return `${wall.kind}MaxWallDurationPerJobLimit: a time of ${dayClockDuration(needs.time)}${by} is over the ${dayClockDuration(most)} of ${titleOf(wall)}`;
  }
  for (const limit of [perJob, perUser, ofGroup]) {
    for (const amount of amounts) {
      const by = first(limit.column, (text) => tresIn(text, amount) !== undefined);
      const allowed = by && tresIn(by.limits.get(limit.column) ?? '', amount);
      const needed = needs[amount];
      if (!by || allowed === undefined || needed === undefined || needed <= allowed) continue;
      return `${by.kind}${limit.reason(by.kind, amount)}: ${amountText(amount, needed)} ${amountNames[amount]} are over the ${amountText(amount, allowed)} of ${titleOf(by)}`;
    }
  }
  for (const [column, reason] of Object.entries(jobCounts)) {
    const by = first(column, (text) => text !== '');
    if (by?.limits.get(column) === '0') return `${by.kind}${reason}: ${titleOf(by)} lets no job in`;
  }
  return undefined;
}

import type { RunUsage } from './usage.js';

/**
 * What to ask for next time, with what decided it. Times are in seconds, memory in bytes, shares from 0 to 1.
 */
export type UsageHint =
  | { readonly about: 'time'; readonly longest: number; readonly limit: number; readonly next: number }
  | { readonly about: 'cpus'; readonly share: number; readonly cpus: number; readonly next: number }
  | { readonly about: 'memory'; readonly peak: number; readonly memory: number; readonly next: number }
  | { readonly about: 'gpus'; readonly share: number; readonly gpus: number }
  | { readonly about: 'out-of-memory'; readonly runs: readonly number[] };

/** Runs that used less than this share of what they had could ask for less. */
const wasteful = 0.5;
/** The next runs may need this much more than the most that these runs used. */
const reserve = 1.25;
/** A shorter time limit than this many seconds starts no earlier. */
const shortLimit = 600;
const memoryStep = 2 ** 26;

/** Returns the share of its CPUs that a run kept busy, from 0 to 1; undefined if that is not known. */
export const cpuShare = ({ cpuSeconds, seconds, cpus }: RunUsage): number | undefined =>
  cpuSeconds === undefined || !seconds || cpus === undefined ? undefined : cpuSeconds / seconds / cpus;

/** Returns what to ask for next time. Among the complete runs, those that used most decide. */
export function usageHints(usages: readonly RunUsage[]): UsageHint[] {
  const ended = usages.filter(({ run }) => run.status.status === 'COMPLETE');
  const most = (value: (usage: RunUsage) => number | undefined) => {
    const values = ended.flatMap((usage) => value(usage) ?? []);
    return values.length === 0 ? undefined : values.reduce((a, b) => Math.max(a, b));
  };
  const hints: UsageHint[] = [];
  const [longest, limit] = [most(({ seconds }) => seconds), most(({ timeLimit }) => timeLimit)];
  if (longest !== undefined && limit !== undefined && longest < limit * wasteful && limit >= shortLimit) {
    hints.push({ about: 'time', longest, limit, next: Math.max(60, Math.ceil((longest * reserve) / 60) * 60) });
  }
  const [share, cpus] = [most(cpuShare), most((usage) => usage.cpus)];
  if (share !== undefined && cpus !== undefined && cpus > 1 && share < wasteful) {
    const next = Math.max(1, Math.ceil(cpus * share * reserve));
    if (next < cpus) hints.push({ about: 'cpus', share, cpus, next });
  }
  const [peak, memory] = [most(({ peakMemory }) => peakMemory), most((usage) => usage.memory)];
  if (peak !== undefined && memory !== undefined && peak < memory * wasteful) {
    const next = Math.ceil((peak * reserve) / memoryStep) * memoryStep;
    if (next < memory) hints.push({ about: 'memory', peak, memory, next });
  }
  const [gpuShare, gpus] = [most(({ gpuUse }) => gpuUse), most((usage) => usage.gpus)];
  if (gpuShare !== undefined && gpus !== undefined && gpuShare < wasteful) {
    hints.push({ about: 'gpus', share: gpuShare, gpus });
  }
  const failed = usages.filter(({ run }) => /out of memory/.test(run.status.reason ?? ''));
  if (failed.length > 0) hints.push({ about: 'out-of-memory', runs: failed.map(({ run }) => run.id) });
  return hints;
}

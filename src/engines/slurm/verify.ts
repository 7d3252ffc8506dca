import { parseDuration } from '../../core/clock.js';
import { userName } from '../../core/user-name.js';
import type { CommandResult, JobRequest, Verification } from '../engine.js';
import { reasonText } from '../words.js';
import { slurmCommand } from './command.js';
import { slurmDirectives } from './directives.js';
import { type Class, impossibleIn, type Needs } from './policies.js';
import { slurmWording } from './wording.js';

// sacctmgr(1), scontrol(1), sinfo(1) and sbatch(1), --test-only, of Slurm 22.05, seen on a real cluster.

const qosColumns = 'Name,Flags,MaxWall,MaxTRES,MaxTRESPU,GrpTRES,MaxSubmitPU,GrpSubmit,MaxJobsPU,GrpJobs';
const userColumns =
  'DefaultAccount,Cluster,Account,Partition,DefaultQOS,MaxWall,MaxTRES,GrpTRES,MaxSubmit,GrpSubmit,MaxJobs,GrpJobs';

/** Whether a job asks for nodes of a certain shape, beyond what a node always has. */
function asksForShape({ resources: r, options }: JobRequest): boolean {
  const shape =
    /^(?:-[CGwxBcnN]|--(?:constraint|gres|gpus|mem|mincpus|tmp|nodelist|exclude|exclusive|extra-node-info|sockets|cores|threads|ntasks|cpus|nodes))/;
  const asked = [r.cpus, r.gpus, r.mem, r.nodes, r.tasks, r.constraint, r.exclude];
  return asked.some((value) => value !== undefined) || options.some((option) => shape.test(option));
}

/** The value of a native option, by its short and long name. */
function native({ options }: JobRequest, short: string, long: string): string | undefined {
  const pattern = new RegExp(`^(?:-${short}\\s*|--${long}(?:=|\\s+))(["']?)(.+)\\1\\s*$`);
  return options.map((option) => pattern.exec(option.trim())?.[2]).findLast((value) => value !== undefined);
}

/** Slurm's `minutes`, `minutes:seconds`, `h:m:s`, `days-hours`, `days-h:m`, `days-h:m:s`, as seconds. */
function slurmTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 60;
  if (/^\d+:\d+$/.test(text)) return parseDuration(`0:${text}`);
  return parseDuration(text);
}

/** What a job needs, as far as it is known. Counts are for the whole job. */
function needsOf(job: JobRequest, partition: Partition | undefined): Needs {
  const { resources: r, options } = job;
  // Of native options only the time is read; others leave the amount open.
  const open = (pattern: RegExp) => options.some((option) => pattern.test(option));
  const nodes = open(/^(?:-N|--nodes)/) ? undefined : (r.nodes ?? 1);
  const isOpen = nodes === undefined || open(/^(?:-[cnG]|--(?:cpus|ntasks|gpus|gres|mem|exclusive))/);
  const times = (amount: number | undefined) => (amount === undefined || isOpen ? undefined : amount * (nodes ?? 1));
  const time = r.time ?? slurmTime(native(job, 't', 'time'));
  return {
    time: time ?? partition?.defaultTime,
    timeBy: time === undefined ? partition?.name : undefined,
    cpu: isOpen ? undefined : Math.max(nodes ?? 1, (r.tasks ?? 1) * (r.cpus ?? 1)),
    node: isOpen ? undefined : nodes,
    mem: times(r.mem),
    'gres/gpu': times(r.gpus),
  };
}

/** Rows of `sacctmgr -n -P`, by the names of its columns. */
function rowsOf(result: CommandResult | undefined, columns: string): Map<string, string>[] {
  if (result?.exitCode !== 0) return [];
  const names = columns.split(',');
  const lines = result.stdout.split('\n').filter((line) => line.includes('|'));
  return lines.map((line) => new Map(line.split('|').map((value, i) => [names[i] ?? '', value])));
}

interface Partition {
  readonly name: string;
  readonly qos: string | undefined;
  /** The time limit in seconds of a job that asks for none; undefined if Slurm fits it to other limits. */
  readonly defaultTime: number | undefined;
}

/** The partition that a job goes to. Undefined if that is not clear, as with several. */
function partitionOf(job: JobRequest, partitions: CommandResult | undefined): Partition | undefined {
  const wanted = job.resources.partition ?? native(job, 'p', 'partition');
  for (const line of (partitions?.stdout ?? '').split('\n')) {
    const name = /^PartitionName=(\S+)/.exec(line)?.[1];
    if (name === undefined || (wanted === undefined ? !/\bDefault=YES\b/.test(line) : name !== wanted)) continue;
    return {
      name,
      qos: /\bQoS=(\S+)/.exec(line)?.[1],
      defaultTime: slurmTime(/\bDefaultTime=(\S+)/.exec(line)?.[1]),
    };
  }
  return undefined;
}

/** The classes of limits that hold for a job, the one that decides first. None if limits are not enforced. */
function classesOf(job: JobRequest, partition: Partition, { config, qos, users }: Answers): readonly Class[] {
  const setting = (name: string) =>
    new RegExp(`^${name}\\s*=\\s*(.*?)\\s*$`, 'm').exec(config?.stdout ?? '')?.[1] ?? '';
  if (!/limits|safe|all/i.test(setting('AccountingStorageEnforce'))) return [];
  const rows = rowsOf(users, userColumns).filter((row) => row.get('Cluster') === setting('ClusterName'));
  const account = job.resources.account ?? native(job, 'A', 'account') ?? rows[0]?.get('DefaultAccount');
  const ofAccount = rows.filter((row) => row.get('Account') === account);
  const own =
    ofAccount.find((row) => row.get('Partition') === partition.name) ??
    ofAccount.find((row) => row.get('Partition') === '');
  const classes = rowsOf(qos, qosColumns);
  const qosNamed = (name: string | undefined): Class[] =>
    classes
      .filter((row) => name && row.get('Name') === name)
      .map((row) => ({ kind: 'QOS', name: name ?? '', limits: row }));
  const ofPartition = qosNamed(partition.qos);
  const ofJob = qosNamed(native(job, 'q', 'qos') ?? (own?.get('DefaultQOS') || 'normal'));
  const isOver = ofJob.some(({ limits }) => /OverPartQOS/i.test(limits.get('Flags') ?? ''));
  const both = isOver ? [...ofJob, ...ofPartition] : [...ofPartition, ...ofJob];
  return own ? [...both, { kind: 'Assoc', name: account ?? '', limits: own }] : both;
}

interface Answers {
  readonly config: CommandResult | undefined;
  readonly qos: CommandResult | undefined;
  readonly users: CommandResult | undefined;
}

/** Words of `--test-only` about nodes that no state of theirs explains. */
const noSuchNodes =
  /Invalid generic resource|Invalid feature|Invalid node name|Invalid GRES|Invalid job credential gres/i;
/** Words that mean the same only if all nodes are in service. */
const unlessAway =
  /Requested node configuration is not available|Memory specification can not be satisfied|CPU count per node can not be satisfied|Node count specification invalid/i;
const away = /down|drain|fail|maint|reserv|unk|future|power|reboot|no_?resp|inval|block|\*/i;

/** Returns why no node has what the job asks for, in Slurm's words. */
function shapeProblem(states: CommandResult | undefined, tested: CommandResult | undefined): string | undefined {
  if (!tested || tested.exitCode === 0 || tested.exitCode === undefined) return undefined;
  const words = reasonText(tested, slurmWording);
  if (noSuchNodes.test(words)) return words;
  return unlessAway.test(words) && states?.exitCode === 0 && !away.test(states.stdout) ? words : undefined;
}

/**
 * Asks what QOS and associations allow one job, and `sbatch --test-only` whether there are such nodes. The
 * latter spends a job id, so it is asked only about nodes; it lets a time over MaxWall pass, and at
 * MaxSubmitJobs it fails as a refusal would.
 */
export const slurmVerification: Verification = {
  commands(job) {
    // Another cluster has other limits, and `sbatch -M` has no --test-only.
    if (job.cluster !== undefined) return [];
    const test = slurmCommand('sbatch', '--test-only');
    const input = `#!/bin/sh\n${slurmDirectives({ ...job, array: undefined }).join('\n')}\ntrue\n`;
    return [
      slurmCommand('scontrol', 'show', 'config'),
      slurmCommand('scontrol', '-o', 'show', 'partition'),
      slurmCommand('sacctmgr', '-n', '-P', 'show', 'qos', `format=${qosColumns}`),
      slurmCommand(
        'sacctmgr',
        '-n',
        '-P',
        'show',
        'user',
        'withassoc',
        'where',
        `user=${userName()}`,
        `format=${userColumns}`,
      ),
      slurmCommand('sinfo', '-a', '-h', '-N', '-o', '%T'),
      ...(asksForShape(job) ? [{ ...test, input }] : []),
    ];
  },
  read([config, partitions, qos, users, states, tested], job) {
    const partition = partitionOf(job, partitions);
    const classes = partition ? classesOf(job, partition, { config, qos, users }) : [];
    return impossibleIn(classes, needsOf(job, partition)) ?? shapeProblem(states, tested);
  },
};

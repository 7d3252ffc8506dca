import { clockDuration } from '../../core/clock.js';
import { mebibytes, type ResourceName } from '../../resources/index.js';
import type { JobRequest } from '../engine.js';
import { oneQueue, perNode, refuseOthers, type SupportedResources } from '../refusals.js';
import { askedArray } from '../request.js';

// qsub(1B) of OpenPBS 23.06; of TORQUE, qsub.1B of 2.4.16 and the administrator's guides 3.0 to 8.1.

/** OpenPBS and TORQUE have the same commands, with different options and output. */
export type Dialect = 'openpbs' | 'torque';

const names: readonly ResourceName[] = [
  'time',
  'cpus',
  'gpus',
  'mem',
  'partition',
  'nodes',
  'tasks',
  'account',
  'requeue',
];

/** The resources that the directives express. */
export const pbsResources: Readonly<Record<Dialect, SupportedResources>> = {
  openpbs: { names, instead: { constraint: { kind: 'pbs-constraint' } } },
  torque: { names: [...names, 'constraint'] },
};

function options(job: JobRequest, dialect: Dialect): string[] {
  const { resources: r } = job;
  const title = dialect === 'openpbs' ? 'OpenPBS' : 'TORQUE';
  refuseOthers(title, pbsResources[dialect], r);
  oneQueue(title, r);
  const output = dialect === 'openpbs' && job.stdout !== undefined;
  return [
    `-N ${job.name}`,
    // With `-k oed` OpenPBS writes to the files themselves, while the job runs. TORQUE always spools output.
    `-e ${quoted(output ? job.stderr : undefined)}`,
    `-o ${quoted(output ? job.stdout : undefined)}`,
    ...(output ? ['-k oed'] : []),
    ...(dialect === 'openpbs' ? openpbsResources(job) : torqueResources(job)),
    ...(r.time === undefined ? [] : [`-l walltime=${clockDuration(r.time)}`]),
    ...(r.partition === undefined ? [] : [`-q ${r.partition}`]),
    ...(r.account === undefined ? [] : [`-A ${r.account}`]),
    ...(r.requeue === undefined ? [] : [`-r ${r.requeue ? 'y' : 'n'}`]),
    ...arrayOption(job, dialect),
  ];
}

const quoted = (path = '/dev/null') => (/^[\w./+@%=-]+$/.test(path) ? path : `"${path}"`);

function arrayOption(job: JobRequest, dialect: Dialect): string[] {
  const array = askedArray(job);
  if (!array) return [];
  const running = array.maxRunning === undefined ? '' : `%${array.maxRunning}`;
  return [`${dialect === 'openpbs' ? '-J' : '-t'} 1-${array.count}${running}`];
}

/** Returns `-l select=2:ncpus=8:mpiprocs=2:ngpus=1:mem=8192mb`: a number of chunks, and what each has. */
function openpbsResources({ resources: r }: JobRequest): string[] {
  if ([r.cpus, r.gpus, r.mem, r.nodes, r.tasks].every((one) => one === undefined)) return [];
  const tasks = perNode('OpenPBS', r);
  const parts = [
    `select=${r.nodes ?? 1}`,
    `ncpus=${(r.cpus ?? 1) * tasks}`,
    ...(r.tasks === undefined ? [] : [`mpiprocs=${tasks}`]),
    ...(r.gpus === undefined ? [] : [`ngpus=${r.gpus}`]),
    ...(r.mem === undefined ? [] : [`mem=${mebibytes(r.mem)}mb`]),
  ];
  return [`-l ${parts.join(':')}`];
}

function torqueResources({ resources: r }: JobRequest): string[] {
  const asked = [r.cpus, r.gpus, r.nodes, r.tasks, r.constraint].some((one) => one !== undefined);
  const parts = [
    `nodes=${r.nodes ?? 1}`,
    `ppn=${(r.cpus ?? 1) * perNode('TORQUE', r)}`,
    ...(r.gpus === undefined ? [] : [`gpus=${r.gpus}`]),
    ...(r.constraint === undefined ? [] : [r.constraint]),
  ];
  return [
    ...(asked ? [`-l ${parts.join(':')}`] : []),
    ...(r.mem === undefined ? [] : [`-l mem=${mebibytes(r.mem)}mb`]),
  ];
}

/**
 * Returns whether a native option is a list of variables. `-v` on the command line replaces those of the
 * script, so all lists are joined there.
 */
export const isVariables = (option: string) => /^-v\s/.test(option);

/** Returns the lines for the head of a script. */
export function pbsDirectives(job: JobRequest, dialect: Dialect): string[] {
  const natives = job.options.filter((option) => !isVariables(option));
  return [...options(job, dialect), ...natives].map((option) => `#PBS ${option}`);
}

import { clockDuration } from '../../core/clock.js';
import { mebibytes } from '../../resources/index.js';
import type { JobRequest } from '../engine.js';
import { oneQueue, perNode, refuseOthers, type SupportedResources } from '../refusals.js';
import { askedArray } from '../request.js';

// msub of Moab Workload Manager, by its page in the administrator's guide (9.1).

/** The resources that Moab's directives express. */
export const mwmResources: SupportedResources = {
  names: ['time', 'cpus', 'gpus', 'mem', 'partition', 'nodes', 'tasks', 'account', 'constraint', 'requeue'],
};

function options(job: JobRequest): string[] {
  const { resources: r } = job;
  refuseOthers('Moab', mwmResources, r);
  const array = askedArray(job);
  oneQueue('Moab', r);
  const sized = [r.cpus, r.gpus, r.nodes, r.tasks].some((one) => one !== undefined);
  const gpus = r.gpus === undefined ? '' : `:gpus=${r.gpus}`;
  const limits = [
    ...(sized ? [`nodes=${r.nodes ?? 1}:ppn=${(r.cpus ?? 1) * perNode('Moab', r)}${gpus}`] : []),
    ...(r.mem === undefined ? [] : [`mem=${mebibytes(r.mem)}mb`]),
    ...(r.time === undefined ? [] : [`walltime=${clockDuration(r.time)}`]),
    ...(r.constraint === undefined ? [] : [`feature=${r.constraint}`]),
  ];
  const running = array?.maxRunning === undefined ? '' : `%${array.maxRunning}`;
  return [
    `-N ${job.name}`,
    // The supervisor writes the logs: the resource manager below Moab spools output until the job ends.
    '-e /dev/null',
    '-o /dev/null',
    ...(limits.length === 0 ? [] : [`-l ${limits.join(',')}`]),
    ...(r.partition === undefined ? [] : [`-q ${r.partition}`]),
    ...(r.account === undefined ? [] : [`-A ${r.account}`]),
    ...(r.requeue === undefined ? [] : [`-r ${r.requeue ? 'y' : 'n'}`]),
    ...(array ? [`-t [1-${array.count}]${running}`] : []),
  ];
}

/** Returns the lines for the head of a script. */
export function mwmDirectives(job: JobRequest): string[] {
  return [...options(job), ...job.options].map((option) => `#MSUB ${option}`);
}

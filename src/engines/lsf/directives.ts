import { asksToStartAgain, mebibytes } from '../../resources/index.js';
import type { JobRequest } from '../engine.js';
import { perNode, refuseOthers, type SupportedResources, unsupported } from '../refusals.js';
import { askedArray } from '../request.js';

// bsub(1) of IBM Spectrum LSF 10.1, by its documentation.

/** The resources that LSF's directives express. */
export const lsfResources: SupportedResources = {
  names: ['time', 'cpus', 'gpus', 'mem', 'partition', 'nodes', 'tasks', 'account', 'constraint', 'exclude', 'requeue'],
};

const quoted = (text: string) => (/^[\w./:+@%=,-]+$/.test(text) ? text : `"${text}"`);

/**
 * Returns the condition for hosts other than these. A host must meet the conditions of all `-R`. Throws
 * `resource-unsupported` for ranges of names.
 */
function otherHosts(hosts: string): string {
  const names = hosts.split(',');
  if (!names.every((name) => /^[\w.-]+$/.test(name))) unsupported('LSF', 'exclude', { kind: 'lsf-exclude' });
  return names.map((name) => `hname!='${name}'`).join(' && ');
}

function options(job: JobRequest): string[] {
  const { resources: r } = job;
  refuseOthers('LSF', lsfResources, r);
  const array = askedArray(job);
  const tasks = r.tasks ?? 1;
  const slots = tasks * (r.cpus ?? 1);
  const span =
    r.tasks === undefined && (r.nodes ?? 1) === 1
      ? 'span[hosts=1]'
      : `span[ptile=${perNode('LSF', r) * (r.cpus ?? 1)}]`;
  if ((r.nodes ?? 1) > 1 && r.tasks === undefined) unsupported('LSF', 'nodes', { kind: 'lsf-nodes' });
  const running = array?.maxRunning === undefined ? '' : `%${array.maxRunning}`;
  return [
    `-J ${array ? `"${job.name}[1-${array.count}]${running}"` : quoted(job.name)}`,
    // The supervisor writes the logs: LSF keeps output until the job ends, and adds a report to it.
    '-e /dev/null',
    '-o /dev/null',
    ...(r.time === undefined
      ? []
      : [`-W ${Math.floor(Math.ceil(r.time / 60) / 60)}:${String(Math.ceil(r.time / 60) % 60).padStart(2, '0')}`]),
    ...(r.cpus === undefined && r.tasks === undefined ? [] : [`-n ${slots}`, `-R "${span}"`]),
    ...(r.gpus === undefined ? [] : [`-gpu "num=${r.gpus}"`]),
    ...(r.mem === undefined ? [] : [`-M ${mebibytes(r.mem)}MB`, `-R "rusage[mem=${mebibytes(r.mem)}MB]"`]),
    ...(r.partition === undefined ? [] : [`-q ${quoted(r.partition.replaceAll(',', ' '))}`]),
    ...(r.account === undefined ? [] : [`-P ${quoted(r.account)}`]),
    ...(r.constraint === undefined ? [] : [`-R "select[${r.constraint}]"`]),
    ...(r.exclude === undefined ? [] : [`-R "select[${otherHosts(r.exclude)}]"`]),
    ...(r.requeue === undefined ? [] : [r.requeue ? '-r' : '-rn']),
    ...(asksToStartAgain(r) ? ['-Q 99'] : []),
  ];
}

/** Returns the lines for the head of a script. */
export function lsfDirectives(job: JobRequest): string[] {
  return [...options(job), ...job.options].map((option) => `#BSUB ${option}`);
}

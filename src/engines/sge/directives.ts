import { clockDuration } from '../../core/clock.js';
import { mebibytes } from '../../resources/index.js';
import type { JobRequest } from '../engine.js';
import { refuseOthers, type SupportedResources, unsupported } from '../refusals.js';
import { askedArray } from '../request.js';

// qsub(1) of Grid Engine 8.1.9 (Son of Grid Engine).

/**
 * What can't stand in output file names: placeholders of Grid Engine, and commas, which separate names even
 * in quotes.
 */
export const unfitForFileName = /[,\n]|\$(JOB_ID|JOB_NAME|TASK_ID|USER|HOME|HOSTNAME)/;
/**
 * Returns a path as `-o` takes it. A colon separates host and path, so a path with one gets another in front.
 */
const fileName = (path: string | undefined) => {
  if (path === undefined) return '/dev/null';
  return path.includes(':') ? `:${path}` : path;
};

/** The resources that Grid Engine's directives express. */
export const sgeResources: SupportedResources = {
  names: ['time', 'cpus', 'gpus', 'mem', 'partition', 'nodes', 'tasks', 'account', 'requeue'],
  instead: { constraint: { kind: 'sge-constraint' }, exclude: { kind: 'sge-exclude' } },
};

/** Returns the options that a job asks for. */
export function sgeOptions(job: JobRequest): [option: string, value: string][] {
  const { resources: r } = job;
  const array = askedArray(job);
  const limits = [
    r.time === undefined ? undefined : `h_rt=${clockDuration(r.time)}`,
    r.mem === undefined ? undefined : `mem_free=${mebibytes(r.mem / (r.cpus ?? 1))}M`,
    r.gpus === undefined ? undefined : `gpu=${r.gpus}`,
  ].filter((limit) => limit !== undefined);
  if (r.nodes !== undefined && r.nodes > 1) unsupported('Grid Engine', 'nodes', { kind: 'sge-nodes' });
  refuseOthers('Grid Engine', sgeResources, r);
  if ((r.tasks ?? 1) > 1 && (r.cpus ?? 1) > 1) {
    unsupported('Grid Engine', 'tasks', { kind: 'sge-tasks' });
  }
  const wanted: [string, string | undefined][] = [
    ['-N', job.name],
    ['-e', fileName(job.stderr)],
    ['-o', fileName(job.stdout)],
    ['-S', job.shell],
    ['-l', limits.length === 0 ? undefined : limits.join(',')],
    ['-pe', (r.cpus ?? 1) > 1 ? `smp ${r.cpus}` : undefined],
    ['-pe', (r.tasks ?? 1) > 1 ? `mpi ${r.tasks}` : undefined],
    ['-q', r.partition],
    ['-P', r.account],
    ['-r', r.requeue === undefined ? undefined : r.requeue ? 'y' : 'n'],
    // qsub(1): sends USR2 some time before a kill, and USR1 before a suspension.
    ['-notify', r.requeue ? '' : undefined],
    ['-t', array && `1-${array.count}`],
    ['-tc', array?.maxRunning === undefined ? undefined : String(array.maxRunning)],
  ];
  return wanted.flatMap(([option, value]) => (value === undefined ? [] : [[option, value]]));
}

/**
 * Returns whether a value can stand in a directive, which has no way to write a quote. A quoted blank
 * swallows the rest of its line, so each option has a line of its own.
 */
export const fitsDirective = (value: string) => !/["'\\\n]/.test(value);
export const isFile = (option: string) => option === '-o' || option === '-e';
const directiveValue = (option: string, value: string) => (isFile(option) && /\s/.test(value) ? `"${value}"` : value);

/**
 * Returns the lines for the head of a script. An option whose value can't stand in a directive goes to the
 * command line.
 */
export function sgeDirectives(job: JobRequest): string[] {
  const own = sgeOptions(job).flatMap(([option, value]) =>
    fitsDirective(value) ? [`${option} ${directiveValue(option, value)}`.trimEnd()] : [],
  );
  return [...own, ...job.options].map((option) => `#$ ${option}`);
}

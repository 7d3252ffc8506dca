import { dayClockDuration } from '../../core/clock.js';
import { asksToStartAgain, mebibytes, signalOf } from '../../resources/index.js';
import type { JobRequest } from '../engine.js';
import { refuseOthers, type SupportedResources } from '../refusals.js';
import { askedArray } from '../request.js';

// sbatch(1) of Slurm 22.05.

/**
 * Returns whether a value can stand in a directive. Double quotes keep blanks, but no backslash or double
 * quote.
 */
export const fitsDirective = (value: string) => !/["\\\n]/.test(value);
const directiveValue = (value: string) => (/^[\w./:,@+=%-]+$/.test(value) ? value : `"${value}"`);

/** Doubles percent signs in a file name: sbatch(1), filename pattern. */
const fileName = (path: string) => path.replaceAll('%', '%%');

/** The resources that Slurm's directives express. */
export const slurmResources: SupportedResources = {
  names: ['time', 'cpus', 'gpus', 'mem', 'partition', 'nodes', 'tasks', 'account', 'constraint', 'exclude', 'requeue'],
};

/** Returns the options that a job asks for; flags without a value are in `slurmDirectives`. */
export function slurmOptions(job: JobRequest): [option: string, value: string][] {
  const { name, stdout, stderr, resources: r } = job;
  const array = askedArray(job);
  const warning = signalOf(r);
  refuseOthers('Slurm', slurmResources, r);
  const wanted: [string, string | number | undefined][] = [
    ['--job-name', name],
    ['--error', stderr === undefined ? '/dev/null' : fileName(stderr)],
    ['--output', stdout === undefined ? '/dev/null' : fileName(stdout)],
    ['--open-mode', 'append'],
    ['--time', r.time === undefined ? undefined : dayClockDuration(r.time)],
    ['--cpus-per-task', r.cpus],
    ['--gres', r.gpus === undefined ? undefined : `gpu:${r.gpus}`],
    ['--mem', r.mem === undefined ? undefined : `${mebibytes(r.mem)}M`],
    ['--partition', r.partition],
    ['--nodes', r.nodes],
    ['--ntasks', r.tasks],
    ['--account', r.account],
    ['--constraint', r.constraint],
    ['--exclude', r.exclude],
    // Without `B:` the signal would go to job steps only, and the script starts none.
    ['--signal', warning && `B:${warning.signal}@${Math.ceil(warning.seconds)}`],
    ['--array', array && `1-${array.count}${array.maxRunning === undefined ? '' : `%${array.maxRunning}`}`],
  ];
  return wanted.flatMap(([option, value]) => (value === undefined ? [] : [[option, String(value)]]));
}

/**
 * Returns the lines for the head of a script. An option whose value can't stand in a directive goes to the
 * command line.
 */
export function slurmDirectives(job: JobRequest): string[] {
  const own = slurmOptions(job).flatMap(([option, value]) =>
    fitsDirective(value) ? `${option}=${directiveValue(value)}` : [],
  );
  const { requeue } = job.resources;
  const flags = asksToStartAgain(job.resources) ? ['--requeue'] : requeue === undefined ? [] : ['--no-requeue'];
  return [...own, ...flags, ...job.options].map((option) => `#SBATCH ${option}`);
}

import { constants } from 'node:os';
import { clockDuration } from '../../core/clock.js';
import { asksToStartAgain, type Resources, signalOf } from '../../resources/index.js';
import type { JobRequest } from '../engine.js';
import { oneQueue, perNode, refuseOthers, type SupportedResources, unsupported } from '../refusals.js';
import { askedArray } from '../request.js';

// oarsub(1) of OAR 2.5; what it refuses was seen on a real one.

/** The resources that OAR's directives express. */
export const oarResources: SupportedResources = {
  names: ['time', 'cpus', 'gpus', 'partition', 'nodes', 'tasks', 'account', 'constraint', 'requeue'],
  instead: { mem: { kind: 'oar-memory' }, exclude: { kind: 'oar-exclude' } },
};

function ownOptions(job: JobRequest): [option: string, value: string][] {
  const { resources: r } = job;
  const array = askedArray(job);
  const warning = signalOf(r);
  oneQueue('OAR', r);
  refuseOthers('OAR', oarResources, r);
  const wanted: [string, string | undefined][] = [
    ['-n', job.name],
    ['-E', job.stderr ?? '/dev/null'],
    ['-O', job.stdout ?? '/dev/null'],
    ['-l', resourceText(job)],
    ['-q', r.partition],
    ['--project', r.account],
    ['-p', r.constraint],
    ['-t', isIdempotent(r) ? 'idempotent' : undefined],
    ['--checkpoint', warning && String(Math.ceil(warning.seconds))],
    ['--signal', warning && String(constants.signals[`SIG${warning.signal}` as NodeJS.Signals])],
    ['--array', array && String(array.count)],
  ];
  return wanted.flatMap(([option, value]) => (value === undefined ? [] : [[option, value]]));
}

/**
 * Returns whether OAR restarts the job: after it was killed for other jobs, and after it ended with 99 and
 * ran for a minute.
 */
export const isIdempotent = (resources: Resources) => asksToStartAgain(resources);

/**
 * Returns a job's options: mlx's own and native ones. OAR would read two `-l` options as alternatives and
 * choose one, so mlx's request is merged into a native `-l`.
 */
export function oarOptions(job: JobRequest): { own: readonly [string, string][]; natives: readonly string[] } {
  const own = ownOptions(job);
  const wanted = own.find(([option]) => option === '-l')?.[1];
  const isResource = (option: string) => /^(-l|--resource)\s/.test(option);
  if (wanted === undefined || !job.options.some(isResource)) return { own, natives: job.options };
  const isWalltime = (part: string) => /^\s*walltime=/.test(part);
  const add = (option: string) => {
    const parts = [...option.replace(/^\S+\s+/, '').split(','), ...wanted.split(',')].map((part) => part.trim());
    return `-l ${[...parts.filter((part) => !isWalltime(part)), ...parts.filter(isWalltime)].join(',')}`;
  };
  return {
    own: own.filter(([option]) => option !== '-l'),
    natives: job.options.map((option) => (isResource(option) ? add(option) : option)),
  };
}

/** Returns the value of `-l`, `/nodes=1/core=2,walltime=1:00:00`, or undefined if nothing is asked for. */
function resourceText({ resources: r }: JobRequest): string | undefined {
  if (r.gpus !== undefined && (r.cpus !== undefined || r.tasks !== undefined)) {
    unsupported('OAR', 'gpus', { kind: 'oar-gpus-and-cpus' });
  }
  const cores = r.cpus === undefined && r.tasks === undefined ? undefined : (r.cpus ?? 1) * perNode('OAR', r);
  // The cores of one process must be on one node; several processes may be on any nodes.
  const nodes = r.nodes ?? (r.tasks === undefined && cores !== undefined ? 1 : undefined);
  const hierarchy = [
    nodes === undefined ? '' : `/nodes=${nodes}`,
    cores === undefined ? '' : `/core=${cores}`,
    r.gpus === undefined ? '' : `/gpu=${r.gpus}`,
  ].join('');
  const walltime = r.time === undefined ? [] : [`walltime=${clockDuration(r.time)}`];
  const parts = [...(hierarchy === '' ? [] : [hierarchy]), ...walltime];
  return parts.length === 0 ? undefined : parts.join(',');
}

/** Splits a native option into words. As in a directive, the rest after the first blank is one value. */
export function nativeWords(option: string): string[] {
  const [, name, value] = /^(\S+)\s+(.*)$/s.exec(option.trim()) ?? [];
  return name === undefined || value === undefined ? [option.trim()] : [name, value.replace(/^(["'])(.*)\1$/s, '$2')];
}

/** Returns the lines for the head of a script. */
export function oarDirectives(job: JobRequest): string[] {
  const { own, natives } = oarOptions(job);
  return [...own.map(([option, value]) => `${option} ${value}`), ...natives].map((option) => `#OAR ${option}`);
}

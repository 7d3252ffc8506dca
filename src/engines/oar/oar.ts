import { constants } from 'node:os';
import * as v from 'valibot';
import { clockDuration, localIso } from '../../core/clock.js';
import { quoteCommand } from '../../core/quote.js';
import type { EngineAnswer } from '../../store/index.js';
import {
  allJobs,
  askedArray,
  type BatchEngine,
  type CommandResult,
  commandOf,
  dependencyWords,
  firstWords,
  type JobRequest,
  type SubmitOutcome,
} from '../engine.js';
import { withoutListed } from '../header.js';
import { oneQueue, perNode, type Resources, signalOf, unsupported } from '../resources.js';
import type { JobUsage } from '../usage.js';
import { oarQueues } from './queues.js';

// oarsub(1), oarstat(1), oardel(1), oarhold(1) of OAR 2.5; its states, events and refusals were seen on a real one.

/** What OAR takes in names of output files (OAR::IO), less the percent sign, which may begin one of its placeholders. */
const fitForFileName = /^[a-zA-Z0-9_./\- ]+$/;

function options(job: JobRequest): [option: string, value: string][] {
  const { resources: r } = job;
  const array = askedArray(job);
  const warning = signalOf(r);
  oneQueue('OAR', r);
  if (r.mem !== undefined) unsupported('OAR', 'mem', { kind: 'oar-memory' });
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
  if (array?.maxRunning !== undefined) unsupported('OAR', 'tasks', { kind: 'oar-max-running' });
  return wanted.flatMap(([option, value]) => (value === undefined ? [] : [[option, value]]));
}

/** Whether OAR starts it again: when it was killed for other jobs, and when it ends with 99 after more than a minute. */
const isIdempotent = ({ requeue, continueOnTimeout }: Resources) => Boolean(requeue) || Boolean(continueOnTimeout);

/**
 * The options of a job, mlx's own and native ones. Two `-l` would be two ways to run the job, of which OAR chooses one: where
 * a native one is there, what mlx asks for goes into it.
 */
function allOptions(job: JobRequest): { own: readonly [string, string][]; natives: readonly string[] } {
  const own = options(job);
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

/** `/nodes=1/core=2,walltime=1:00:00`; undefined where nothing is asked for. */
function resourceText({ resources: r }: JobRequest): string | undefined {
  if (r.gpus !== undefined && (r.cpus !== undefined || r.tasks !== undefined)) {
    unsupported('OAR', 'gpus', { kind: 'oar-gpus-and-cpus' });
  }
  const cores = r.cpus === undefined && r.tasks === undefined ? undefined : (r.cpus ?? 1) * perNode('OAR', r);
  // Cores of one process are on one node; several processes may be anywhere.
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

/** A native option as words: what stands behind the first blank is one value, as in a directive. */
function nativeWords(option: string): string[] {
  const [, name, value] = /^(\S+)\s+(.*)$/s.exec(option.trim()) ?? [];
  return name === undefined || value === undefined ? [option.trim()] : [name, value.replace(/^(["'])(.*)\1$/s, '$2')];
}

const noise =
  /^\[ADMISSION RULE\](?! Error)|^#|^Use of uninitialized|job array submission is used|^OAR_(JOB|ARRAY)_ID=/;

function readSubmission(result: CommandResult, job: JobRequest): SubmitOutcome {
  const taskIds = [...result.stdout.matchAll(/^OAR_JOB_ID=(\d+)$/gm)].map(([, id = '']) => id);
  const [jobId] = taskIds;
  const words = firstWords(result, noise).replace(/^\[?(ADMISSION RULE|ERROR)\] (Error: )?|^\/!\\ /, '');
  if (result.exitCode === 0 && jobId !== undefined) {
    if (!job.array) return { kind: 'accepted', jobId };
    const arrayId = /^OAR_ARRAY_ID=(\d+)$/m.exec(result.stdout)?.[1] ?? jobId;
    return { kind: 'accepted', jobId: arrayId, taskIds };
  }
  // It is in the database, but the server was not told.
  if (jobId !== undefined || result.timedOut || result.exitCode === undefined) {
    return { kind: 'unknown', words: words || 'oarsub did not come back' };
  }
  if (/could not connect|cannot connect|connect to .*database|could not translate|refused/i.test(result.stderr)) {
    return { kind: 'not-now', words, limit: false };
  }
  if (/too many|quota|maximum number/i.test(words)) return { kind: 'not-now', words, limit: true };
  return { kind: 'refused', words: words || `oarsub ended with exit code ${result.exitCode} and gave no job id` };
}

const jobSchema = v.object({
  state: v.string(),
  command: v.optional(v.nullable(v.string())),
  exit_code: v.optional(v.nullable(v.number())),
  message: v.optional(v.nullable(v.string())),
  scheduledStart: v.optional(v.nullable(v.number())),
  array_id: v.optional(v.number()),
  array_index: v.optional(v.number()),
  startTime: v.optional(v.nullable(v.number())),
  stopTime: v.optional(v.nullable(v.number())),
  walltime: v.optional(v.nullable(v.number())),
  assigned_resources: v.optional(v.array(v.unknown())),
  resubmit_job_id: v.optional(v.nullable(v.number())),
  events: v.optional(v.array(v.object({ type: v.string(), description: v.optional(v.nullable(v.string())) }))),
});
type OarJob = v.InferOutput<typeof jobSchema>;

/** With nothing to tell oarstat prints nothing at all. */
function jobsIn(result: CommandResult): Map<string, OarJob> | undefined {
  if (result.exitCode !== 0 || /error/i.test(result.stderr)) return undefined;
  if (result.stdout.trim() === '') return new Map();
  try {
    const jobs = v.safeParse(v.record(v.string(), jobSchema), JSON.parse(result.stdout));
    return jobs.success ? new Map(Object.entries(jobs.output)) : undefined;
  } catch {
    return undefined;
  }
}

/** Where the scheduler has made a place for it. */
function expectedStart({ state, scheduledStart }: OarJob): string {
  return state === 'Waiting' && scheduledStart ? localIso(new Date(scheduledStart * 1000)) : '';
}

/** Seconds since 1970, where the scheduler has made a place for it. */
const plannedStart = ({ scheduledStart }: OarJob) => scheduledStart || undefined;

function answerOf(job: OarJob): EngineAnswer | 'restarted' {
  const { state, message } = job;
  const events = new Set(job.events?.map(({ type }) => type));
  if (state === 'Hold') return { state: 'held', word: state };
  if (['Waiting', 'toLaunch', 'toAckReservation'].includes(state)) {
    const reason = /^(Cannot|No) .*/.exec(message ?? '')?.[0];
    return { state: 'queued', word: state, reason, expectedStart: plannedStart(job) };
  }
  if (events.has('RESUBMIT_JOB_AUTOMATICALLY')) return 'restarted';
  if (state === 'Terminated') {
    // A wait status: the exit code above, the signal below.
    const code = job.exit_code ?? 0;
    if (code === 0) return { state: 'COMPLETE', word: state, exitCode: 0 };
    const signal = code & 127;
    return { state: 'FAILED', word: state, ...(signal > 0 ? { signal: String(signal) } : { exitCode: code >> 8 }) };
  }
  if (state !== 'Error')
    return {
      state: /^(Launching|Running|Finishing|Suspended|Resuming|toError)$/.test(state) ? 'running' : 'unknown',
      word: state,
    };
  if (events.has('WALLTIME')) return { state: 'TIMEOUT', word: 'WALLTIME', reason: 'over its time limit' };
  if (events.has('BESTEFFORT_KILL'))
    return { state: 'PREEMPTED', word: 'BESTEFFORT_KILL', reason: 'preempted by another job' };
  for (const type of ['OUTPUT_FILES', 'WORKING_DIRECTORY']) {
    const event = job.events?.find((one) => one.type === type);
    if (event)
      return {
        state: 'FAILED',
        word: type,
        reason: `OAR could not start it: ${event.description?.replace(/^\[.*?\] /, '') ?? type}`,
      };
  }
  if (events.has('FRAG_JOB_REQUEST')) return { state: 'STOPPED', word: 'FRAG_JOB_REQUEST', reason: 'deleted in OAR' };
  return { state: 'FAILED', word: [...events].at(-1) ?? state, reason: 'OAR ended it with an error' };
}

/** A condition on a column for ids; of very many the range says it shorter, and what else is in it does no harm. */
function among(column: string, jobIds: readonly string[]): string {
  if (jobIds.length <= 5000) return `${column} IN (${jobIds.join(',')})`;
  const numbers = jobIds.map(Number);
  const [first, last] = numbers.reduce(([low, high], id) => [Math.min(low, id), Math.max(high, id)], [Infinity, 0]);
  return `${column} BETWEEN ${first} AND ${last}`;
}

/** A native option that says what cores and nodes are wanted, walltime apart. */
const hierarchy = /^(-l|--resource)\s+(?!\s|walltime=)/;

export const oar: BatchEngine = {
  names: ['oar', 'OARScheduler'],
  title: 'OAR',
  marker: '#OAR',
  detect: { command: 'oarsub' },
  idVariable: 'OAR_JOB_ID',
  task: { index: '"$OAR_ARRAY_INDEX"', jobId: '"$OAR_JOB_ID"' },
  // Of an idempotent job that has run for more than a minute, 99 has it started again.
  reservedExitCodes: [99],
  restart: { exitCode: 99 },
  warns: true,
  grace: 'OAR, which kills at once',
  // oarsub(1), OAR::Sub: read anywhere at the left margin, one option a line, its value the rest of the line, quotes and all.
  header: {
    line: /^#OAR\s+(.*)$/,
    anywhere: true,
    split: (text) =>
      /^--?[\w-]+=/.test(text)
        ? { kind: 'equals-sign', engine: 'OAR', value: /=.*$/.exec(text)?.[0] ?? '' }
        : /^-/.test(text)
          ? [text.trimEnd()]
          : { kind: 'no-dash', engine: 'OAR' },
    replaced: /^(-O|-E|-n|--stdout|--stderr|--name)\b/,
    array: /^--array/,
    directory: /^(?:-d|--directory)\s+(.+)$/,
    shell: undefined,
    without: withoutListed,
  },
  nativeOptions: {
    time: /^(-l|--resource)\s.*walltime=/,
    cpus: hierarchy,
    gpus: hierarchy,
    nodes: hierarchy,
    tasks: hierarchy,
    partition: /^(-q|--queue)\b/,
    account: /^--project\b/,
    constraint: /^(-p|--property)\b/,
    requeue: /^(-t|--type)\s+idempotent\b/,
    signal: /^--(checkpoint|signal)\b/,
    name: /^(-n|--name)\b/,
    after: /^(-a|--anterior)\b/,
    reserved: /^(-O|-E|--stdout|--stderr|--array|-S|--scanscript|-I|--interactive|-C|-d|--directory)\b/,
  },
  canWriteTo: (path) => fitForFileName.test(path),
  nameOf: (name) => name.replace(/['\n]/g, '_').slice(0, 100),
  directives: (job) => {
    const { own, natives } = allOptions(job);
    return [...own.map(([option, value]) => `${option} ${value}`), ...natives].map((option) => `#OAR ${option}`);
  },
  restartsGetNewIds: (job) =>
    isIdempotent(job.resources) || job.options.some((option) => /\bidempotent\b/.test(option)),
  submission(job) {
    // What stands for the script is a command line for a shell. With -S its first word is read for directives, quotes and all, which
    // fails for a path with a blank; so the directives' words go onto the command line, where they need no quotes.
    const { own, natives } = allOptions(job);
    const words = [...own.flat(), ...natives.flatMap(nativeWords), ...dependencyWords(oar, job)];
    return commandOf('oarsub', ...words, quoteCommand([job.script, `--submission=${job.token}`]));
  },
  readSubmission,
  // oarsub(1): "anterior", however it ends; several by several options.
  dependency: (after) => allJobs(after).flatMap((id) => ['-a', id]),
  // OAR 2.5.9 forgets the dependency of an array that has just one (add_micheline_simple_array_job in OAR/IO.pm).
  arrayWaits: (after) => allJobs(after).length > 1,
  taskPattern: () => undefined,
  find: [
    {
      command: () => commandOf('oarstat', '-J', '-f', '-u'),
      read(result) {
        const jobs = jobsIn(result);
        if (!jobs) return undefined;
        const found = [...jobs].flatMap(([id, { command, array_id, array_index = 1 }]) => {
          const [, token] = /--submission=(\w+)/.exec(command ?? '') ?? [];
          return token === undefined || array_index > 1 ? [] : [[token, String(array_id ?? id)] as const];
        });
        return new Map(found);
      },
    },
  ],
  polls: [
    {
      command: (jobIds) => commandOf('oarstat', '-J', '-f', '--sql', among('job_id', jobIds)),
      read(result) {
        const jobs = jobsIn(result);
        if (!jobs) return undefined;
        const known = [...jobs].flatMap(([id, job]) => {
          const answer = answerOf(job);
          return answer === 'restarted' ? [] : [[id, answer] as const];
        });
        return new Map(known);
      },
    },
    {
      command: (jobIds) => commandOf('oarstat', '-J', '-f', '--sql', among('resubmit_job_id', jobIds)),
      read(result) {
        const jobs = jobsIn(result);
        if (!jobs) return undefined;
        const known = [...jobs].map(([jobId, job]): [string, EngineAnswer] => {
          const answer = answerOf(job);
          const now = answer === 'restarted' ? ({ state: 'queued', word: 'restarted' } as const) : answer;
          return [String(job.resubmit_job_id), { ...now, jobId }];
        });
        return new Map(known);
      },
      optional: true,
    },
  ],
  details: [
    {
      command: (jobId) => commandOf('oarstat', '-J', '-f', '--sql', among('job_id', [jobId])),
      read(result) {
        const [job] = [...(jobsIn(result)?.values() ?? [])];
        if (!job) return result.exitCode === 0 ? [] : undefined;
        const events =
          job.events?.map(({ type, description }) => ['event', `${type}: ${description ?? ''}`] as const) ?? [];
        return [
          ['state in OAR', `${job.state}, ${job.message ?? ''}`],
          ['expected start', expectedStart(job)],
          ...events,
        ];
      },
    },
  ],
  cancel: (jobIds) => commandOf('oardel', ...jobIds),
  hold: (jobIds) => commandOf('oarhold', ...jobIds),
  release: (jobIds) => commandOf('oarresume', ...jobIds),
  requeue: () => undefined,
  isHarmless: ({ stderr }) => /already killed|not the right user/.test(stderr),
  queues: oarQueues,
  // It keeps no account of CPU and memory: of these the run's own record tells.
  usage: {
    optional: true,
    command: (jobIds) => commandOf('oarstat', '-J', '-f', '--sql', among('job_id', jobIds)),
    read(result) {
      const jobs = jobsIn(result);
      return (
        jobs &&
        new Map(
          [...jobs].map(
            ([id, { startTime, stopTime, walltime, assigned_resources: resources }]): [string, JobUsage] => [
              id,
              {
                seconds: startTime && stopTime ? stopTime - startTime : undefined,
                timeLimit: walltime ?? undefined,
                cpus: resources?.length || undefined,
              },
            ],
          ),
        )
      );
    },
  },
  limits: [],
};

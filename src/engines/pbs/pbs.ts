import mapValues from 'lodash/mapValues.js';
import partition from 'lodash/partition.js';
import uniq from 'lodash/uniq.js';
import * as v from 'valibot';
import { clockDuration } from '../../core/clock.js';
import type { EngineAnswer } from '../../store/index.js';
import {
  afterText,
  allJobs,
  askedArray,
  type BatchEngine,
  type CommandResult,
  commandOf,
  dependencyWords,
  type EngineCommand,
  firstWords,
  type JobDependencies,
  type JobRequest,
  type SubmitOutcome,
} from '../engine.js';
import { splitOptions, withoutListed } from '../header.js';
import { mebibytes, oneQueue, perNode, unsupported } from '../resources.js';
import { type JobUsage, printedBytes, printedSeconds } from '../usage.js';
import { pbsQueueLimits, pbsQueues } from './queues.js';

// qsub(1B), qstat(1B), qdel(1B) of OpenPBS 23.06, seen on a real one; of TORQUE, from its man pages (qsub.1B, qstat.1B of 2.4.16 and the
// administrator's guides 3.0 to 8.1): its jobs' states, arrays by -t, ended jobs in state C.

type Dialect = 'openpbs' | 'torque';

function options(job: JobRequest, dialect: Dialect): string[] {
  const { resources: r } = job;
  const title = dialect === 'openpbs' ? 'OpenPBS' : 'TORQUE';
  if (r.constraint !== undefined && dialect === 'openpbs') {
    unsupported(title, 'constraint', { kind: 'pbs-constraint' });
  }
  oneQueue(title, r);
  const output = dialect === 'openpbs' && job.stdout !== undefined;
  return [
    `-N ${job.name}`,
    // Only with `-k oed` does OpenPBS write to the files' own place, and while the job runs; TORQUE spools all output.
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

/** `select=2:ncpus=8:mpiprocs=2:ngpus=1:mem=8192mb`: what each of so many chunks has. */
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

/** The variable lists that natives have; the command line's `-v` takes the place of the script's, so all are put together there. */
const isVariables = (option: string) => /^-v\s/.test(option);

function submission(job: JobRequest, dialect: Dialect, waits: readonly string[]): EngineCommand {
  const given = (job.submit ?? []).flatMap((word, i, words) => (words[i - 1] === '-v' ? [word] : []));
  const natives = [...job.options.filter(isVariables).map((option) => option.replace(/^-v\s+/, '')), ...given];
  const variables = [...natives, `MLX_TOKEN=${job.token}`].join(',');
  // Without -f OpenPBS hands the job to a background process, which submits it though the client was killed.
  const direct = dialect === 'openpbs' ? ['-f'] : [];
  return commandOf('qsub', ...direct, '-v', variables, ...waits, job.script);
}

/**
 * What qsub(1B) takes for `-W depend=`. A task can't be waited for, an array only until all of it has ended: OpenPBS's `afterok` looks at
 * the task that ended last. TORQUE has a word of its own for arrays.
 */
function dependencyText(after: JobDependencies, dialect: Dialect): string {
  const [tasks, jobs] = partition(allJobs(after), (id) => id.includes('['));
  const arrays = uniq(tasks.map((id) => id.replace(/\[\d*\]/, '[]')));
  const { ok, any, fail: failed } = mapValues(after, (ids) => ids.filter((id) => jobs.includes(id)));
  if (dialect === 'openpbs') return afterText({ ok, any: [...any, ...arrays], fail: failed });
  return [afterText({ ok, any, fail: failed }), arrays.length === 0 ? '' : ['afteranyarray', ...arrays].join(':')]
    .filter((part) => part !== '')
    .join(',');
}

function readSubmission(result: CommandResult): SubmitOutcome {
  const [, jobId] = /^(\d+(?:\[\])?(?:\.\S+)?)$/m.exec(result.stdout.trim()) ?? [];
  if (result.exitCode === 0 && jobId !== undefined) return { kind: 'accepted', jobId };
  const words = firstWords(result, /^usage:|^Connection refused$/).replace(/^qsub: */, '');
  if (result.timedOut || result.exitCode === undefined)
    return { kind: 'unknown', words: words || 'qsub did not come back' };
  if (/cannot connect|Connection refused|Unknown Host/i.test(result.stderr))
    return { kind: 'not-now', words, limit: false };
  if (/would exceed|Maximum number of jobs|exceeds? .*per-user limit/i.test(words))
    return { kind: 'not-now', words, limit: true };
  return { kind: 'refused', words: words || `qsub ended with exit code ${result.exitCode} and gave no job id` };
}

const jobSchema = v.object({
  job_state: v.string(),
  substate: v.optional(v.number()),
  Exit_status: v.optional(v.number()),
  comment: v.optional(v.string()),
  Variable_List: v.optional(v.record(v.string(), v.unknown())),
});
type PbsJob = v.InferOutput<typeof jobSchema>;

function jobsInJson(result: CommandResult): Map<string, PbsJob> | undefined {
  // A whole document without jobs comes from a dead server, too; and where no history is kept that is said with exit code 0.
  if (result.exitCode !== 0 || /not configured to maintain job history/.test(result.stderr)) return undefined;
  try {
    const { Jobs = {} } = JSON.parse(result.stdout) as { Jobs?: Record<string, unknown> };
    const jobs = v.safeParse(v.record(v.string(), jobSchema), Jobs);
    return jobs.success ? new Map(Object.entries(jobs.output)) : undefined;
  } catch {
    return undefined;
  }
}

/** What jobs used and asked for: resources_used and Resource_List of `qstat -f`. */
function readUsage({ exitCode, stdout, stderr }: CommandResult): Map<string, JobUsage> | undefined {
  if (exitCode !== 0 && !/Unknown Job Id/.test(stderr)) return undefined;
  const blocks = stdout
    .replace(/\n\t/g, '')
    .split(/^Job Id: /m)
    .slice(1);
  return new Map(
    blocks.map((block): [string, JobUsage] => {
      const field = (name: string) => new RegExp(`^ +${name.replace('.', '\\.')} = (.*)$`, 'mi').exec(block)?.[1] ?? '';
      return [
        (block.split('\n')[0] ?? '').trim(),
        {
          seconds: printedSeconds(field('resources_used.walltime')),
          timeLimit: printedSeconds(field('Resource_List.walltime')),
          cpuSeconds: printedSeconds(field('resources_used.cput')),
          cpus: Number(field('Resource_List.ncpus')) || undefined,
          peakMemory: printedBytes(field('resources_used.mem')),
          memory: printedBytes(field('Resource_List.mem')),
          gpus: Number(field('Resource_List.ngpus')) || undefined,
        },
      ];
    }),
  );
}

/** The full form of `qstat -f` as text; names of attributes differ in case between the dialects, and lines are folded. */
function jobsInText(result: CommandResult): Map<string, PbsJob> | undefined {
  if (result.exitCode !== 0 && !/Unknown Job Id/.test(result.stderr)) return undefined;
  const text = result.stdout.replace(/\n\t/g, '');
  const jobs = text
    .split(/^Job Id: /m)
    .slice(1)
    .flatMap((block): [string, PbsJob][] => {
      const field = (name: string) => new RegExp(`^ +${name} = (.*)$`, 'mi').exec(block)?.[1];
      const state = field('job_state');
      const exit = field('exit_status');
      const token = /MLX_TOKEN=(\w+)/.exec(field('Variable_List') ?? '')?.[1];
      if (state === undefined) return [];
      const job: PbsJob = {
        job_state: state,
        ...(exit !== undefined && { Exit_status: Number(exit) }),
        ...(field('comment') !== undefined && { comment: field('comment') ?? '' }),
        ...(token !== undefined && { Variable_List: { MLX_TOKEN: token } }),
      };
      return [[(block.split('\n')[0] ?? '').trim(), job]];
    });
  return new Map(jobs);
}

function answerOf(job: PbsJob, dialect: Dialect): EngineAnswer {
  const { job_state: state, comment } = job;
  const stuck = /^Can Never Run|too many failed attempts/i.test(comment ?? '');
  switch (state) {
    case 'Q':
    case 'W':
    case 'T':
    case 'M':
      return { state: 'queued', word: state, reason: comment, stuck };
    case 'H':
      return { state: 'held', word: state, reason: comment, stuck };
    case 'R':
    case 'E':
    case 'B':
    case 'S':
    case 'U':
      return { state: 'running', word: state };
    case 'F':
    case 'X':
    case 'C':
      return endOf(job, dialect);
    default:
      return { state: 'unknown', word: state };
  }
}

/** Exit codes below 0 are made by PBS itself: pbs_job.h; those of TORQUE by its administrator's guide. */
const madeByPbs: Readonly<Record<Dialect, Readonly<Record<number, [EngineAnswer['state'], string]>>>> = {
  openpbs: {
    [-29]: ['TIMEOUT', 'over its time limit'],
    [-27]: ['FAILED', 'out of memory'],
    [-4]: ['FAILED', 'its node was restarted'],
    [-3]: ['FAILED', 'PBS could not start it'],
    [-2]: ['FAILED', 'PBS could not start it (is there a home directory on the node?)'],
  },
  torque: {
    [-11]: ['TIMEOUT', 'over its time limit'],
    [-10]: ['FAILED', 'out of memory'],
    [-9]: ['FAILED', 'its output files could not be opened'],
    [-3]: ['FAILED', 'TORQUE could not start it'],
  },
};

function endOf({ job_state: state, substate, Exit_status: exit, comment }: PbsJob, dialect: Dialect): EngineAnswer {
  // An array's tasks lose their exit code while the array lives; then their state is known, how they ended is not.
  if (exit === undefined && state === 'X') return { state: 'gone', word: state };
  if (exit === undefined) return { state: 'STOPPED', word: state, reason: 'deleted in PBS before it started' };
  const [known, reason] = madeByPbs[dialect][exit] ?? [];
  if (known !== undefined) return { state: known, word: `exit status ${exit}`, reason };
  if (substate === 91 || /terminated by/.test(comment ?? ''))
    return { state: 'STOPPED', word: String(substate ?? state), reason: 'deleted in PBS' };
  if (exit >= 256) return { state: 'FAILED', word: `exit status ${exit}`, signal: String(exit - 256) };
  return { state: exit === 0 ? 'COMPLETE' : 'FAILED', word: `exit status ${exit}`, exitCode: exit };
}

/** Keys of jobs as they were told at submission: `133[2].pbs` for a task. */
function answers(
  jobs: ReadonlyMap<string, PbsJob> | undefined,
  dialect: Dialect,
): Map<string, EngineAnswer> | undefined {
  return jobs && new Map([...jobs].map(([id, job]) => [id, answerOf(job, dialect)]));
}

function found(jobs: ReadonlyMap<string, PbsJob> | undefined): Map<string, string> | undefined {
  if (!jobs) return undefined;
  const ended = new Set(['F', 'X', 'C']);
  const tokens = [...jobs].flatMap(([id, { Variable_List, job_state }]) => {
    const token = Variable_List?.['MLX_TOKEN'];
    return token === undefined || ended.has(job_state) || /\[\d+\]/.test(id) ? [] : [[String(token), id] as const];
  });
  return new Map(tokens);
}

function engineOf(dialect: Dialect): BatchEngine {
  const openpbs = dialect === 'openpbs';

  return {
    names: openpbs ? ['pbs', 'openpbs', 'PBSScheduler'] : ['torque'],
    title: openpbs ? 'OpenPBS' : 'TORQUE',
    marker: '#PBS',
    detect: {
      command: 'qsub',
      probe: { argv: ['qsub', '--version'], says: openpbs ? /pbs_version|PBS_?Pro/i : /^Version: \d|TORQUE/i },
    },
    idVariable: 'PBS_JOBID',
    task: { index: openpbs ? '"$PBS_ARRAY_INDEX"' : '"$PBS_ARRAYID"', jobId: '"$PBS_JOBID"' },
    reservedExitCodes: [],
    grace: "the queue's kill_delay",
    // qsub(1B): read up to the first line that is neither empty nor a comment, indented too; no comments behind options.
    header: {
      line: /^\s*#PBS\s*(-.*)$/,
      anywhere: false,
      split: (text) => splitOptions(text, { comments: false, values: 1, engine: 'PBS' }),
      replaced: /^-(o|e|j|k|N)\b/,
      array: /^-(J|t)\b/,
      directory: /^-[dw]\s+(.+)$/,
      shell: /^-S\s+(\S+)$/,
      without: withoutListed,
    },
    nativeOptions: {
      time: /^-l\s.*\bwalltime=/,
      cpus: /^-l\s.*\b(select|ncpus|nodes|ppn)=/,
      gpus: /^-l\s.*\b(select|ngpus|gpus)=/,
      mem: /^-l\s.*\b(select|p?mem|p?vmem)=/,
      nodes: /^-l\s.*\b(select|nodes)=/,
      tasks: /^-l\s.*\b(select|mpiprocs|ppn)=/,
      partition: /^-q\b/,
      account: /^-A\b/,
      constraint: /^-l\s.*\bnodes=/,
      requeue: /^-r\b/,
      name: /^-N\b/,
      after: /^-W\s.*\bdepend=/,
      reserved: /^-(o|e|j|k|J|t|z|I|C|f|d|w)\b/,
    },
    // A colon parts host and path; a newline ends a directive; a backslash and quotes are its own.
    canWriteTo: (path) => openpbs && !/[:"\\\n]/.test(path),
    nameOf: (name) => name.replace(/[^A-Za-z0-9._+-]/g, '.').slice(0, openpbs ? 230 : 15),
    directives: (job) =>
      [...options(job, dialect), ...job.options.filter((option) => !isVariables(option))].map(
        (option) => `#PBS ${option}`,
      ),
    restartsGetNewIds: () => false,
    submission: (job) => submission(job, dialect, dependencyWords(engineOf(dialect), job)),
    readSubmission,
    dependency: (after) => ['-W', `depend=${dependencyText(after, dialect)}`],
    taskPattern: (jobId) => jobId.replace('[]', '[{task}]'),
    find: openpbs
      ? [{ command: () => commandOf('qstat', '-f', '-F', 'json'), read: (result) => found(jobsInJson(result)) }]
      : [{ command: () => commandOf('qstat', '-f'), read: (result) => found(jobsInText(result)) }],
    // Named ids cost a connection each, of which a host has some 500 a minute: all jobs at once are cheaper.
    polls: openpbs
      ? [
          {
            command: () => commandOf('qstat', '-x', '-t', '-f', '-F', 'json'),
            read: (result) => answers(jobsInJson(result), dialect),
            optional: true,
          },
          {
            command: () => commandOf('qstat', '-t', '-f', '-F', 'json'),
            read: (result) => answers(jobsInJson(result), dialect),
          },
        ]
      : [{ command: () => commandOf('qstat', '-f', '-t'), read: (result) => answers(jobsInText(result), dialect) }],
    details: [
      {
        command: (jobId) => (openpbs ? commandOf('qstat', '-x', '-f', '-w', jobId) : commandOf('qstat', '-f', jobId)),
        read(result) {
          const [job] = [...(jobsInText(result)?.values() ?? [])];
          if (!job) return result.exitCode === 0 ? [] : undefined;
          return [
            [
              'state in PBS',
              `${job.job_state}${job.Exit_status === undefined ? '' : `, exit status ${job.Exit_status}`}`,
            ],
            ['comment', job.comment ?? ''],
          ];
        },
      },
    ],
    cancel: (jobIds) => (jobIds.length === 0 ? undefined : commandOf('qdel', ...jobIds)),
    hold: (jobIds) => commandOf('qhold', ...jobIds),
    release: (jobIds) => commandOf('qrls', ...jobIds),
    requeue: (jobIds) => commandOf('qrerun', ...jobIds),
    isHarmless: ({ stderr }) => /Job has finished|Unknown Job Id|Request invalid for state/.test(stderr),
    queues: pbsQueues,
    usage: {
      optional: true,
      command: () => (openpbs ? commandOf('qstat', '-x', '-t', '-f') : commandOf('qstat', '-f', '-t')),
      read: readUsage,
    },
    limits: openpbs
      ? [
          pbsQueueLimits,
          {
            command: () => commandOf('qstat', '-B', '-f', '-w'),
            read({ exitCode, stdout }) {
              const [, tasks] = /max_array_size = (\d+)/.exec(stdout) ?? [];
              return exitCode === 0 && tasks !== undefined ? { arrayTasks: Number(tasks) } : undefined;
            },
          },
        ]
      : [],
  };
}

export const pbs = engineOf('openpbs');
export const torque = engineOf('torque');

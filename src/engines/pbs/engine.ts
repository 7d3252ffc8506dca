import mapValues from 'lodash/mapValues.js';
import partition from 'lodash/partition.js';
import uniq from 'lodash/uniq.js';
import { anyJob } from '../asked-jobs.js';
import type {
  BatchEngine,
  CommandResult,
  EngineCommand,
  JobDependencies,
  JobRequest,
  SubmitOutcome,
} from '../engine.js';
import { splitOptions, withoutListed } from '../header.js';
import { afterText, allJobs, commandOf, dependencyWords } from '../request.js';
import { reasonText, saysTooManyJobs, type Wording } from '../words.js';
import { type Dialect, isVariables, pbsDirectives, pbsResources } from './directives.js';
import { pbsLimits, pbsQueues } from './queues.js';
import { pbsServers } from './servers.js';
import { jobsInJson, jobsInText, type PbsJob, pbsPolls, seenOf } from './states.js';
import { pbsUsage } from './usage.js';

// qsub(1B), qstat(1B), qdel(1B) of OpenPBS 23.06, seen on a real one. TORQUE by its man pages (qsub.1B,
// qstat.1B of 2.4.16 and the administrator's guides 3.0 to 8.1): its arrays are asked for by -t, and its
// ended jobs are in state C.

function submission(job: JobRequest, dialect: Dialect, waits: readonly string[]): EngineCommand {
  const given = (job.submit ?? []).flatMap((word, i, words) => (words[i - 1] === '-v' ? [word] : []));
  const natives = [...job.options.filter(isVariables).map((option) => option.replace(/^-v\s+/, '')), ...given];
  const variables = [...natives, `MLX_TOKEN=${job.token}`].join(',');
  // Without -f OpenPBS hands the job to a background process, which submits it even if the client is killed.
  const direct = dialect === 'openpbs' ? ['-f'] : [];
  return commandOf('qsub', ...direct, '-v', variables, ...waits, ...umaskWords(job), job.script);
}

/**
 * PBS starts jobs with umask 077, so that nobody else could read what it and the run write. The run sets the
 * umask of its launch itself; this is for the output files, which PBS makes.
 */
function umaskWords({ umask, options, submit = ['qsub'] }: JobRequest): string[] {
  const isGiven = [...options, ...submit].some((word) => /\bumask=/.test(word));
  return umask === undefined || isGiven ? [] : ['-W', `umask=${umask}`];
}

/**
 * Returns the value of `-W depend=`: qsub(1B). A job can't wait for a task, and can wait for an array only
 * until all of it has ended: OpenPBS's `afterok` looks only at the task that ended last. TORQUE has a
 * separate word for arrays.
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

const wording: Wording = { noise: /^Connection refused$/, usage: /^usage:/i, prefix: /^qsub: */ };

/**
 * Limits on the number of jobs, as OpenPBS 23.06 (max_queued, queued_jobs_threshold, max_run) and TORQUE
 * (max_user_queuable, max_queuable) word them.
 */
const jobLimits =
  /would exceed|Maximum number of (?:\w+ )?jobs|exceeds? .*per-user limit|exceeds the (?:queue|server) limit/i;

function readSubmission(result: CommandResult): SubmitOutcome {
  const [, jobId] = /^(\d+(?:\[\])?(?:\.\S+)?)$/m.exec(result.stdout.trim()) ?? [];
  if (result.exitCode === 0 && jobId !== undefined) return { kind: 'accepted', jobId };
  const words = reasonText(result, wording);
  if (result.timedOut || result.exitCode === undefined)
    return { kind: 'unknown', words: words || 'qsub did not come back' };
  if (/cannot connect|Connection refused|Unknown Host/i.test(result.stderr))
    return { kind: 'not-now', words, limit: false };
  if (jobLimits.test(words) || saysTooManyJobs(words)) return { kind: 'not-now', words, limit: true };
  return { kind: 'refused', words: words || `qsub ended with exit code ${result.exitCode} and gave no job id` };
}

/** Returns the ids of jobs that have not ended, by token. */
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
      probe: { argv: ['qstat', '--version'], says: openpbs ? /pbs_version|PBS_?Pro/i : /^Version: \d|TORQUE/i },
    },
    idVariable: 'PBS_JOBID',
    task: { index: openpbs ? '"$PBS_ARRAY_INDEX"' : '"$PBS_ARRAYID"', jobId: '"$PBS_JOBID"' },
    reservedExitCodes: [],
    grace: "the queue's kill_delay",
    // qsub(1B): directives may be indented and end at the first line that is neither empty nor a comment. No
    // comment may follow an option.
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
    resources: pbsResources[dialect],
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
    // Of printable ASCII alone, seen on a real one: `illegal -e value`. A colon separates host and path. A
    // backslash and quotes have a meaning of their own.
    canWriteTo: (path) => openpbs && /^[ -~]*$/.test(path) && !/[:"\\]/.test(path),
    nameOf: (name) => name.replace(/[^A-Za-z0-9._+-]/g, '.').slice(0, openpbs ? 230 : 15),
    directives: (job) => pbsDirectives(job, dialect),
    restartsGetNewIds: () => false,
    submission: (job) => submission(job, dialect, dependencyWords(engineOf(dialect), job)),
    readSubmission,
    dependency: (after) => ['-W', `depend=${dependencyText(after, dialect)}`],
    // qsub(1B) of OpenPBS: `cannot submit non-rerunable Array Job`.
    limitsArrays: ({ requeue }) => !openpbs || requeue !== false,
    taskPattern: (jobId) => jobId.replace('[]', '[{task}]'),
    clusters: pbsServers(dialect),
    find: openpbs
      ? [{ command: () => commandOf('qstat', '-f', '-F', 'json'), read: (result) => found(jobsInJson(result)) }]
      : [{ command: () => commandOf('qstat', '-f'), read: (result) => found(jobsInText(result)) }],
    polls: pbsPolls(dialect),
    details: [
      {
        command: (jobId) => (openpbs ? commandOf('qstat', '-x', '-f', '-w', jobId) : commandOf('qstat', '-f', jobId)),
        read(result, jobId, jobs = anyJob) {
          const [job] = [...(jobsInText(result)?.values() ?? [])];
          if (!job) return result.exitCode === 0 ? [] : undefined;
          if (!jobs.isOurs(jobId, seenOf(job))) return [];
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
    // qrls(1B): a job that failed to start too often has a hold of the server's. Only an operator lifts it;
    // others are told so.
    clear: (jobIds) => commandOf('qrls', '-h', 's', ...jobIds),
    isHarmless: ({ stderr }) => /Job has finished|Unknown Job Id|Request invalid for state/.test(stderr),
    queues: pbsQueues,
    usage: pbsUsage(dialect),
    limits: openpbs ? pbsLimits : [],
  };
}

export const pbs = engineOf('openpbs');
export const torque = engineOf('torque');

import type { BatchEngine, CommandResult, SubmitOutcome } from '../engine.js';
import { splitOptions, wholeOption } from '../header.js';
import { afterText, dependencyWords } from '../request.js';
import { reasonLines, saysTooManyJobs } from '../words.js';
import { slurmClusters, slurmCommand, userNumber } from './command.js';
import { slurmDetails } from './details.js';
import { fitsDirective, slurmDirectives, slurmOptions, slurmResources } from './directives.js';
import { slurmLimits, slurmPositions, slurmQueues } from './queues.js';
import { slurmPolls } from './states.js';
import { slurmUsage } from './usage.js';
import { slurmVerification } from './verify.js';
import { retrying, slurmWording } from './wording.js';

// sbatch(1), squeue(1), sacct(1), scancel(1), scontrol(1), sinfo(1) of Slurm 22.05; the error messages were
// seen on a real cluster.

const passing =
  /Unable to contact|connect failure|temporarily un|Resource temporarily|authentication|munge|Slurm controller not|in use|shutting down|backup controller/i;

/**
 * Limits on the number of jobs, which time mends: MaxJobCount of slurm.conf(5), and those of QOS and
 * associations by the names of their reasons (job_reason_codes of squeue(1)).
 */
const jobLimits =
  /temporarily un|Resource temporarily|job queue full|(?:QOS|Assoc)\w*(?:MaxSubmit|GrpSubmit|MaxJobs|GrpJobs)|MaxSubmitJob/i;
/** Any limit of a QOS or association. Its name stands in an earlier line, except with some versions. */
const policy = /Job violates accounting\/QOS policy/i;
/**
 * The name of a limit on what one job may ask for, which no waiting mends: `QOSMaxWallDurationPerJobLimit`.
 */
const jobSize = /\b(?:QOS|Assoc)(?:Max|Min|Grp)\w+/;

function readSubmission(result: CommandResult): SubmitOutcome {
  const [, jobId, cluster] = /^(\d+)(?:;(\S+))?$/m.exec(result.stdout.trim()) ?? [];
  const endedWhileRetrying = result.exitCode === undefined && !result.timedOut && retrying.test(result.stderr);
  if ((result.exitCode === 0 || endedWhileRetrying) && jobId !== undefined) return { kind: 'accepted', jobId, cluster };
  const lines = reasonLines(result, slurmWording);
  const words = lines.join('; ').replace(/, sleeping and retrying$/, '');
  if (endedWhileRetrying) return { kind: 'not-now', words, limit: true };
  const last = lines.at(-1) ?? '';
  if (result.timedOut || result.exitCode === undefined || /timed out|Zero Bytes|Unexpected message/i.test(last)) {
    return { kind: 'unknown', words: words || 'sbatch did not come back' };
  }
  const isLimit = jobLimits.test(words) || saysTooManyJobs(words) || (policy.test(words) && !jobSize.test(words));
  if (isLimit) return { kind: 'not-now', words, limit: true };
  if (passing.test(result.stderr)) return { kind: 'not-now', words, limit: false };
  return { kind: 'refused', words: words || `sbatch ended with exit code ${result.exitCode} and gave no job id` };
}

/** Reads job ids by token: `--submission=TOKEN` follows the script in the job's command, `%o`. */
function readFound(result: CommandResult): Map<string, string> | undefined {
  if (result.exitCode !== 0) return undefined;
  const found = [...result.stdout.matchAll(/^(\d+)\|.*--submission=(\w+)/gm)];
  return new Map(found.map(([, jobId = '', token = '']) => [token, jobId]));
}

export const slurm: BatchEngine = {
  names: ['slurm', 'SLURMScheduler'],
  title: 'Slurm',
  marker: '#SBATCH',
  detect: { command: 'sbatch' },
  idVariable: 'SLURM_JOB_ID',
  // A task's own SLURM_JOB_ID is unrelated to the array's id, except that the last task has the array's id.
  task: { index: '"$SLURM_ARRAY_TASK_ID"', jobId: '"$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID"' },
  reservedExitCodes: [],
  // scontrol(1): the owner may requeue a job, also from inside, and also while Slurm ends it at its time
  // limit.
  restart: { command: ['scontrol', 'requeue'] },
  warns: true,
  grace: 'KillWait of the site, and GraceTime of the partition',
  // sbatch(1): directives end at the first line that is neither empty nor a comment; ` #` begins a comment.
  // The value of a short option may follow it directly. Some long options begin like others (`--time-min`).
  header: {
    line: /^#SBATCH\s+(.*)$/,
    anywhere: false,
    split: (text) => splitOptions(text, { comments: true, values: 1, engine: 'Slurm' }),
    replaced: /^(-[oeJ]|--(output|error|job-name|open-mode)(?![\w-]))/,
    array: /^(-a|--array(?![\w-]))/,
    directory: /^(?:-D\s*|--chdir[=\s]\s*)(.+)$/,
    shell: undefined,
    without: wholeOption,
  },
  resources: slurmResources,
  nativeOptions: {
    time: /^(-t|--time(?![\w-]))/,
    cpus: /^(-c|--cpus-per-task)/,
    gpus: /^(-G|--gpus|--gres[= ]gpu)/,
    mem: /^--mem(-per-[cg]pu)?(?![\w-])/,
    partition: /^(-p|--partition)/,
    nodes: /^(-N|--nodes(?![\w-]))/,
    tasks: /^(-n|--ntasks(?![\w-]))/,
    account: /^(-A|--account)/,
    constraint: /^(-C|--constraint)/,
    exclude: /^(-x|--exclude(?![\w-]))/,
    requeue: /^--(no-)?requeue/,
    signal: /^--signal/,
    name: /^(-J|--job-name)/,
    after: /^(--dependency|-d)\b/,
    reserved: /^(-[oeaW]|--(output|error|array|wrap|wait|parsable|test-only|open-mode)(?![\w-]))/,
  },
  // A newline or a quote can't stand in a directive, and a backslash changes how the rest is read.
  canWriteTo: (path) => fitsDirective(path),
  nameOf: (name) => name.replaceAll('\n', ' '),
  directives: slurmDirectives,
  restartsGetNewIds: () => false,
  submission(job) {
    const words = slurmOptions(job).flatMap(([option, value]) => (fitsDirective(value) ? [] : `${option}=${value}`));
    const submit = slurmCommand(
      'sbatch',
      '--parsable',
      ...words,
      ...dependencyWords(slurm, job),
      job.script,
      `--submission=${job.token}`,
    );
    return { ...submit, endAt: retrying };
  },
  readSubmission,
  verify: slurmVerification,
  // sbatch(1). Without the second option a job that can never start would stay in the queue for ever.
  dependency: (after) => [`--dependency=${afterText(after)}`, '--kill-on-invalid-dep=yes'],
  limitsArrays: () => true,
  taskPattern: (jobId) => `${jobId}_{task}`,
  clusters: slurmClusters,
  find: [
    {
      command: () => slurmCommand('squeue', '-h', '-t', 'all', '-u', userNumber(), '-o', '%F|%o'),
      read: readFound,
    },
  ],
  polls: slurmPolls,
  details: slurmDetails,
  usage: slurmUsage,
  places: slurmPositions,
  cancel: (jobIds) => slurmCommand('scancel', ...jobIds),
  hold: (jobIds) => slurmCommand('scontrol', 'hold', jobIds.join(',')),
  release: (jobIds) => slurmCommand('scontrol', 'release', jobIds.join(',')),
  requeue: (jobIds) => slurmCommand('scontrol', 'requeue', jobIds.join(',')),
  isHarmless: ({ stderr }) =>
    /already (finished|completing)|Invalid job id/i.test(stderr) && !/timed out|Unable to contact/.test(stderr),
  queues: slurmQueues,
  limits: slurmLimits,
};
